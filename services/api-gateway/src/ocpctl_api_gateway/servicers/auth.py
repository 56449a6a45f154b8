"""ocpctl.v1.AuthService: each method translates and delegates."""

from dataclasses import dataclass

import grpc
from ocpctl.internal.v1 import identity_service_pb2 as identity_pb
from ocpctl.v1 import auth_service_pb2 as pb
from ocpctl.v1.auth_service_pb2_grpc import AuthServiceServicer
from ocpctl_common.errors import NotFound, NotPermitted
from ocpctl_common.ids import SESSION_ID
from ocpctl_common.store.engine import Database, autocommit
from ocpctl_common.store.queries import sessions as session_rows

from ocpctl_api_gateway import rbac
from ocpctl_api_gateway.identity.door import Door
from ocpctl_api_gateway.identity.sessions import Sessions, drop_cookie, set_cookie
from ocpctl_api_gateway.principal import Principal, idempotency_key
from ocpctl_api_gateway.reads import paging
from ocpctl_api_gateway.scheduler_port import request_context
from ocpctl_api_gateway.servicers import answers
from ocpctl_api_gateway.translation import access, times, wishes

NO_STORE = ("cache-control", "no-store")
CURRENT = "current"


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthPorts:
    """What the servicer needs. `regions` are those whose STS may be signed for."""

    door: Door
    engine: Database
    sessions: Sessions
    regions: tuple[str, ...]


class AuthServicer(AuthServiceServicer):
    """Signing in, and what follows."""

    def __init__(self, ports: AuthPorts) -> None:
        self._ports = ports

    def BeginLogin(self, request: pb.BeginLoginRequest, context: grpc.ServicerContext) -> pb.BeginLoginResponse:
        """See the proto."""
        nonce, ends = self._ports.sessions.nonce()
        context.send_initial_metadata((NO_STORE,))
        return pb.BeginLoginResponse(
            nonce=nonce,
            audience=self._ports.sessions.audience,
            regions=self._ports.regions,
            expire_time=times.timestamp(ends),
        )

    def CreateSession(
        self, request: pb.CreateSessionRequest, context: grpc.ServicerContext
    ) -> pb.CreateSessionResponse:
        """See the proto."""
        with self._ports.door.greet("CreateSession"):
            opened = self._ports.sessions.open(access.proof(request), cookie=request.cookie)
        cookie = (("set-cookie", set_cookie(opened, self._ports.sessions.clock())),) if request.cookie else ()
        context.send_initial_metadata((NO_STORE, *cookie))
        return access.opened(opened)

    def ListSessions(self, request: pb.ListSessionsRequest, context: grpc.ServicerContext) -> pb.ListSessionsResponse:
        """See the proto."""
        with self._ports.door.enter(context, "ListSessions") as caller:
            if request.all_principals and not rbac.sees_all_teams(caller):
                raise NotPermitted("allPrincipals needs a role for all teams")
            owner = "" if request.all_principals else caller.arn
            most, binding = paging.size(request.page_size), paging.binding(caller.arn, request)
            before = paging.row_id(paging.decode(request.page_token, binding))
            with autocommit(self._ports.engine) as tx:
                found = session_rows.page(tx, owner=owner, before=before, most=most + 1)
            page, more = paging.cut(found, most, binding)
            return pb.ListSessionsResponse(sessions=map(access.session, page), next_page_token=more)

    def ExtendSession(
        self, request: pb.ExtendSessionRequest, context: grpc.ServicerContext
    ) -> pb.CreateSessionResponse:
        """See the proto."""
        with self._ports.door.enter(context, "ExtendSession") as caller:
            claims = caller.claims
            if not claims.session_id or request.session_id not in (CURRENT, claims.session_id):
                raise NotFound("only the session of this call can be extended: name `current`")
            extended = self._ports.sessions.extend(claims)
        cookie = (("set-cookie", set_cookie(extended, self._ports.sessions.clock())),) if claims.csrf else ()
        context.send_initial_metadata((NO_STORE, *cookie))
        return access.extended(extended, cookie=bool(claims.csrf))

    def RevokeSession(
        self, request: pb.RevokeSessionRequest, context: grpc.ServicerContext
    ) -> pb.RevokeSessionResponse:
        """See the proto."""
        with self._ports.door.enter(context, "RevokeSession") as caller:
            session_id = _named(request.session_id, caller)
            named = pb.RevokeSessionRequest(session_id=session_id)  # `current` is another session for each caller
            asked = request_context(caller, idempotency_key(context), wishes.request_hash(named))
            owner = "" if rbac.is_admin(caller) else caller.arn
            wish = identity_pb.RevokeSessionRequest(context=asked, session_id=session_id, owner=owner)
            answer = self._ports.sessions.scheduler.revoke_session(wish)
        replayed = (answers.REPLAYED,) if answer.replayed else ()
        own = session_id == caller.claims.session_id and caller.claims.csrf
        context.send_initial_metadata((*replayed, *((("set-cookie", drop_cookie()),) if own else ())))
        return pb.RevokeSessionResponse(session_id=session_id)

    def GetMe(self, request: pb.GetMeRequest, context: grpc.ServicerContext) -> pb.Me:
        """See the proto."""
        with self._ports.door.enter(context, "GetMe") as caller:
            return access.me(caller)

    def GetKeys(self, request: pb.GetKeysRequest, context: grpc.ServicerContext) -> pb.KeySet:
        """See the proto."""
        return pb.KeySet(keys=[pb.Key(**key) for key in self._ports.sessions.keys.public()])


def _named(word: str, caller: Principal) -> str:
    """The session that is meant. Raises NotFound."""
    session_id = caller.claims.session_id if word == CURRENT else word
    if not SESSION_ID.fullmatch(session_id):
        raise NotFound("there is no such session; ids look like ses_ and 26 characters")
    return session_id
