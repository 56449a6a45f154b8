"""Clusters that the caller may see, and NotFound for all others."""

from dataclasses import dataclass

from ocpctl.v1 import cluster_service_pb2 as pb
from ocpctl_common.errors import NotFound, WrongState
from ocpctl_common.ids import CLUSTER_ID
from ocpctl_common.requests import Accepted, RequestKey
from ocpctl_common.store.engine import Database, autocommit
from ocpctl_common.store.queries import details, lists, outputs
from ocpctl_common.store.queries.details import ClusterView
from ocpctl_common.store.queries.lists import EventView
from ocpctl_common.store.rows import Outputs

from ocpctl_api_gateway.principal import Principal
from ocpctl_api_gateway.reads import listing, paging
from ocpctl_api_gateway.reads.paging import Page, PageRequest
from ocpctl_api_gateway.reads.visibility import is_hidden
from ocpctl_api_gateway.scheduler_client import SchedulerClient


@dataclass(frozen=True, slots=True)
class ClusterReads:
    """Raises NotFound, Unavailable."""

    engine: Database
    scheduler: SchedulerClient

    def cluster(self, caller: Principal, cluster_id: str) -> ClusterView:
        """Raises NotFound also for a cluster of another team."""
        if not CLUSTER_ID.fullmatch(cluster_id):
            raise NotFound("there is no such cluster; ids look like clu_ and 26 characters")
        with autocommit(self.engine) as tx:
            found = details.cluster(tx, cluster_id)
        if found is None or is_hidden(self.scheduler, caller, team=found.team, cluster_id=found.id):
            raise NotFound(f"there is no cluster {cluster_id}")
        return found

    def accepted_create(self, request: RequestKey) -> Accepted | None:
        """The first answer to exactly this create."""
        with autocommit(self.engine) as tx:
            return details.accepted_create(tx, request)

    def page(self, caller: Principal, request: pb.ListClustersRequest) -> Page[ClusterView]:
        """The newest clusters first."""
        asked = PageRequest.of(caller.arn, request)
        wanted = listing.clusters(caller, request, asked.after)
        if wanted is None:
            return Page(rows=(), next_token="")
        with autocommit(self.engine) as tx:
            return asked.cut(lists.clusters(tx, wanted, limit=asked.fetch))

    def events(self, caller: Principal, request: pb.ListClusterEventsRequest) -> Page[EventView]:
        """The oldest events first. There is always a next token, because events may follow."""
        cluster = self.cluster(caller, request.cluster_id)
        asked = PageRequest.of(caller.arn, request)
        after = paging.number(asked.after)
        with autocommit(self.engine) as tx:
            found = lists.events(tx, cluster.id, after=after, limit=asked.limit)
        token = asked.token_after(found[-1].created_at, found[-1].id) if found else asked.token
        return Page(rows=found, next_token=token)

    def outputs(self, cluster: ClusterView) -> Outputs:
        """Raises WrongState for a cluster that is not READY."""
        if cluster.status not in ("READY", "SCALING"):
            raise WrongState(
                f"outputs exist while a cluster is READY; this one is {cluster.status}", reason="NOT_READY"
            )
        with autocommit(self.engine) as tx:
            found = outputs.get(tx, cluster.id)
        if found is None:
            raise NotFound(f"cluster {cluster.id} has no outputs")
        return found

    def receipts(self, cluster: ClusterView) -> list[str]:
        """Raises WrongState for a cluster that is not DESTROYED."""
        if cluster.status != "DESTROYED":
            raise WrongState(f"a receipt exists when a cluster is DESTROYED; this one is {cluster.status}")
        with autocommit(self.engine) as tx:
            return details.receipts(tx, cluster.id)
