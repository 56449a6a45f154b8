"""Leases, queues, runners, orphans and states without an owner in protobuf."""

from dataclasses import asdict

from ocpctl.v1 import admin_service_pb2 as admin_pb
from ocpctl.v1 import types_pb2
from ocpctl_common.store.queries.invariants import MEANINGS, Breach
from ocpctl_common.store.queries.operations import LockView, QueueView, RunnerView
from ocpctl_common.store.queries.orphans import OrphanView

from ocpctl_api_gateway.translation.times import timestamp


def lock(view: LockView) -> admin_pb.Lock:
    return admin_pb.Lock(
        cluster_id=view.cluster_id,
        cluster_name=view.cluster_name,
        job_id=view.job_id,
        job_type=types_pb2.JobType.Value.Value(view.job_type),
        attempt_id=view.attempt_id,
        runner_id=view.runner_id,
        fence=view.fence,
        lock_time=timestamp(view.locked_at),
        renew_time=timestamp(view.renewed_at),
        expire_time=timestamp(view.expires_at),
        expired=view.expired,
    )


def queue(view: QueueView) -> admin_pb.Queue:
    """The fields of the message have the names of the view's fields."""
    return admin_pb.Queue(**asdict(view))


def runner(view: RunnerView) -> admin_pb.Runner:
    return admin_pb.Runner(
        id=view.id,
        instance_id=view.instance_id,
        slots=view.slots,
        busy=view.busy,
        start_time=timestamp(view.first_seen_at),
        seen_time=timestamp(view.seen_at),
        alive=view.alive,
        locks=view.locks,
    )


def state_without_owner(breach: Breach) -> admin_pb.StateWithoutOwner:
    return admin_pb.StateWithoutOwner(
        invariant=breach.invariant,
        meaning=MEANINGS[breach.invariant],
        cluster_id=breach.cluster_id,
        found=breach.found,
    )


def orphan(view: OrphanView) -> admin_pb.Orphan:
    return admin_pb.Orphan(
        resource_arn=view.resource_arn,
        infra_id=view.infra_id,
        resource_type=view.resource_type,
        account_id=view.account_id,
        region=view.region,
        first_seen_time=timestamp(view.created_at),
        last_seen_time=timestamp(view.last_seen_at),
        resolved_time=timestamp(view.resolved_at),
    )
