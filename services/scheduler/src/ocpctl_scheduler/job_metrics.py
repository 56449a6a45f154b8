"""The scheduler's metrics, fed from outside the decisions."""

from collections.abc import Iterable, Sequence
from functools import partial

import structlog
from ocpctl_common.errors import Unavailable
from ocpctl_common.lifecycle.states import JobStatus
from ocpctl_common.lifecycle.transitions import JOB_TRANSITIONS, decide
from ocpctl_common.store import outbox
from ocpctl_common.store.engine import Database, transaction
from ocpctl_common.telemetry import metrics

from ocpctl_scheduler.lease_acquire import Granted, NotGranted
from ocpctl_scheduler.lease_complete import JobEnd

log = structlog.get_logger()


class JobMetrics:
    """Counts verdicts and ends of attempts in the process's Prometheus registry."""

    def acquired(self, verdict: Granted | NotGranted) -> None:
        """A runner asked for a lease."""
        if isinstance(verdict, NotGranted):
            metrics.lock_acquisition_failures.labels(reason=verdict.reason).inc()
            return
        job, attempt = verdict.job, verdict.attempt
        keys = {"cluster_id": job.cluster_id, "job_id": job.id, "attempt_id": attempt.id, "fence": attempt.fence}
        log.info("granted", job_type=job.job_type, mode=attempt.mode, correlation_id=job.correlation_id, **keys)

    def ended(self, end: JobEnd) -> None:
        """A runner reported."""
        status = decide(JOB_TRANSITIONS, end.event, JobStatus.RUNNING)
        metrics.jobs_total.labels(type=end.job_type, status=status).inc()
        metrics.job_duration.labels(type=end.job_type, status=status).observe(end.seconds)

    def incident(self, cluster_id: str, attempt_id: str, found: Sequence[str]) -> None:
        """Post-destroy verification found what was proven gone."""
        metrics.remains_found.inc()
        log.error("remains found", cluster_id=cluster_id, attempt_id=attempt_id, found=list(found))

    def taken_over(self, end: JobEnd) -> None:
        """The janitor freed a dead lease."""
        metrics.lease_losses.labels(reason="TAKEN_OVER").inc()
        self.ended(end)


def watch_outbox(engine: Database, destinations: Iterable[str]) -> None:
    """Makes the age of each destination's oldest message readable at every scrape; NaN while the database is away."""
    for name in destinations:
        metrics.outbox_oldest.labels(destination=name).set_function(partial(_age, engine, name))


def _age(engine: Database, destination: str) -> float:
    try:
        with transaction(engine) as tx:
            return outbox.oldest_unpublished_seconds(tx, destination)
    except Unavailable:
        return float("nan")
