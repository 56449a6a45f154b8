"""Straight at the services' ports: who has no certificate gets nowhere, who has one only where its name may."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import grpc
import pytest
import urllib3
from grpc_health.v1 import health_pb2, health_pb2_grpc
from ocpctl.internal.v1 import (
    lease_service_pb2,
    lease_service_pb2_grpc,
    request_service_pb2,
    request_service_pb2_grpc,
    sweep_service_pb2,
    sweep_service_pb2_grpc,
)
from ocpctl.v1 import profile_service_pb2, profile_service_pb2_grpc
from ocpctl_common.rpc.credentials import TlsFiles
from ocpctl_common.rpc.peers import ENVOY, GATEWAY, JANITOR, NAMES, RUNNER, SCHEDULER
from ocpctl_local.client import GUIDE_REQUEST, Client
from ocpctl_local.stack import Stack
from ocpctl_local.tls import certificates

from tests.waiting import moment, wait_for

PORTS = {SCHEDULER: "scheduler", GATEWAY: "gateway"}
REFUSED_SECONDS = 30
RENEWED_SECONDS = 60


def options(server: str) -> tuple[tuple[str, object], ...]:
    """A connection of its own each time."""
    return (("grpc.ssl_target_name_override", server), ("grpc.use_local_subchannel_pool", 1))


def address(stack: Stack, server: str) -> str:
    return f"127.0.0.1:{stack.state.ports[PORTS[server]]}"


@contextmanager
def connected(stack: Stack, server: str, folder: Path) -> Iterator[grpc.Channel]:
    """A connection with the certificate in `folder`."""
    credentials = TlsFiles(folder).current().for_client()
    with grpc.secure_channel(address(stack, server), credentials, options(server)) as channel:
        yield channel


def code(channel: grpc.Channel) -> grpc.StatusCode:
    """What a health check, which every name may make, ends with."""
    try:
        health_pb2_grpc.HealthStub(channel).Check(health_pb2.HealthCheckRequest(), timeout=5)
    except grpc.RpcError as error:
        return error.code()
    return grpc.StatusCode.OK


@pytest.mark.parametrize("server", PORTS)
def test_without_a_certificate_of_ours_there_is_no_answer(stack: Stack, server: str, tmp_path: Path) -> None:
    own = TlsFiles(stack.tls_dir(JANITOR)).current()
    certificates.make(tmp_path)
    stranger = TlsFiles(tmp_path / JANITOR).current()
    target = address(stack, server)
    nothing = grpc.ssl_channel_credentials(own.authorities)
    other = grpc.ssl_channel_credentials(own.authorities, stranger.key, stranger.certificate)
    for channel in (
        grpc.insecure_channel(target, options(server)),
        grpc.secure_channel(target, nothing, options(server)),
        grpc.secure_channel(target, other, options(server)),
    ):
        with channel:
            assert code(channel) is grpc.StatusCode.UNAVAILABLE
    with connected(stack, server, stack.tls_dir(JANITOR)) as channel:
        assert code(channel) is grpc.StatusCode.OK


def test_a_server_of_another_name_is_not_believed(stack: Stack) -> None:
    """The janitor's port would not do as the scheduler's, and a stranger's not at all."""
    credentials = TlsFiles(stack.tls_dir(GATEWAY)).current().for_client()
    with grpc.secure_channel(address(stack, SCHEDULER), credentials, options(JANITOR)) as channel:
        assert code(channel) is grpc.StatusCode.UNAVAILABLE


def ask(channel: grpc.Channel, service: str) -> grpc.StatusCode:
    """What an empty call of a service ends with; who may call is told what is wrong with it."""
    calls: dict[str, Callable[[], object]] = {
        "requests": lambda: request_service_pb2_grpc.RequestServiceStub(channel).DestroyCluster(
            request_service_pb2.DestroyClusterRequest(), timeout=5
        ),
        "leases": lambda: lease_service_pb2_grpc.LeaseServiceStub(channel).Heartbeat(
            lease_service_pb2.HeartbeatRequest(), timeout=5
        ),
        "sweeps": lambda: sweep_service_pb2_grpc.SweepServiceStub(channel).SweepCluster(
            sweep_service_pb2.SweepClusterRequest(), timeout=5
        ),
        "profiles": lambda: profile_service_pb2_grpc.ProfileServiceStub(channel).ListProfiles(
            profile_service_pb2.ListProfilesRequest(), timeout=5
        ),
    }
    try:
        calls[service]()
    except grpc.RpcError as error:
        return error.code()
    return grpc.StatusCode.OK


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    ("server", "service", "may"),
    [
        (SCHEDULER, "requests", GATEWAY),
        (SCHEDULER, "leases", RUNNER),
        (SCHEDULER, "sweeps", JANITOR),
        (GATEWAY, "profiles", ENVOY),
    ],
)
def test_a_name_may_call_only_its_own(stack: Stack, name: str, server: str, service: str, may: str) -> None:
    with connected(stack, server, stack.tls_dir(name)) as channel:
        refused = ask(channel, service) is grpc.StatusCode.PERMISSION_DENIED
    assert refused == (name != may)
    log = (stack.folder / "logs" / f"{server}.log").read_text()
    assert ('"event": "peer refused"' in log) or not refused


