"""ocpctl.v1.AuthService: signing in, and the sessions that follow."""

import grpc
from ocpctl.internal.v1 import identity_service_pb2 as identity_pb
from ocpctl.v1 import auth_service_pb2 as pb
from ocpctl.v1.auth_service_pb2_grpc import AuthServiceServicer
from ocpctl_common.errors import NotFound, NotPermitted
from ocpctl_common.ids import SESSION_ID

from ocpctl_api_gateway import rbac
from ocpctl_api_gateway.identity.authentication import Authentication
from ocpctl_api_gateway.identity.session_issuer import IssuedSession, SessionIssuer, drop_cookie, set_cookie
from ocpctl_api_gateway.principal import Principal
from ocpctl_api_gateway.reads.identity_reads import IdentityReads
from ocpctl_api_gateway.servicers.answers import NO_STORE, REPLAYED
from ocpctl_api_gateway.translation import commands, session_messages, times

CURRENT = "current"


class AuthServicer(AuthServiceServicer):
    """`sts_regions` are the regions whose STS a sign-in may be signed for."""

    def __init__(
        self, authentication: Authentication, reads: IdentityReads, issuer: SessionIssuer, sts_regions: tuple[str, ...]
    ) -> None:
        self._authentication = authentication
        self._reads = reads
        self._issuer = issuer
        self._sts_regions = sts_regions

    def BeginLogin(self, request: pb.BeginLoginRequest, context: grpc.ServicerContext) -> pb.BeginLoginResponse:
        nonce, expires_at = self._issuer.nonce()
        context.send_initial_metadata((NO_STORE,))
        return pb.BeginLoginResponse(
            nonce=nonce,
            audience=self._issuer.audience,
            regions=self._sts_regions,
            expire_time=times.timestamp(expires_at),
        )

    def CreateSession(
        self, request: pb.CreateSessionRequest, context: grpc.ServicerContext
    ) -> pb.CreateSessionResponse:
        with self._authentication.anonymous("CreateSession"):
            opened = self._issuer.open(session_messages.proof(request), cookie=request.cookie)
        self._send_headers(context, opened, cookie=request.cookie)
        return session_messages.opened(opened)

    def ListSessions(self, request: pb.ListSessionsRequest, context: grpc.ServicerContext) -> pb.ListSessionsResponse:
        with self._authentication.authorize(context, "ListSessions") as caller:
            if request.all_principals and not rbac.sees_all_teams(caller):
                raise NotPermitted("allPrincipals needs a role for all teams")
            page = self._reads.sessions(caller, request)
            sessions = map(session_messages.session, page.rows)
            return pb.ListSessionsResponse(sessions=sessions, next_page_token=page.next_token)

    def ExtendSession(
        self, request: pb.ExtendSessionRequest, context: grpc.ServicerContext
    ) -> pb.CreateSessionResponse:
        with self._authentication.authorize(context, "ExtendSession") as caller:
            claims = caller.claims
            if not claims.session_id or request.session_id not in (CURRENT, claims.session_id):
                raise NotFound("only the session of this call can be extended: name `current`")
            extended = self._issuer.extend(claims)
        self._send_headers(context, extended, cookie=bool(claims.csrf))
        return session_messages.extended(extended, cookie=bool(claims.csrf))

    def RevokeSession(
        self, request: pb.RevokeSessionRequest, context: grpc.ServicerContext
    ) -> pb.RevokeSessionResponse:
        with self._authentication.authorize(context, "RevokeSession") as caller:
            session_id = _session_id(request.session_id, caller)
            named = pb.RevokeSessionRequest(session_id=session_id)  # `current` is another session for each caller
            command_context = commands.command_context(caller, context, named)
            owner = "" if rbac.is_admin(caller) else caller.arn
            command = identity_pb.RevokeSessionRequest(context=command_context, session_id=session_id, owner=owner)
            answer = self._issuer.scheduler.revoke_session(command)
        replayed = (REPLAYED,) if answer.replayed else ()
        own = session_id == caller.claims.session_id and caller.claims.csrf
        context.send_initial_metadata((*replayed, *((("set-cookie", drop_cookie()),) if own else ())))
        return pb.RevokeSessionResponse(session_id=session_id)

    def GetMe(self, request: pb.GetMeRequest, context: grpc.ServicerContext) -> pb.Me:
        with self._authentication.authorize(context, "GetMe") as caller:
            return session_messages.me(caller)

    def GetKeys(self, request: pb.GetKeysRequest, context: grpc.ServicerContext) -> pb.KeySet:
        return pb.KeySet(keys=[pb.Key(**key) for key in self._issuer.keys.public()])

    def _send_headers(self, context: grpc.ServicerContext, session: IssuedSession, *, cookie: bool) -> None:
        """A token is never cached; a browser gets it in a cookie."""
        cookies = (("set-cookie", set_cookie(session, self._issuer.clock())),) if cookie else ()
        context.send_initial_metadata((NO_STORE, *cookies))


def _session_id(name: str, caller: Principal) -> str:
    """The id of the session that the caller names, perhaps as `current`. Raises NotFound."""
    session_id = caller.claims.session_id if name == CURRENT else name
    if not SESSION_ID.fullmatch(session_id):
        raise NotFound("there is no such session; ids look like ses_ and 26 characters")
    return session_id
