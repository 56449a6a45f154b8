"""Jobs that the caller may see, and NotFound for all others."""

from collections.abc import Sequence
from dataclasses import dataclass

from ocpctl.v1 import job_service_pb2 as pb
from ocpctl_common.errors import NotFound
from ocpctl_common.ids import JOB_ID
from ocpctl_common.store.engine import Database, autocommit
from ocpctl_common.store.queries import attempts, details, job_logs, lists
from ocpctl_common.store.queries.attempts import AttemptView
from ocpctl_common.store.queries.details import JobView
from ocpctl_common.store.queries.job_logs import LogLineView

from ocpctl_api_gateway.principal import Principal
from ocpctl_api_gateway.reads import listing
from ocpctl_api_gateway.reads.paging import Page, PageRequest
from ocpctl_api_gateway.reads.visibility import is_hidden
from ocpctl_api_gateway.scheduler_client import SchedulerClient

MAX_ATTEMPTS = 100  # a destroy that is blocked for weeks has many
CHUNK_LINES = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class LogChunk:
    """Lines of a job's log. `job_status` was read before the lines."""

    job_status: str
    lines: Sequence[LogLineView]

    @property
    def is_full(self) -> bool:
        """Whether more lines may be stored already."""
        return len(self.lines) == CHUNK_LINES


@dataclass(frozen=True, slots=True)
class JobReads:
    """Raises NotFound, Unavailable."""

    engine: Database
    scheduler: SchedulerClient

    def job(self, caller: Principal, job_id: str) -> JobView:
        """Raises NotFound also for a job of another team."""
        if not JOB_ID.fullmatch(job_id):
            raise NotFound("there is no such job; ids look like job_ and 26 characters")
        with autocommit(self.engine) as tx:
            found = details.job(tx, job_id)
        if found is None or is_hidden(self.scheduler, caller, team=found.team, cluster_id=found.cluster_id):
            raise NotFound(f"there is no job {job_id}")
        return found

    def attempts(self, job: JobView) -> list[AttemptView]:
        """The newest attempts of a job, the oldest of them first."""
        with autocommit(self.engine) as tx:
            return attempts.of_job(tx, job.id, limit=MAX_ATTEMPTS)

    def page(self, caller: Principal, request: pb.ListJobsRequest) -> Page[JobView]:
        """The newest jobs first."""
        asked = PageRequest.of(caller.arn, request)
        wanted = listing.jobs(caller, request, asked.after)
        with autocommit(self.engine) as tx:
            return asked.cut(lists.jobs(tx, wanted, limit=asked.fetch))

    def before_tail(self, job_id: str, *, after: int, tail: int) -> int:
        """The number that the last `tail` lines of a log follow; at least `after`."""
        with autocommit(self.engine) as tx:
            return job_logs.before_tail(tx, job_id, after=after, tail=tail)

    def log_chunk(self, job_id: str, *, after: int) -> LogChunk:
        """The next lines. The status is read first: a job that had ended by then writes no more lines."""
        with autocommit(self.engine) as tx:
            status = details.job_status(tx, job_id)
            return LogChunk(job_status=status, lines=job_logs.lines(tx, job_id, after=after, limit=CHUNK_LINES))
