"""The scheduler over real gRPC and a real database, in the hands of a test: short verbs, real answers."""

import hashlib
import json
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import grpc
import psycopg
from ocpctl.internal.v1 import lease_service_pb2 as lease_pb
from ocpctl.internal.v1 import request_service_pb2 as request_pb
from ocpctl.internal.v1 import sweep_service_pb2 as sweep_pb
from ocpctl.internal.v1.lease_service_pb2_grpc import LeaseServiceStub
from ocpctl.internal.v1.request_service_pb2_grpc import RequestServiceStub
from ocpctl.internal.v1.sweep_service_pb2_grpc import SweepServiceStub
from ocpctl_common.lifecycle.pools import Pool
from ocpctl_common.rpc.client import call, channel
from ocpctl_common.rpc.peers import GATEWAY, JANITOR, RUNNER, SCHEDULER
from ocpctl_common.rpc.server import Port, RunningServer
from ocpctl_common.store.engine import make_engine
from ocpctl_common.store.outbox import Envelope
from ocpctl_scheduler.relay import Relay, job_routes
from ocpctl_scheduler.rules import LeaseRules
from ocpctl_scheduler.wiring import serve_grpc
from sqlalchemy import Engine

from tests import specs
from tests.conftest import Database, tls
from tests.database_connection import open_connection

# The real times: nothing expires by itself, however slow the machine; `Protocol.later` lets time pass.
RULES = LeaseRules(lease=300, trust=180, kill=30, quarantine=60, backoff_unit=60, creates_per_hour=0)
# Only the database's clock decides; it goes on for leases and pauses when what they compare with goes back.
LATER = """
WITH by AS (SELECT make_interval(secs => %s) AS time),
     leases AS (UPDATE job_locks SET locked_at = locked_at - by.time, renewed_at = renewed_at - by.time,
                  expires_at = expires_at - by.time FROM by),
     pauses AS (UPDATE jobs SET run_after = run_after - by.time, last_rung_at = last_rung_at - by.time,
                  deadline_at = deadline_at - by.time FROM by)
UPDATE attempts SET verified_at = verified_at - by.time, resweep_due_at = resweep_due_at - by.time FROM by
"""
ACCOUNT = "123456789012"
RECEIPT = json.dumps({"checks": [{"found": {"ec2:vpc": 0}}, {"found": {"ec2:vpc": 0}}]})


@dataclass
class MemoryQueue:
    """Takes what the relay sends; refuses while `away`."""

    sent: list[Envelope] = field(default_factory=list)
    refuse: set[str] = field(default_factory=set)

    def send_batch(self, envelopes: Sequence[Envelope]) -> Sequence[int]:
        """Accepts all but the groups in `refuse`."""
        taken = [message for message in envelopes if message.group_id not in self.refuse]
        self.sent += taken
        return [message.id for message in taken]


