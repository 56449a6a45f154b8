"""Watching it: correlation ids from Envoy to the installer, the brief's metrics, one trace over all services."""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import grpc
import pytest
import urllib3
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection_pb2, reflection_pb2_grpc
from ocpctl.v1 import cluster_service_pb2, cluster_service_pb2_grpc
from ocpctl_local.client import GUIDE_REQUEST, Client
from ocpctl_local.settings import UNLIMITED, StackSettings
from ocpctl_local.stack import Stack, running_stack
from opentelemetry.proto.collector.trace.v1 import trace_service_pb2, trace_service_pb2_grpc

from tests.waiting import wait_for


def test_one_id_from_envoy_to_the_installer(stack: Stack, client: Client) -> None:
    answer = client.create(GUIDE_REQUEST | {"name": "e2e-follow"})
    request_id = answer.headers["x-request-id"]
    client.wait(answer.body["clusterId"], "READY")
    client.destroy(answer.body["clusterId"])
    client.wait(answer.body["clusterId"], "DESTROYED")
    logs = {path.stem: path.read_text() for path in (stack.folder / "logs").glob("*.log")}
    runners = logs["installer-runner-1"] + logs["installer-runner-2"]
    for name, text in (*logs.items(), ("runners", runners), ("journal", (stack.folder / "journal").read_text())):
        if name in ("envoy", "api-gateway", "scheduler", "runners", "journal"):
            assert request_id in text, name


@pytest.mark.parametrize("name", ["api-gateway", "scheduler", "installer-runner-1", "janitor"])
def test_every_log_line_is_a_json_record(stack: Stack, name: str) -> None:
    for line in (stack.folder / "logs" / f"{name}.log").read_text().splitlines():
        assert {"ts", "level", "event", "service"} <= set(json.loads(line)), line


def scrape(stack: Stack, port_name: str) -> str:
    port = stack.state.ports[port_name]
    return urllib3.request("GET", f"http://127.0.0.1:{port}/metrics").data.decode()


def test_the_metrics_of_the_brief(stack: Stack, client: Client) -> None:
    cluster_id = client.create(GUIDE_REQUEST | {"name": "e2e-metrics"}).body["clusterId"]
    client.wait(cluster_id, "READY")
    scheduler = scrape(stack, "scheduler_metrics")
    assert 'ocpctl_jobs_total{status="SUCCEEDED",type="CREATE"}' in scheduler
    for bucket in ("60.0", "300.0", "600.0", "1800.0", "3600.0", "+Inf"):
        assert f'ocpctl_job_duration_seconds_bucket{{le="{bucket}",status="SUCCEEDED",type="CREATE"}}' in scheduler
    assert "# TYPE ocpctl_lock_acquisition_failures_total counter" in scheduler
    assert 'ocpctl_outbox_oldest_unpublished_seconds{destination="jobs"} 0.0' in scheduler
    assert "ocpctl_lease_losses_total" in scheduler
    assert "_created" not in scheduler
    janitor = scrape(stack, "janitor_metrics")
    assert "# TYPE ocpctl_clusters_total gauge" in janitor
    client.destroy(cluster_id)
    client.wait(cluster_id, "DESTROYED")
    wait_for(lambda: 'ocpctl_clusters_total{platform="aws",status="DESTROYED"}' in scrape(stack, "janitor_metrics"))


EVERYWHERE = {"certificate_expires_timestamp_seconds", "redaction_dropped_lines_total"}
SERVED = EVERYWHERE | {"rpc_duration_seconds", "rpc_in_flight", "peer_refusals_total"}
KNOWN = {
    "gateway_metrics": SERVED,
    "scheduler_metrics": SERVED
    | {"jobs_total", "job_duration_seconds", "lock_acquisition_failures_total", "lease_losses_total"}
    | {"outbox_oldest_unpublished_seconds", "remains_found_total"},
    "janitor_metrics": EVERYWHERE
    | {"clusters_total", "states_without_owner", "orphans", "dead_letters_total"}
    | {"sweep_passes_total"},
    "runner_metrics_1": EVERYWHERE | {"runner_busy_slots", "runner_fit", "runner_faults_total", "lease_losses_total"},
}


@pytest.mark.parametrize("port_name", KNOWN)
def test_a_service_exports_only_what_it_knows(stack: Stack, port_name: str) -> None:
    exposed = scrape(stack, port_name)
    names = {line.split()[2] for line in exposed.splitlines() if line.startswith("# TYPE ocpctl_")}
    assert names == {f"ocpctl_{name}" for name in KNOWN[port_name]}
    assert "process_resident_memory_bytes" in exposed
    assert "python_info" in exposed


