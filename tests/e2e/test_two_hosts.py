"""docs/operations.md, followed by hand on two hosts (two loopback addresses, one of them IPv6 where there is IPv6).

Nothing of the local stack is used but what stands for the outside: PostgreSQL, the AWS endpoint, the installer.
"""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
import pytest
import urllib3
from ocpctl_client.sign_in import sign_in
from ocpctl_local import simulator
from ocpctl_local.client import GUIDE_REQUEST
from ocpctl_local.database import postgres
from ocpctl_local.database.postgres import Postgres
from ocpctl_local.kubernetes import certificates as cluster_certificates
from ocpctl_local.kubernetes.client import StandIn
from ocpctl_local.moto import aws, identity, template
from ocpctl_local.processes.ports import free_ports
from ocpctl_local.processes.spawn import spawn, stop
from ocpctl_local.settings import ROOT
from ocpctl_local.supervision.services import gateway_identity
from ocpctl_local.tls import certificates

from tests.waiting import moment, wait_for

FIRST = "127.0.0.2"
SECOND = "[::1]" if socket.has_dualstack_ipv6() else "127.0.0.3"
DATABASE = "two_hosts"
RELEASE = "4.20.3"
http = urllib3.PoolManager(retries=False, timeout=30)


@dataclass
class Hosts:
    """What was started by hand: processes by name, with where each tells that it is ready."""

    folder: Path
    env: dict[str, str]
    url: str = ""
    token: str = ""
    processes: dict[str, "subprocess.Popen[bytes]"] = field(default_factory=dict)
    metrics: dict[str, str] = field(default_factory=dict)

    def start(self, name: str, host: str, module: str, component: str, **settings: object) -> None:
        """One service on a host, with the settings of operations.md."""
        [port] = free_ports(1)
        words = {f"OCPCTL_{key}": str(value) for key, value in settings.items()}
        words |= {"OCPCTL_METRICS_LISTEN": f"{host}:{port}", "OCPCTL_TLS_DIR": str(self.folder / "tls" / component)}
        command = (sys.executable, "-m", module)
        self.processes[name] = spawn(command, env=self.env | words, log=self.log(name))
        self.metrics[name] = f"http://{host}:{port}"

    def log(self, name: str) -> Path:
        return self.folder / f"{name}.log"

    def is_ready(self, name: str) -> bool:
        try:
            return http.request("GET", f"{self.metrics[name]}/readyz").status == 200
        except urllib3.exceptions.HTTPError:
            return False

    def kill(self, name: str) -> None:
        """As a host that loses its power."""
        self.processes[name].kill()
        self.processes[name].wait()

    def stop(self) -> None:
        for process in self.processes.values():
            stop(process, signal.SIGTERM, 20)

    def call(self, method: str, path: str, body: Any = None) -> Any:
        """As the requester; tried again while what was killed is missed, or the minute's requests are used."""
        headers = {"authorization": f"Bearer {self.token}", "idempotency-key": str(uuid.uuid4())}
        give_up = moment(30)
        while True:
            answer = http.request(method, f"{self.url}/api/v1{path}", headers=headers, json=body)
            if answer.status < 300:
                return answer.json()
            assert answer.status in (429, 502, 503, 504), answer.data
            assert time.monotonic() < give_up, answer.data
            time.sleep(float(answer.headers.get("retry-after", 0.2)))

    def becomes(self, cluster_id: str, status: str) -> None:
        wait_for(lambda: self.call("GET", f"/clusters/{cluster_id}")["status"] == status, 120, status)


