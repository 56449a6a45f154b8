"""docs/services.md, followed by hand on two hosts (two loopback addresses, one of them IPv6 where there is IPv6).

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
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import urllib3
from ocpctl_client.signing_in import sign_in
from ocpctl_local import simulator
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
RELEASE = "4.20.3"
http = urllib3.PoolManager(retries=False, timeout=30)


@dataclass
class Hosts:
    """What was started by hand: processes by name, with where each tells that it is ready."""

    folder: Path
    env: dict[str, str]
    database: str
    first: Mapping[str, str]
    url: str = ""
    token: str = ""
    processes: dict[str, "subprocess.Popen[bytes]"] = field(default_factory=dict)
    commands: dict[str, tuple[tuple[str, ...], dict[str, str]]] = field(default_factory=dict)
    metrics: dict[str, str] = field(default_factory=dict)

    def start(self, name: str, host: str, module: str, component: str, **settings: object) -> None:
        """One service on a host, with the settings of services.md."""
        [port] = free_ports(1)
        words = {f"OCPCTL_{key}": str(value) for key, value in settings.items()}
        words |= {"OCPCTL_METRICS_LISTEN": f"{host}:{port}", "OCPCTL_TLS_DIR": str(self.folder / "tls" / component)}
        command = (sys.executable, "-m", module)
        self.metrics[name] = f"http://{host}:{port}"
        self.commands[name] = (command, self.env | words)
        self._spawn(name, self.first if host == FIRST else {})

    def _spawn(self, name: str, more: Mapping[str, str]) -> None:
        command, env = self.commands[name]
        self.processes[name] = spawn(command, env={**env, **more}, log=self.log(name))

    def start_again(self, name: str) -> None:
        """With the same settings, as today's release."""
        self._spawn(name, {})
        wait_for(lambda: self.is_ready(name), 60, name)

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

    def end(self, name: str) -> None:
        """As an upgrade ends it."""
        stop(self.processes[name], signal.SIGTERM, 20)

    def stop(self) -> None:
        for name in self.processes:
            self.end(name)

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


@contextmanager
def two_hosts(
    server: Postgres,
    folder: Path,
    database: str,
    first: Mapping[str, str] | None = None,
    mint_accounts: Sequence[str] = (),
) -> Iterator[Hosts]:
    """Both hosts with everything that services.md starts. `first`: what the first host's services have in their
    environment besides, to be another release.
    """
    [port, clusters, clusters_ready] = free_ports(3)
    with ExitStack() as running:
        env = {"PATH": "/usr/bin:/bin", "HOME": str(folder), **aws.env(port)}
        made = Hosts(folder, env, database, first or {})

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
        follow(made, server, template.deploy(port), running, mint_accounts)
        yield made


def follow(
    hosts: Hosts,
    server: Postgres,
    resources: template.AwsResources,
    running: ExitStack,
    mint_accounts: Sequence[str],
) -> None:
    """The numbered list of services.md."""
    folder = hosts.folder
    migrated(server, hosts.database)
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
            LISTEN=listens[host], DATABASE_URL=server.url("ocpctl_scheduler", hosts.database), **queues,
            INITIAL_GRANTS=identity.initial_grants(),
        )  # fmt: skip
        own = {
            name.removeprefix("OCPCTL_"): value for name, value in gateway_identity(folder / "keys", hosts.url).items()
        }
        hosts.start(
            f"gateway-{number}", host, "ocpctl_api_gateway", "api-gateway",
            LISTEN=f"{host}:{gateway}", DATABASE_URL=server.url("ocpctl_reader", hosts.database),
            SCHEDULER_TARGET=target, BUCKET=resources.bucket, PROFILES_DIR=ROOT / "profiles", **own,
        )  # fmt: skip
        hosts.start(
            f"runner-{number}", host, "ocpctl_installer_runner", "installer-runner",
            RUNNER_ID=f"runner-{number}", SCHEDULER_TARGET=target, **queues, BUCKET=resources.bucket,
            PULL_SECRET_ARN=resources.pull_secret_arn, INSTALLERS_DIR=folder / "installers",
            PROFILES_DIR=ROOT / "profiles", WORK_DIR=folder / f"work-{number}",
            TEARDOWN_INTERVAL_SECONDS=1, DRAIN_SECONDS=0, MINT_ACCOUNTS=json.dumps(mint_accounts),
        )  # fmt: skip
    hosts.start(
        "janitor", FIRST, "ocpctl_janitor", "janitor",
        DATABASE_URL=server.url("ocpctl_reader", hosts.database), SCHEDULER_TARGET=target,
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


def migrated(server: Postgres, database: str) -> None:
    """A database of encoding UTF8, made by hand."""
    postgres.create_database(server, database)
    env = {**os.environ, "OCPCTL_DATABASE_URL": server.url("ocpctl_migrator", database)}
    subprocess.run([sys.executable, "-m", "ocpctl_migrations"], env=env, check=True, capture_output=True)
