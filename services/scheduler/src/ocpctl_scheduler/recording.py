"""What is recorded beside the lifecycle: usage, orphans, log lines, audit events. Nothing here changes a status."""

import structlog
from ocpctl_common.store import attempts, history, job_logs, leases, orphans, usage
from ocpctl_common.store.engine import Database, Transaction, transaction
from ocpctl_common.store.job_logs import LogLines
from ocpctl_common.store.orphans import FoundOrphan
from ocpctl_common.store.usage import Sampled

from ocpctl_scheduler.actors import JANITOR
from ocpctl_scheduler.lease_renew import Holder, lock_running

log = structlog.get_logger()


def sample_usage(engine: Database, *, seconds: int) -> Sampled:
    """Samples what clusters cost since the last time, one hour at most. Two janitors at once write nothing twice."""
    with transaction(engine) as tx:
        return usage.sample(tx, seconds=seconds)


def append_log(engine: Database, holder: Holder, added: LogLines) -> None:
    """Adds lines of the running attempt's log. Lines that are stored already are skipped. Raises Fenced, Refused."""
    with transaction(engine) as tx:
        lock_running(tx, holder, added.attempt_id)
        job_logs.append(tx, attempts.get(tx, holder.cluster_id, added.attempt_id), added)


def record_orphans(
    engine: Database,
    *,
    account_id: str,
    region: str,
    found: list[FoundOrphan],
    complete: bool,
    apart_seconds: float,
) -> tuple[int, int]:
    """How many finds are new, and how many orphans of the region are open now. Nothing is ever deleted for them."""
    with transaction(engine) as tx:
        fresh = orphans.record(tx, account_id=account_id, region=region, found=found) if found else 0
        if complete:
            still = [one.resource_arn for one in found]
            orphans.miss(tx, account_id=account_id, region=region, still=still, apart_seconds=apart_seconds)
        if fresh:
            _audit_orphans(tx, f"{fresh} in {account_id} {region}")
            log.error("orphans found", fresh=fresh, account_id=account_id, region=region)
        return fresh, orphans.count_open(tx, account_id=account_id, region=region)


def _audit_orphans(tx: Transaction, where: str) -> None:
    event = history.new_event(actor=JANITOR, action="ORPHANS_FOUND", correlation_id="janitor-orphans", reason=where)
    history.audit(tx, event)


def record_audit(engine: Database, event: history.AuditEvent) -> None:
    """Appends an event that belongs to no change of a status. The lease row of its cluster serialises the chain."""
    with transaction(engine) as tx:
        if event.target_cluster_id is not None:
            leases.lock(tx, event.target_cluster_id)
        history.audit(tx, event)
