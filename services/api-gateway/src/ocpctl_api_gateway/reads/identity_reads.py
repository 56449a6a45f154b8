"""Open sessions and role bindings."""

from dataclasses import dataclass

from ocpctl.v1 import access_service_pb2 as access_pb
from ocpctl.v1 import auth_service_pb2 as auth_pb
from ocpctl_common.access import RoleMapping
from ocpctl_common.store.engine import Database, autocommit
from ocpctl_common.store.queries import mappings, sessions
from ocpctl_common.store.queries.sessions import SessionView

from ocpctl_api_gateway.principal import Principal
from ocpctl_api_gateway.reads import paging
from ocpctl_api_gateway.reads.paging import Page, PageRequest


@dataclass(frozen=True, slots=True)
class IdentityReads:
    """Raises Unavailable."""

    engine: Database

    def sessions(self, caller: Principal, request: auth_pb.ListSessionsRequest) -> Page[SessionView]:
        """Open sessions of the caller, or of everybody."""
        owner = "" if request.all_principals else caller.arn
        asked = PageRequest.of(caller.arn, request)
        with autocommit(self.engine) as tx:
            found = sessions.page(tx, owner=owner, before=paging.row_id(asked.after), limit=asked.fetch)
        return asked.cut(found)

    def role_bindings(self, caller: Principal, request: access_pb.ListRbacMappingsRequest) -> Page[RoleMapping]:
        """The newest role bindings first."""
        asked = PageRequest.of(caller.arn, request)
        with autocommit(self.engine) as tx:
            return asked.cut(mappings.page(tx, before=paging.row_id(asked.after), limit=asked.fetch))