def test_grpc_on_the_same_port(stack: Stack) -> None:
    target = stack.url.removeprefix("http://")
    with grpc.insecure_channel(target) as channel:
        stub = cluster_service_pb2_grpc.ClusterServiceStub(channel)
        metadata = (("authorization", f"Bearer {stack.token('requester')}"),)
        request = cluster_service_pb2.ListClustersRequest(page_size=1)
        assert len(stub.ListClusters(request, metadata=metadata, timeout=5).clusters) <= 1
        with pytest.raises(grpc.RpcError) as caught:
            stub.ListClusters(request, timeout=5)
        assert caught.value.code() is grpc.StatusCode.UNAUTHENTICATED
        status = health_pb2_grpc.HealthStub(channel).Check(health_pb2.HealthCheckRequest(), timeout=5)
        assert status.status == health_pb2.HealthCheckResponse.SERVING
        questions = iter([reflection_pb2.ServerReflectionRequest(list_services="")])
        ask = reflection_pb2_grpc.ServerReflectionStub(channel).ServerReflectionInfo
        answer = next(ask(questions, metadata=metadata, timeout=5))
        assert "ocpctl.v1.ClusterService" in {service.name for service in answer.list_services_response.service}


def test_grpc_callers_get_rich_errors(stack: Stack) -> None:
    target = stack.url.removeprefix("http://")
    with grpc.insecure_channel(target) as channel:
        stub = cluster_service_pb2_grpc.ClusterServiceStub(channel)
        metadata = (("authorization", f"Bearer {stack.token('requester')}"), ("idempotency-key", "grpc-1"))
        request = cluster_service_pb2.CreateClusterRequest(name="x", profile="nope")
        with pytest.raises(grpc.RpcError) as caught:
            stub.CreateCluster(request, metadata=metadata, timeout=5)
        assert caught.value.code() is grpc.StatusCode.INVALID_ARGUMENT
        assert "aws-minimal-test" in str(caught.value.details())


class Collector(trace_service_pb2_grpc.TraceServiceServicer):
    """An OTLP collector that keeps what it gets, by service."""

    def __init__(self) -> None:
        self.spans: list[tuple[str, Any]] = []

    def Export(self, request: Any, context: grpc.ServicerContext) -> Any:
        for resource in request.resource_spans:
            attributes = {item.key: item.value.string_value for item in resource.resource.attributes}
            for scope in resource.scope_spans:
                self.spans += [(attributes["service.name"], span) for span in scope.spans]
        return trace_service_pb2.ExportTraceServiceResponse()


STEPS_OF_A_CREATE = {
    "openshift-install create manifests",
    "openshift-install create ignition-configs",
    "openshift-install create cluster",
    "store the install directory",
    "/ocpctl.internal.v1.LeaseService/Authorize",
    "S3.PutObject",
}


@pytest.fixture
def collector() -> Iterator[tuple[Collector, int]]:
    server = grpc.server(ThreadPoolExecutor(4))
    servicer = Collector()
    trace_service_pb2_grpc.add_TraceServiceServicer_to_server(servicer, server)  # type: ignore[no-untyped-call]
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    yield servicer, port
    server.stop(0)


def test_one_trace_from_envoy_to_the_runner(collector: tuple[Collector, int], tmp_path: Path) -> None:
    servicer, port = collector
    knobs = {"default": {"time_scale": 0.0}}
    with running_stack(
        StackSettings(folder=tmp_path, runners=1, knobs=knobs, otlp_port=port, limits=UNLIMITED)
    ) as stack:
        client = Client(stack)
        cluster_id = client.create(GUIDE_REQUEST).body["clusterId"]
        client.wait(cluster_id, "READY")
    by_service: dict[str, set[bytes]] = {}
    for service, span in servicer.spans:
        by_service.setdefault(service, set()).add(span.trace_id)
    created = {span.trace_id for _, span in servicer.spans if span.name.endswith("CreateCluster")}
    for service in ("ocpctl-envoy", "ocpctl-api-gateway", "ocpctl-scheduler"):
        assert created & by_service[service], service
    run = next(span for _, span in servicer.spans if span.name == "run CREATE")
    assert run.links[0].trace_id in created & by_service["ocpctl-envoy"]
    steps = {span.name: span for _, span in servicer.spans if span.trace_id == run.trace_id}
    assert steps.keys() >= STEPS_OF_A_CREATE
    stages = [event.name for event in steps["openshift-install create cluster"].events]
    assert {"bootstrap", "waiting for the API"} <= set(stages), stages
    begins = {span.name for service, span in servicer.spans if not span.parent_span_id and service != "ocpctl-envoy"}
    assert all(name.startswith(("run ", "sweep ")) for name in begins), "nothing else begins a trace"
    of_scheduler = [span for service, span in servicer.spans if service == "ocpctl-scheduler"]
    accepting = {span.name for span in of_scheduler if span.trace_id in created}
    assert any(name.startswith(("SQL INSERT", "SQL WITH")) for name in accepting), accepting
