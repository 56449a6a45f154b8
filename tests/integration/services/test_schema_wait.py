"""Services that are started before the migrations wait for them, say so, and are not ready meanwhile."""

import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest
import urllib3
from ocpctl_common.rpc.peers import GATEWAY, JANITOR, SCHEDULER
from ocpctl_local.database import postgres
from ocpctl_local.database.postgres import Postgres
from ocpctl_local.moto import aws, identity
from ocpctl_local.processes.ports import free_ports
from ocpctl_local.processes.spawn import spawn, stop
from ocpctl_local.settings import ROOT
from ocpctl_local.supervision.services import gateway_identity
from ocpctl_local.tls import certificates

from tests.conftest import migrate
from tests.waiting import wait_for

WAITS = "waiting for the schema"
NOT_READY = 503


def settings(service: str, folder: Path, endpoint: int) -> Mapping[str, str]:
    """What it needs to start; nothing of it answers but the database."""
    queue = f"http://127.0.0.1:{endpoint}/123456789012/jobs.fifo"
    if service == SCHEDULER:
        return {
            "OCPCTL_LISTEN": f"127.0.0.1:{free_ports(1)[0]}",
            "OCPCTL_QUEUE_URL": queue,
            "OCPCTL_DESTROY_QUEUE_URL": queue,
            "OCPCTL_INITIAL_GRANTS": identity.initial_grants(),
        }
    nowhere = {"OCPCTL_SCHEDULER_TARGET": f"127.0.0.1:{free_ports(1)[0]}"}
    if service == JANITOR:
        return {**nowhere, "OCPCTL_DEAD_LETTER_QUEUE_URL": queue}
    return {
        **nowhere,
        **gateway_identity(folder / "keys", "http://127.0.0.1:1"),
        "OCPCTL_LISTEN": f"127.0.0.1:{free_ports(1)[0]}",
        "OCPCTL_BUCKET": "none",
        "OCPCTL_PROFILES_DIR": str(ROOT / "profiles"),
    }


def make_keys(folder: Path) -> None:
    folder.mkdir()
    identity.make_access_keys(folder)
    command = (sys.executable, "-m", "ocpctl_api_gateway.identity.signing", identity.signing_keys(folder))
    subprocess.run(command, check=True)


@contextmanager
def started(service: str, role: str, url: str, folder: Path) -> Iterator[tuple[str, Path]]:
    metrics, endpoint = free_ports(2)
    env = {
        "PATH": "/usr/bin:/bin",
        **aws.env(endpoint),
        "OCPCTL_TLS_DIR": str(folder / "tls" / service),
        "OCPCTL_METRICS_LISTEN": f"127.0.0.1:{metrics}",
        "OCPCTL_DATABASE_URL": url,
        **settings(service, folder, endpoint),
    }
    log = folder / "log"
    process = spawn([sys.executable, "-m", f"ocpctl_{service.replace('-', '_')}"], env=env, log=log)
    try:
        yield f"http://127.0.0.1:{metrics}/readyz", log
        assert process.poll() is None, log.read_text()
    finally:
        stop(process, signal.SIGTERM, 10)


@pytest.mark.parametrize(
    ("service", "role"), [(SCHEDULER, "ocpctl_scheduler"), (JANITOR, "ocpctl_reader"), (GATEWAY, "ocpctl_reader")]
)
@pytest.mark.parametrize("before", ["", "0013"], ids=["an empty database", "the last schema"])
def test_a_service_waits_for_its_schema(
    postgres_server: Postgres, tmp_path: Path, service: str, role: str, before: str
) -> None:
    name = f"waits_{service.replace('-', '_')}_{before}"
    postgres.create_database(postgres_server, name)
    owner = postgres_server.url("ocpctl_migrator", name)
    if before:
        migrate(owner, "upgrade", before)
    certificates.make(tmp_path / "tls")
    make_keys(tmp_path / "keys")
    with started(service, role, postgres_server.url(role, name), tmp_path) as (url, log):
        wait_for(lambda: log.exists() and WAITS in log.read_text(), what="the service's word")
        assert urllib3.request("GET", url, retries=False).status == NOT_READY
        assert log.read_text().count(WAITS) == 1
        migrate(owner, "upgrade", "head")
        wait_for(lambda: '"event": "serving"' in log.read_text(), what="the service at work")
    assert "Traceback" not in log.read_text()