@pytest.fixture(scope="module")
def hosts(postgres_server: Postgres, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hosts]:
    folder = tmp_path_factory.mktemp("hosts")
    [port, clusters, clusters_ready] = free_ports(3)
    with ExitStack() as running:
        made = Hosts(folder, {"PATH": "/usr/bin:/bin", "HOME": str(folder), **aws.env(port)})

        def outside(name: str, command: Any) -> None:
            process = spawn(command, env=made.env, log=made.log(name))
            running.callback(stop, process, signal.SIGTERM, 10)

        outside("aws", aws.command(port, folder / "faults.json"))
        authority = cluster_certificates.prepare(folder / "kubernetes")
        where = (str(clusters), str(clusters_ready), str(folder / "kubernetes"))
        outside("kubernetes", (sys.executable, "-m", "ocpctl_local.kubernetes", *where))
        stand_in = StandIn(
            url=f"https://127.0.0.1:{clusters}",
            authority=authority.authority.read_text(),
            token=authority.token.read_text(),
        )
        simulator.install(folder / "installers", [RELEASE, "4.20.4"], {"default": {"time_scale": 0.2}}, stand_in)
        aws.wait(port)
        running.callback(made.stop)
        follow(made, postgres_server, template.deploy(port), running)
        yield made


def follow(hosts: Hosts, server: Postgres, resources: template.AwsResources, running: ExitStack) -> None:
    """The numbered list of operations.md."""
    folder = hosts.folder
    migrated(server)
    certificates.make(folder / "tls")
    (folder / "keys").mkdir()
    identity.make_access_keys(folder / "keys")
    keys = [sys.executable, "-m", "ocpctl_api_gateway.identity.signing", str(identity.signing_keys(folder / "keys"))]
    subprocess.run(keys, check=True, capture_output=True)
    gateway, scheduler, other, edge, admin = free_ports(5)
    hosts.url = f"http://{FIRST}:{edge}"
    listens = {FIRST: f"{FIRST}:{scheduler}", SECOND: f":{other}"}  # the second on all addresses of its host
    target = f"ipv4:{FIRST}:{scheduler},127.0.0.3:{other}"
    queues = {"QUEUE_URL": resources.queue_url, "DESTROY_QUEUE_URL": resources.destroy_queue_url}
    for number, host in enumerate((FIRST, SECOND), start=1):
        hosts.start(
            f"scheduler-{number}", host, "ocpctl_scheduler", "scheduler",
            LISTEN=listens[host], DATABASE_URL=server.url("ocpctl_scheduler", DATABASE), **queues,
            INITIAL_GRANTS=identity.initial_grants(),
        )  # fmt: skip
        own = {
            name.removeprefix("OCPCTL_"): value for name, value in gateway_identity(folder / "keys", hosts.url).items()
        }
        hosts.start(
            f"gateway-{number}", host, "ocpctl_api_gateway", "api-gateway",
            LISTEN=f"{host}:{gateway}", DATABASE_URL=server.url("ocpctl_reader", DATABASE), SCHEDULER_TARGET=target,
            BUCKET=resources.bucket, PROFILES_DIR=ROOT / "profiles", **own,
        )  # fmt: skip
        hosts.start(
            f"runner-{number}", host, "ocpctl_installer_runner", "installer-runner",
            RUNNER_ID=f"runner-{number}", SCHEDULER_TARGET=target, **queues, BUCKET=resources.bucket,
            PULL_SECRET_ARN=resources.pull_secret_arn, INSTALLERS_DIR=folder / "installers",
            PROFILES_DIR=ROOT / "profiles", WORK_DIR=folder / f"work-{number}",
            ABSENCE_INTERVAL_SECONDS=1, DRAIN_SECONDS=0,
        )  # fmt: skip
    hosts.start(
        "janitor", FIRST, "ocpctl_janitor", "janitor",
        DATABASE_URL=server.url("ocpctl_reader", DATABASE), SCHEDULER_TARGET=target,
        DEAD_LETTER_QUEUE_URL=resources.dead_letter_queue_url, DEAD_LETTER_INTERVAL="7",
    )  # fmt: skip
    written = {
        "OCPCTL_ENVOY_DIR": str(folder / "envoy"),
        "OCPCTL_TLS_DIR": str(folder / "tls" / "envoy"),
        "OCPCTL_AUDIENCE": hosts.url,
        "OCPCTL_LISTEN": f"{FIRST}:{edge}",
        "OCPCTL_ADMIN_LISTEN": f"{FIRST}:{admin}",
        "OCPCTL_GATEWAYS": json.dumps([f"{FIRST}:{gateway}", f"{SECOND}:{gateway}"]),
    }
    command = [sys.executable, "-m", "ocpctl_envoy"]
    subprocess.run(command, env={**os.environ, **written}, check=True, capture_output=True)
    envoy = Path(sys.executable).with_name("envoy")
    command = [str(envoy), "--disable-hot-restart", "--concurrency", "1", "-c", str(folder / "envoy" / "envoy.yaml")]
    process = spawn(command, env=hosts.env, log=hosts.log("envoy"))
    running.callback(stop, process, signal.SIGTERM, 10)
    hosts.metrics["envoy"] = hosts.url
    for name in hosts.metrics:
        wait_for(lambda name=name: hosts.is_ready(name), 60, name)  # type: ignore[misc]
    hosts.token = sign_in(hosts.url, identity.session(folder / "keys", "requester")).token


