"""Sessions: the protobuf of requests and answers, and the values of the domain."""

from ocpctl.v1 import auth_service_pb2 as auth_pb
from ocpctl.v1 import types_pb2
from ocpctl_common.access import Grant
from ocpctl_common.store.queries.sessions import SessionView
from ocpctl_common.sts.proof import LoginProof

from ocpctl_api_gateway.identity.session_issuer import IssuedSession
from ocpctl_api_gateway.principal import Principal
from ocpctl_api_gateway.translation.times import timestamp


def proof(request: auth_pb.CreateSessionRequest) -> LoginProof:
    """The parts of a signed GetCallerIdentity request."""
    return LoginProof(
        access_key_id=request.access_key_id,
        region=request.region,
        amz_date=request.amz_date,
        session_token=request.session_token,
        nonce=request.nonce,
        signature=request.signature,
    )


def opened(session: IssuedSession) -> auth_pb.CreateSessionResponse:
    """A new session. A browser gets the token in its cookie only."""
    return auth_pb.CreateSessionResponse(
        session_id=session.id,
        token="" if session.csrf_token else session.token,
        expire_time=timestamp(session.expires_at),
        principal_arn=session.principal_arn,
        csrf_token=session.csrf_token,
    )


def extended(session: IssuedSession, *, cookie: bool) -> auth_pb.CreateSessionResponse:
    """An extended session. A browser keeps its CSRF token and gets the new token in its cookie only."""
    return auth_pb.CreateSessionResponse(
        session_id=session.id,
        token="" if cookie else session.token,
        expire_time=timestamp(session.expires_at),
        principal_arn=session.principal_arn,
    )


def session(view: SessionView) -> auth_pb.Session:
    return auth_pb.Session(
        id=view.id,
        principal_arn=view.principal_arn,
        session_name=view.session_name,
        create_time=timestamp(view.created_at),
        expire_time=timestamp(view.expires_at),
    )


def me(caller: Principal) -> auth_pb.Me:
    return auth_pb.Me(
        principal_arn=caller.arn,
        session_name=caller.claims.session_name,
        session_id=caller.claims.session_id,
        grants=map(_grant, caller.grants),
    )


def _grant(grant: Grant) -> auth_pb.Grant:
    return auth_pb.Grant(role=role_enum(grant.role), team=grant.team, all_teams=grant.all_teams)


def role_enum(role: str) -> types_pb2.Role.Value.ValueType:
    """The enum value of a role of the domain."""
    return types_pb2.Role.Value.Value(role.upper())