class Protocol:
    """One scheduler, closed when the test's process forgets it."""

    def __init__(self, database: Database, rules: LeaseRules = RULES) -> None:
        self.database = database
        self.queue = MemoryQueue()
        self.engine: Engine = make_engine(database.url(), pool_size=20, application_name="test")
        self.relay = Relay(self.engine, job_routes(dict.fromkeys(Pool, self.queue)), interval=60, claim=30)
        port = Port(listen="127.0.0.1:0", tls=tls(SCHEDULER), workers=16)
        self.server: RunningServer = serve_grpc(port, self.engine, rules, self.relay)
        self.requests = RequestServiceStub(self.channel(GATEWAY))
        self.leases = LeaseServiceStub(self.channel(RUNNER))
        self.sweeps = SweepServiceStub(self.channel(JANITOR))

    def channel(self, caller: str) -> grpc.Channel:
        """To the scheduler, with the certificate of `caller`."""
        return channel(self.server.address, tls=tls(caller), server_name=SCHEDULER)

    def create(
        self,
        name: str = "one",
        key: str | None = None,
        content: str | None = None,
        spec: str | None = None,
        keepalive_seconds: int = 0,
    ) -> request_pb.AcceptedResponse:
        """A create; `content` stands for the whole request, `spec` for what it resolves to."""
        resolved = specs.spec(name, note=spec or content or name)
        request = request_pb.CreateClusterRequest(context=context(key, content or name), spec_json=resolved.to_json())
        request.keepalive_seconds = keepalive_seconds
        return call(self.requests.CreateCluster, request, timeout=10)

    def check_create(self, name: str = "one", team: str = "t") -> None:
        """Whether a create would be accepted."""
        request = request_pb.CheckCreateRequest(spec_json=specs.spec(name, team).to_json())
        call(self.requests.CheckCreate, request, timeout=10)

    def destroy(self, cluster_id: str, key: str | None = None) -> request_pb.AcceptedResponse:
        """A destroy."""
        request = request_pb.DestroyClusterRequest(context=context(key, cluster_id), cluster_id=cluster_id)
        return call(self.requests.DestroyCluster, request, timeout=10)

    def cancel(self, cluster_id: str, key: str | None = None) -> request_pb.AcceptedResponse:
        """A cancel of a create."""
        request = request_pb.CancelCreateRequest(context=context(key, cluster_id), cluster_id=cluster_id)
        return call(self.requests.CancelCreate, request, timeout=10)

    def retry_destroy(self, cluster_id: str, key: str | None = None) -> request_pb.AcceptedResponse:
        """An operator has a destroy tried now."""
        request = request_pb.RetryDestroyRequest(context=context(key, cluster_id), cluster_id=cluster_id)
        return call(self.requests.RetryDestroy, request, timeout=10)

    def scale(
        self, cluster_id: str, replicas: int = 2, key: str | None = None, *, limit: int = 3
    ) -> request_pb.AcceptedResponse:
        """Another number of workers, for two million micro-dollars each."""
        request = request_pb.ScaleWorkersRequest(
            context=context(key, f"{cluster_id} {replicas}"),
            cluster_id=cluster_id,
            worker_replicas=replicas,
            limits=request_pb.WorkerLimits(profile="p", minimum=0, maximum=limit),
            hourly_cost_micros=2_000_000 * replicas,
        )
        return call(self.requests.ScaleWorkers, request, timeout=10)

    def extend(self, cluster_id: str, hours: int = 1, key: str | None = None) -> request_pb.ExtendClusterResponse:
        """A longer time to live."""
        request = request_pb.ExtendClusterRequest(
            context=context(key, f"{cluster_id} {hours}"), cluster_id=cluster_id, hours=hours, max_ttl_hours=72
        )
        return call(self.requests.ExtendCluster, request, timeout=10)

    def keep_alive(self, cluster_id: str) -> request_pb.KeepClusterAliveResponse:
        """The client is still there."""
        request = request_pb.KeepClusterAliveRequest(cluster_id=cluster_id)
        return call(self.requests.KeepClusterAlive, request, timeout=10)

    def ready(self, name: str = "one") -> lease_pb.Grant:
        """A cluster that works; returns the create's grant."""
        grant = self.granted(name)
        self.authorize(grant)
        self.report(grant, "SUCCEEDED")
        return grant

    def acquire(
        self, job_id: str, runner: str = "runner-1", token: str | None = None, *, account: str = "", instance: str = ""
    ) -> lease_pb.AcquireResponse:
        """A runner asks for a lease; without an account it is not counted."""
        request = lease_pb.AcquireRequest(
            job_id=job_id,
            runner_id=runner,
            acquire_token=token or str(uuid.uuid4()),
            aws_account_id=account,
            instance_id=instance,
        )
        return call(self.leases.Acquire, request, timeout=10)

    def announce(self, runner: str, instance: str, valid_seconds: float = 60) -> bool:
        """A runner says that it lives."""
        request = lease_pb.AnnounceRequest(runner_id=runner, instance_id=instance, slots=4, valid_seconds=valid_seconds)
        return call(self.leases.Announce, request, timeout=10).accepted

    def verify_again(self, grant: lease_pb.Grant, attempt_id: str, *found: str) -> bool:
        """Another verification; whether a proof is needed now."""
        request = lease_pb.ResweepRequest(
            cluster_id=grant.cluster_id, fence=grant.fence, runner_id="runner-1", attempt_id=attempt_id, found=found
        )
        return call(self.leases.Resweep, request, timeout=10).proof_needed

    def sweep(self, cluster_id: str) -> sweep_pb.SweepResponse:
        """The janitor asks."""
        return call(self.sweeps.SweepCluster, sweep_pb.SweepClusterRequest(cluster_id=cluster_id), timeout=10)

    def redispatch(self, job_id: str) -> sweep_pb.SweepResponse:
        """The reader of dead letters asks."""
        return call(self.sweeps.RingJob, sweep_pb.RingJobRequest(job_id=job_id), timeout=10)

    def destroyed(self, name: str = "one") -> lease_pb.Grant:
        """A cluster from create to proof; returns the create's grant."""
        grant = self.granted(name)
        self.authorize(grant)
        self.report(grant, "SUCCEEDED")
        destroy = self.acquire(self.destroy(grant.cluster_id).job_id).grant
        self.verified(destroy, grant.attempt_id)
        self.report(destroy, "SUCCEEDED")
        return grant

    def granted(self, name: str = "one") -> lease_pb.Grant:
        """A new cluster whose create is granted to runner-1."""
        return self.acquire(self.create(name).job_id).grant

    def authorize(self, grant: lease_pb.Grant, runner: str = "runner-1", infra_id: str = "") -> None:
        """The gate before money."""
        request = lease_pb.AuthorizeRequest(
            cluster_id=grant.cluster_id,
            fence=grant.fence,
            runner_id=runner,
            attempt_id=grant.attempt_id,
            infra_id=infra_id or f"one-{grant.attempt_id[-5:]}",
            metadata_json="{}",
            metadata_sha256="ab",
            aws_account_id="123456789012",
            snapshot_key="k",
            snapshot_version="v",
            snapshot_sha256="cd",
            installer_sha256="ef",
        )
        call(self.leases.Authorize, request, timeout=10)

    def heartbeat(self, grant: lease_pb.Grant, runner: str = "runner-1") -> lease_pb.HeartbeatResponse:
        """Renews."""
        request = lease_pb.HeartbeatRequest(cluster_id=grant.cluster_id, fence=grant.fence, runner_id=runner)
        return call(self.leases.Heartbeat, request, timeout=10)

    def verified(self, grant: lease_pb.Grant, attempt_id: str, receipt: str = RECEIPT) -> None:
        """Proves that an attempt is gone."""
        request = lease_pb.CleanupVerifiedRequest(
            cluster_id=grant.cluster_id,
            fence=grant.fence,
            runner_id="runner-1",
            attempt_id=attempt_id,
            receipt_json=receipt,
        )
        call(self.leases.CleanupVerified, request, timeout=10)

    def report(self, grant: lease_pb.Grant, outcome: str, failure_class: str = "", runner: str = "runner-1") -> None:
        """Ends an attempt."""
        outputs = lease_pb.Outputs(
            api_url="https://a",
            console_url="https://c",
            kubeconfig_s3_uri="s3://b/k",
            kubeconfig_version_id="v",
            kubeadmin_secret_arn="arn:aws:secretsmanager:x",
        )
        request = lease_pb.ReportRequest(
            cluster_id=grant.cluster_id,
            fence=grant.fence,
            runner_id=runner,
            attempt_id=grant.attempt_id,
            outcome=lease_pb.Outcome.Value.Value(outcome),
            failure_class=failure_class,
            message="because",
            outputs=outputs if outcome == "SUCCEEDED" and grant.mode == lease_pb.RunMode.INSTALL else None,
        )
        call(self.leases.Report, request, timeout=10)

    def take_over(self, grant: lease_pb.Grant) -> sweep_pb.SweepResponse:
        """The janitor asks."""
        request = sweep_pb.TakeOverRequest(cluster_id=grant.cluster_id, fence=grant.fence)
        return call(self.sweeps.TakeOver, request, timeout=10)

    def expire(self, cluster_id: str) -> sweep_pb.SweepResponse:
        """The janitor asks."""
        return call(self.sweeps.ExpireCluster, sweep_pb.ExpireClusterRequest(cluster_id=cluster_id), timeout=10)

    def later(self, seconds: float) -> None:
        """Time passes."""
        self.sql(LATER, seconds)

    def sql(self, statement: str, *parameters: Any) -> list[tuple[Any, ...]]:
        """Looks into the database as its superuser would."""
        cursor = self._superuser.execute(statement, parameters)
        return cursor.fetchall() if cursor.description else []

    @cached_property
    def _superuser(self) -> psycopg.Connection[tuple[Any, ...]]:
        return open_connection(self, self.database.url("postgres"))

    def status(self, cluster_id: str) -> str:
        """The cluster's status."""
        return str(self.sql("SELECT status FROM clusters WHERE id = %s", cluster_id)[0][0])

    def job_status(self, job_id: str) -> str:
        """The job's status."""
        return str(self.sql("SELECT status FROM jobs WHERE id = %s", job_id)[0][0])


def context(key: str | None, content: str) -> request_pb.RequestContext:
    """A caller's context."""
    return request_pb.RequestContext(
        principal="arn:aws:iam::123456789012:role/r",
        idempotency_key=key or str(uuid.uuid4()),
        request_hash=hashlib.sha256(content.encode()).digest(),
        correlation_id="test",
    )