class Traffic:
    """Through Envoy in a loop: a read, and an extend with one key, whose body Envoy has checked by the gateway and for
    which the gateway asks the scheduler every time."""

    def __init__(self, client: Client, cluster_id: str) -> None:
        self.calls = 0
        self.wrong: list[object] = []
        self._stop = threading.Event()
        self._client, self._extend = client, f"/clusters/{cluster_id}/extend"
        self._thread = threading.Thread(target=self._run)

    def _run(self) -> None:
        while not self._stop.wait(0.01):
            answers = [
                self._client.call("GET", "/profiles"),
                self._client.call("POST", self._extend, {"hours": 1}, "e2e-mtls-extend"),
            ]
            self.wrong += [answer for answer in answers if answer.status != 200]
            self.calls += 1

    def __enter__(self) -> "Traffic":
        self._thread.start()
        return self

    def __exit__(self, *raised: object) -> None:
        self._stop.set()
        self._thread.join()

    def go_on(self, calls: int) -> None:
        """Returns when so many more rounds were made."""
        aim = self.calls + calls
        while self.calls < aim:
            assert self._thread.is_alive()
            time.sleep(0.02)


def copy(folder: Path, to: Path) -> Path:
    """A set of files as it is now."""
    to.mkdir()
    for name in ("tls.crt", "tls.key", "ca.crt"):
        (to / name).write_bytes((folder / name).read_bytes())
    return to


def test_all_certificates_are_replaced_twice_under_traffic(stack: Stack, client: Client, tmp_path: Path) -> None:
    """The second time with their authority; not one call fails, and nothing is restarted."""
    pids = stack.state.pids
    old = copy(stack.tls_dir(GATEWAY), tmp_path / "old")
    cluster_id = client.create(GUIDE_REQUEST | {"name": "e2e-mtls"}).body["clusterId"]
    with Traffic(client, cluster_id) as traffic:
        traffic.go_on(5)
        stack.rotate_certificates()
        wait_for_connections(stack, 2)
        stack.rotate_certificates(new_authority_too=True)
        wait_for_connections(stack, 2)
        traffic.go_on(5)
    assert traffic.wrong == []
    for server in PORTS:
        assert becomes_useless(stack, server, old)
        with connected(stack, server, stack.tls_dir(GATEWAY)) as channel:
            assert code(channel) is grpc.StatusCode.OK
    client.destroy(cluster_id)
    assert stack.state.pids == pids


def wait_for_connections(stack: Stack, count: int) -> None:
    """Returns when Envoy has made so many more connections to the gateway (and the gateway to the scheduler)."""
    aim = connections(stack) + count
    wait_for(lambda: connections(stack) >= aim, RENEWED_SECONDS, "the renewal of connections")


def connections(stack: Stack) -> int:
    """Handshakes of Envoy with the gateway so far."""
    url = f"http://127.0.0.1:{stack.state.ports['envoy_admin']}/stats?filter=cluster.gateway.ssl.handshake"
    return int(urllib3.request("GET", url).data.split()[-1])


def becomes_useless(stack: Stack, server: str, old: Path) -> bool:
    """Whether a certificate of the withdrawn authority is refused before long. Only the server may refuse it."""
    material = TlsFiles(old).current()
    authorities = TlsFiles(stack.tls_dir(GATEWAY)).current().authorities
    credentials = grpc.ssl_channel_credentials(authorities, material.key, material.certificate)
    give_up = moment(REFUSED_SECONDS)
    while time.monotonic() < give_up:
        with grpc.secure_channel(address(stack, server), credentials, options(server)) as channel:
            if code(channel) is grpc.StatusCode.UNAVAILABLE:
                return True
        time.sleep(0.2)
    return False
