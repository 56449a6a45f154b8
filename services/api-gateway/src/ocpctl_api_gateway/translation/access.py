"""Where the public protobuf of identities meets the domain."""

import json
from datetime import datetime

from ocpctl.internal.v1 import identity_service_pb2 as identity_pb
from ocpctl.internal.v1 import request_service_pb2 as request_pb
from ocpctl.v1 import access_service_pb2 as access_pb
from ocpctl.v1 import auth_service_pb2 as auth_pb
from ocpctl.v1 import types_pb2
from ocpctl_common.access import ADMIN, ALL, REQUESTER, TEAM, Grant, RoleMapping, principal_arn
from ocpctl_common.errors import FieldProblem, InvalidRequest, NotFound
from ocpctl_common.ids import MAPPING_ID
from ocpctl_common.profiles.policy import LABEL, LABEL_RULE
from ocpctl_common.store.queries.sessions import SessionView
from ocpctl_common.sts.proof import LoginProof

from ocpctl_api_gateway.identity.sessions import Opened
from ocpctl_api_gateway.principal import Principal
from ocpctl_api_gateway.translation.times import timestamp

MOST_HOURS = 24 * 366


def proof(request: auth_pb.CreateSessionRequest) -> LoginProof:
    """The fields of a signed GetCallerIdentity."""
    return LoginProof(
        access_key_id=request.access_key_id,
        region=request.region,
        amz_date=request.amz_date,
        session_token=request.session_token,
        nonce=request.nonce,
        signature=request.signature,
    )


def opened(session: Opened) -> auth_pb.CreateSessionResponse:
    """A new session; in a browser the token is in the cookie only."""
    return auth_pb.CreateSessionResponse(
        session_id=session.id,
        token="" if session.csrf_token else session.token,
        expire_time=timestamp(session.expires_at),
        principal_arn=session.principal_arn,
        csrf_token=session.csrf_token,
    )


def extended(session: Opened, *, cookie: bool) -> auth_pb.CreateSessionResponse:
    """An extended session; a browser keeps its CSRF token, and its new token is in the cookie only."""
    return auth_pb.CreateSessionResponse(
        session_id=session.id,
        token="" if cookie else session.token,
        expire_time=timestamp(session.expires_at),
        principal_arn=session.principal_arn,
    )


def session(view: SessionView) -> auth_pb.Session:
    """An open session."""
    return auth_pb.Session(
        id=view.id,
        principal_arn=view.principal_arn,
        session_name=view.session_name,
        create_time=timestamp(view.created_at),
        expire_time=timestamp(view.expires_at),
    )


def me(caller: Principal) -> auth_pb.Me:
    """The caller."""
    return auth_pb.Me(
        principal_arn=caller.arn,
        session_name=caller.claims.session_name,
        session_id=caller.claims.session_id,
        grants=map(_grant, caller.grants),
    )


def _grant(grant: Grant) -> auth_pb.Grant:
    return auth_pb.Grant(role=_role(grant.role), team=grant.team, all_teams=grant.all_teams)


def mapping(row: RoleMapping) -> access_pb.RbacMapping:
    """A mapping as people see it."""
    return access_pb.RbacMapping(
        id=row.id,
        iam_principal_arn=row.iam_principal_arn,
        account_id=row.account_id,
        unique_id=row.unique_id or "",
        team=row.team,
        role=_role(row.role),
        all_teams=row.scope == ALL,
        enabled=row.enabled,
        expire_time=timestamp(row.expires_at),
        create_time=timestamp(row.created_at),
        created_by=row.created_by,
    )


def stored_mapping(document: str) -> access_pb.RbacMapping:
    """A mapping as the scheduler has stored it with its key."""
    raw = json.loads(document)
    ends = raw["expires_at"] and datetime.fromisoformat(raw["expires_at"])
    return mapping(RoleMapping(**raw | {"expires_at": ends, "created_at": datetime.fromisoformat(raw["created_at"])}))


def new_mapping(
    request: access_pb.CreateRbacMappingRequest, context: request_pb.RequestContext
) -> identity_pb.CreateMappingRequest:
    """A role to give. Raises InvalidRequest."""
    arn, account = principal_arn(request.iam_principal_arn)
    role = types_pb2.Role.Value.Name(request.role).lower()
    _check(
        {
            "team": _team_problem(request.team),
            "role": "" if request.role else "is required",
            "allTeams": "must be false for REQUESTER" if role == REQUESTER and request.all_teams else "",
            "expiresInHours": _hours_problem(request.expires_in_hours),
        }
    )
    scope = ALL if request.all_teams or role == ADMIN else TEAM
    return identity_pb.CreateMappingRequest(
        context=context,
        iam_principal_arn=arn,
        account_id=account,
        team=request.team,
        role=role,
        scope=scope,
        expires_in_hours=request.expires_in_hours,
    )


def mapping_change(
    request: access_pb.UpdateRbacMappingRequest, context: request_pb.RequestContext
) -> identity_pb.UpdateMappingRequest:
    """What to change. Raises InvalidRequest, NotFound."""
    _check({"expiresInHours": _hours_problem(request.expires_in_hours)})
    return identity_pb.UpdateMappingRequest(
        context=context,
        mapping_id=mapping_id(request.mapping_id),
        enabled=request.enabled if request.HasField("enabled") else None,
        expires_in_hours=request.expires_in_hours if request.HasField("expires_in_hours") else None,
        forget_unique_id=request.forget_unique_id,
    )


def mapping_id(text: str) -> str:
    """An id of the right form. Raises NotFound."""
    if not MAPPING_ID.fullmatch(text):
        raise NotFound("there is no such mapping; ids look like map_ and 26 characters")
    return text


def _team_problem(team: str) -> str:
    return "" if LABEL.fullmatch(team) else LABEL_RULE


def _hours_problem(hours: int) -> str:
    return "" if 0 <= hours <= MOST_HOURS else f"must be 0 (no end) to {MOST_HOURS}"


def _check(rules: dict[str, str]) -> None:
    problems = [FieldProblem(field=f, description=r, reason="MAPPING_INVALID") for f, r in rules.items() if r]
    if problems:
        raise InvalidRequest("; ".join(f"{p.field} {p.description}" for p in problems), problems=problems)


def _role(word: str) -> types_pb2.Role.Value.ValueType:
    return types_pb2.Role.Value.Value(word.upper())
