"""What the scheduler does for clusters between create and proof, and what its own loops do."""

from typing import Any

import psycopg
from ocpctl.internal.v1 import lease_service_pb2 as lease_pb
from ocpctl.internal.v1 import sweep_service_pb2 as sweep_pb
from ocpctl_common.ids import ClusterId, JobId
from ocpctl_common.rpc.client import call
from ocpctl_common.store import attempts, concurrency_limits, jobs
from ocpctl_common.store.concurrency_limits import ConcurrencyPool
from ocpctl_common.store.engine import transaction
from ocpctl_common.store.queries import invariants
from ocpctl_scheduler.pruning import Pruning, kinds

from tests.integration.protocol import ACCOUNT, Protocol

# For one cluster: as `Protocol.later`, which would change every row of history.
A_DAY_LATER = """
WITH leases AS (UPDATE job_locks SET locked_at = locked_at - interval '1 day',
                  renewed_at = renewed_at - interval '1 day', expires_at = expires_at - interval '1 day'
                WHERE cluster_id = %(cluster)s)
UPDATE attempts SET verified_at = verified_at - interval '1 day', resweep_due_at = resweep_due_at - interval '1 day'
WHERE cluster_id = %(cluster)s
"""


def play(protocol: Protocol) -> None:
    """Some clusters that live and end in every way."""
    protocol.check_create("checked")
    grant = protocol.ready("one")
    protocol.create("two", key="again")
    protocol.create("two", key="again")
    protocol.extend(grant.cluster_id)
    scaling = protocol.acquire(protocol.scale(grant.cluster_id).job_id, account=ACCOUNT).grant
    protocol.heartbeat(scaling)
    protocol.report(scaling, "SUCCEEDED")
    protocol.keep_alive(protocol.create("three", keepalive_seconds=600).cluster_id)
    _end(protocol, grant)
    _bad_days(protocol)
    _loops(protocol)


def _end(protocol: Protocol, made: lease_pb.Grant) -> None:
    """Something is found again after the proof."""
    destroy = protocol.acquire(protocol.destroy(made.cluster_id).job_id).grant
    _tell(protocol, destroy)
    protocol.verified(destroy, made.attempt_id)
    protocol.report(destroy, "SUCCEEDED")
    for found in ((), ("vpc",)):
        _a_day_later(protocol, made.cluster_id)
        protocol.sweep(made.cluster_id)
        [(job,)] = protocol.sql(
            "SELECT id FROM jobs WHERE cluster_id = %s AND status = 'PENDING' ORDER BY id DESC LIMIT 1", made.cluster_id
        )
        look = protocol.acquire(job).grant
        protocol.verify_again(look, made.attempt_id, *found)
        protocol.report(look, "SUCCEEDED" if not found else "FAILED")


def _a_day_later(protocol: Protocol, cluster: str) -> None:
    with psycopg.connect(protocol.database.url("postgres"), autocommit=True) as connection:
        connection.execute(A_DAY_LATER, {"cluster": cluster})


def _tell(protocol: Protocol, grant: lease_pb.Grant) -> None:
    who: dict[str, Any] = {"cluster_id": grant.cluster_id, "fence": grant.fence, "runner_id": "runner-1"}
    who |= {"attempt_id": grant.attempt_id}
    kept = {"artifact_type": "DESTROY_LOG", "s3_uri": "s3://b/k", "version_id": "v", "sha256": "ab", "size_bytes": 1}
    call(protocol.leases.Progress, lease_pb.ProgressRequest(**who, sequence=1, stage="api"), timeout=10)
    call(protocol.leases.AppendLog, lease_pb.AppendLogRequest(**who, first_number=1, lines=["one"]), timeout=10)
    call(protocol.leases.Snapshot, lease_pb.SnapshotRequest(**who | kept, sequence=1), timeout=10)


def _bad_days(protocol: Protocol) -> None:
    """A runner that is lost, a cloud that throttles, a destroy that cannot go on."""
    lost = protocol.granted("four")
    _a_day_later(protocol, lost.cluster_id)
    protocol.take_over(lost)
    protocol.expire(lost.cluster_id)
    protocol.cancel(lost.cluster_id)
    busy = protocol.acquire(protocol.create("five").job_id, account=ACCOUNT).grant
    protocol.authorize(busy)
    protocol.report(busy, "FAILED", "THROTTLED")
    destroy = protocol.acquire(protocol.destroy(busy.cluster_id).job_id).grant
    protocol.report(destroy, "FAILED", "DEPENDENCY")
    protocol.retry_destroy(busy.cluster_id)


def _loops(protocol: Protocol) -> None:
    protocol.announce("runner-1", "00000000-0000-0000-0000-000000000001")
    protocol.relay.run_once()
    call(protocol.sweeps.SampleUsage, sweep_pb.SampleUsageRequest(interval_seconds=300), timeout=20)
    _small_ones(protocol)


def _small_ones(protocol: Protocol) -> None:
    """What takes a special day to be asked, asked without one."""
    [(job_id, cluster_id)] = protocol.sql("SELECT id, cluster_id FROM jobs ORDER BY id DESC LIMIT 1")
    cluster, pool = ClusterId(cluster_id), ConcurrencyPool(account_id=ACCOUNT, region="us-east-1", installs=True)
    with transaction(protocol.engine) as tx:
        invariants.breaches_of(tx, cluster)
        jobs.create_cancelled(tx, cluster)
        jobs.last(tx, cluster)
        jobs.set_blocker(tx, JobId(job_id), "")
        attempts.not_ended(tx, cluster)
        concurrency_limits.load(tx, pool)
        concurrency_limits.next_waiting(tx, pool)
    Pruning(protocol.engine, kinds(log_days=7, sample_days=40)).run_once()
