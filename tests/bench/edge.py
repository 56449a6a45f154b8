"""PostgreSQL, scheduler, gateway, Envoy and the peer as processes of their own, for the creates benchmark."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil
import urllib3
from ocpctl_api_gateway.identity.signing import add_key
from ocpctl_client import sign_in
from ocpctl_common.clock import utc_now
from ocpctl_common.rpc.peers import ENVOY, GATEWAY, SCHEDULER
from ocpctl_envoy.rendering import write
from ocpctl_envoy.settings import EnvoySettings
from ocpctl_local.database import postgres
from ocpctl_local.database.data_folder import remove_data
from ocpctl_local.database.postgres import Postgres
from ocpctl_local.moto import aws, identity
from ocpctl_local.processes.ports import free_ports
from ocpctl_local.processes.spawn import stop
from ocpctl_local.settings import ROOT, UNLIMITED
from ocpctl_local.supervision.services import gateway_identity
from ocpctl_local.tls import certificates

from tests.conftest import migrate

DATABASE = "ocpctl"


@dataclass(frozen=True, slots=True, kw_only=True)
class Edge:
    """Addresses of what runs."""

    database: Postgres
    scheduler: str
    envoy: str
    peer: str
    token: str
    gateway: str
    gateway_tls: Path
    envoy_tls: Path
    fair_peer: str
    processes: Mapping[str, psutil.Process]


@contextmanager
def running_edge(folder: Path) -> Iterator[Edge]:
    """Everything that a create passes, but queue and runners."""
    ports = free_ports(9)
    database = postgres.start(folder / "postgres", folder / "postgres.log", ports[0])
    children = {"postgres": database.process}
    try:
        postgres.create_roles(database)
        postgres.create_database(database, DATABASE)
        migrate(database.url("ocpctl_migrator"), "upgrade", "head")
        identity.make_access_keys(folder)
        add_key(identity.signing_keys(folder), utc_now())
        certificates.make(folder / "tls")
        for name, (command, env) in _commands(folder, database, ports).items():
            children[name] = _start(command, env, folder)
        for port, path in ((ports[4], "readyz"), (ports[6], "docs"), (ports[8], "docs")):
            _wait(f"http://127.0.0.1:{port}/{path}")
        yield Edge(
            database=database,
            scheduler=f"127.0.0.1:{ports[1]}",
            envoy=f"127.0.0.1:{ports[4]}",
            peer=f"127.0.0.1:{ports[6]}",
            token=sign_in(f"http://127.0.0.1:{ports[4]}", identity.session(folder, "requester")).token,
            gateway=f"127.0.0.1:{ports[2]}",
            gateway_tls=folder / "tls" / GATEWAY,
            envoy_tls=folder / "tls" / ENVOY,
            fair_peer=f"127.0.0.1:{ports[8]}",
            processes={name: psutil.Process(child.pid) for name, child in children.items()},
        )
    finally:
        for child in reversed(children.values()):
            stop(child, 2 if child is database.process else 15, 10)  # type: ignore[arg-type]
        remove_data(folder / "postgres")


def _commands(folder: Path, database: Postgres, ports: list[int]) -> dict[str, tuple[list[str], dict[str, str]]]:
    gateway = {
        **aws.env(ports[7]),
        "OCPCTL_LISTEN": f"127.0.0.1:{ports[2]}",
        "OCPCTL_TLS_DIR": str(folder / "tls" / GATEWAY),
        "OCPCTL_METRICS_LISTEN": f"127.0.0.1:{ports[3]}",
        "OCPCTL_DATABASE_URL": database.url("ocpctl_reader"),
        "OCPCTL_SCHEDULER_TARGET": f"127.0.0.1:{ports[1]}",
        "OCPCTL_BUCKET": "bench",
        "OCPCTL_PROFILES_DIR": str(ROOT / "profiles"),
        **gateway_identity(folder, f"http://127.0.0.1:{ports[4]}"),
    }
    settings = EnvoySettings(
        envoy_dir=folder / "envoy",
        listen=f"127.0.0.1:{ports[4]}",
        admin_listen=f"127.0.0.1:{ports[5]}",
        gateways=(f"127.0.0.1:{ports[2]}",),
        tls_dir=folder / "tls" / ENVOY,
        audience=f"http://127.0.0.1:{ports[4]}",
        access_log=Path("/dev/null"),
        **UNLIMITED.of_envoy(),
    )
    config = write(settings)
    envoy = [str(Path(sys.executable).parent / "envoy"), "-c", str(config), "--disable-hot-restart"]
    audience = f"http://127.0.0.1:{ports[4]}"
    fair = {"SIGNING_KEYS": str(identity.signing_keys(folder)), "AUDIENCE": audience}
    url = {"DATABASE_URL": database.url("ocpctl_scheduler")}
    scheduler = [sys.executable, "-m", "tests.bench.scheduler", database.url("ocpctl_scheduler"), str(ports[1])]
    return {
        "scheduler": ([*scheduler, str(folder / "tls" / SCHEDULER)], {}),
        "gateway": ([sys.executable, "-m", "ocpctl_api_gateway"], gateway),
        "envoy": ([*envoy, "--concurrency", "1", "-l", "error"], {}),
        "peer": (_uvicorn("peer", ports[6]), url),
        "fair peer": (_uvicorn("fair_peer", ports[8]), url | fair),
    }


def _uvicorn(module: str, port: int) -> list[str]:
    app = f"tests.bench.{module}:app"
    return [sys.executable, "-m", "uvicorn", app, "--port", str(port), "--log-level", "warning"]


def _start(command: list[str], env: dict[str, str], folder: Path) -> "subprocess.Popen[bytes]":
    with (folder / "services.log").open("ab") as log:
        return subprocess.Popen(command, env={**os.environ, **env}, stdout=log, stderr=log, cwd=ROOT)


def _wait(url: str) -> None:
    give_up = time.monotonic() + 30
    while time.monotonic() < give_up:
        try:
            if urllib3.request("GET", url, retries=False, timeout=2).status == 200:
                return
        except urllib3.exceptions.HTTPError:
            time.sleep(0.1)
    raise SystemExit(f"{url} does not answer")
