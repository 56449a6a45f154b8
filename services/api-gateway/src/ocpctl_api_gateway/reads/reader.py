"""Reads for the gateway: what a caller may see, and 404 for everything else."""

from ocpctl_common.errors import NotFound, WrongState
from ocpctl_common.ids import CLUSTER_ID, JOB_ID
from ocpctl_common.requests import Accepted, RequestKey
from ocpctl_common.store.engine import Database, autocommit
from ocpctl_common.store.queries import attempts, details, lists, outputs
from ocpctl_common.store.queries.attempts import AttemptView
from ocpctl_common.store.queries.details import ClusterView, JobView
from ocpctl_common.store.queries.lists import ClusterFilter, EventView, JobFilter
from ocpctl_common.store.rows import Outputs

from ocpctl_api_gateway import rbac
from ocpctl_api_gateway.principal import Principal
from ocpctl_api_gateway.scheduler_port import SchedulerPort

MOST_ATTEMPTS = 100  # a destroy that is blocked for weeks has many


class Reader:
    """SELECTs with the caller's eyes. Raises NotFound, Unavailable. Who asks for what others own is audited."""

    def __init__(self, engine: Database, scheduler: SchedulerPort) -> None:
        self._engine = engine
        self._scheduler = scheduler

    def cluster(self, caller: Principal, cluster_id: str) -> ClusterView:
        """One cluster."""
        if not CLUSTER_ID.fullmatch(cluster_id):
            raise NotFound("there is no such cluster; ids look like clu_ and 26 characters")
        with autocommit(self._engine) as tx:
            found = details.cluster(tx, cluster_id)
        if found is None or self._is_hidden(caller, found.team, found.id):
            raise NotFound(f"there is no cluster {cluster_id}")
        return found

    def accepted_create(self, request: RequestKey) -> Accepted | None:
        """What exactly this create was answered before."""
        with autocommit(self._engine) as tx:
            return details.accepted_create(tx, request)

    def clusters(self, wanted: ClusterFilter, *, most: int) -> list[ClusterView]:
        """A page."""
        with autocommit(self._engine) as tx:
            return lists.clusters(tx, wanted, most=most)

    def jobs(self, wanted: JobFilter, *, most: int) -> list[JobView]:
        """A page."""
        with autocommit(self._engine) as tx:
            return lists.jobs(tx, wanted, most=most)

    def events(self, cluster: ClusterView, *, after: int, most: int) -> list[EventView]:
        """A page."""
        with autocommit(self._engine) as tx:
            return lists.events(tx, cluster.id, after=after, most=most)

    def job(self, caller: Principal, job_id: str) -> JobView:
        """One job."""
        if not JOB_ID.fullmatch(job_id):
            raise NotFound("there is no such job; ids look like job_ and 26 characters")
        with autocommit(self._engine) as tx:
            found = details.job(tx, job_id)
        if found is None or self._is_hidden(caller, found.team, found.cluster_id):
            raise NotFound(f"there is no job {job_id}")
        return found

    def attempts(self, job: JobView) -> list[AttemptView]:
        """The newest runs of a job, oldest first."""
        with autocommit(self._engine) as tx:
            return attempts.of_job(tx, job.id, most=MOST_ATTEMPTS)

    def outputs(self, cluster: ClusterView) -> Outputs:
        """The outputs of a READY cluster. Raises WrongState."""
        if cluster.status not in ("READY", "SCALING"):
            raise WrongState(
                f"outputs exist while a cluster is READY; this one is {cluster.status}", reason="NOT_READY"
            )
        with autocommit(self._engine) as tx:
            found = outputs.get(tx, cluster.id)
        if found is None:
            raise NotFound(f"cluster {cluster.id} has no outputs")
        return found

    def receipts(self, cluster: ClusterView) -> list[str]:
        """The receipts of a DESTROYED cluster. Raises WrongState."""
        if cluster.status != "DESTROYED":
            raise WrongState(f"a receipt exists when a cluster is DESTROYED; this one is {cluster.status}")
        with autocommit(self._engine) as tx:
            return details.receipts(tx, cluster.id)

    def _is_hidden(self, caller: Principal, team: str, cluster_id: str) -> bool:
        """For the caller it does not exist; its cluster's audit tells that somebody asked."""
        if rbac.sees(caller, team):
            return False
        self._scheduler.audit_hidden(caller, cluster_id)
        return True