def migrated(server: Postgres) -> None:
    """A database of encoding UTF8, made by hand."""
    postgres.create_database(server, DATABASE)
    env = {**os.environ, "OCPCTL_DATABASE_URL": server.url("ocpctl_migrator", DATABASE)}
    subprocess.run([sys.executable, "-m", "ocpctl_migrations"], env=env, check=True, capture_output=True)


def asked(hosts: Hosts, name: str) -> int:
    """How many calls a service has answered."""
    text = http.request("GET", f"{hosts.metrics[name]}/metrics").data.decode()
    lines = [line for line in text.splitlines() if line.startswith("ocpctl_rpc_duration_seconds_count")]
    return int(sum(float(line.rpartition(" ")[2]) for line in lines))


def test_a_life_over_two_hosts_of_which_one_loses_its_services(hosts: Hosts) -> None:
    cluster_id = hosts.call("POST", "/clusters", GUIDE_REQUEST)["clusterId"]
    hosts.becomes(cluster_id, "READY")
    for _ in range(10):
        hosts.call("GET", "/me")
    assert min(asked(hosts, "gateway-1"), asked(hosts, "gateway-2")) > 3, "both gateways are asked"
    for name in ("gateway-1", "scheduler-1", "runner-1"):
        hosts.kill(name)
    assert hosts.call("GET", f"/clusters/{cluster_id}/outputs")["apiUrl"]
    hosts.call("POST", f"/clusters/{cluster_id}/destroy")
    hosts.becomes(cluster_id, "DESTROYED")


def test_where_they_listen_and_what_they_do_not_know_is_told(hosts: Hosts) -> None:
    listening = {
        name: line["address"]
        for name in hosts.processes
        for line in map(json.loads, hosts.log(name).read_text().splitlines())
        if line["event"] == "listening"
    }
    assert listening["gateway-2"].startswith(f"{SECOND}:")
    assert listening["gateway-1"].startswith(f"{FIRST}:")
    assert (
        "OCPCTL_DEAD_LETTER_INTERVAL (did you mean OCPCTL_DEAD_LETTER_INTERVAL_SECONDS?)"
        in hosts.log("janitor").read_text()
    )


def test_the_roles_are_those_that_are_printed(postgres_server: Postgres) -> None:
    printed = subprocess.run(
        [sys.executable, "-m", "ocpctl_migrations", "roles"], check=True, capture_output=True, text=True
    ).stdout
    with psycopg.connect(postgres_server.url(postgres.SUPERUSER, "postgres"), autocommit=True) as connection:
        have = {row[0] for row in connection.execute("SELECT rolname FROM pg_roles WHERE rolname LIKE 'ocpctl%'")}
    assert have == set(postgres.ROLES)
    assert all(f"CREATE ROLE {role} " in printed for role in have), printed
