"""One PostgreSQL a test process with a migrated template, cloned for every test; one stack a test process."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from ocpctl_common.rpc.credentials import TlsFiles
from ocpctl_local import certificates, postgres
from ocpctl_local.postgres import Postgres
from ocpctl_local.processes import free_ports, stop
from ocpctl_local.settings import ROOT, UNLIMITED, LeaseTimes, StackSettings
from ocpctl_local.stack import Stack, running_stack

TEMPLATE = "template_ocpctl"
FRONT_PEER = "front.example.com"
CONSOLE = "https://console.example.com"


@pytest.fixture(scope="session")
def postgres_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Postgres]:
    """A server with roles and the migrated template database."""
    folder = tmp_path_factory.mktemp("postgres")
    server = postgres.start(folder / "data", folder / "postgres.log", free_ports(1)[0])
    try:
        postgres.create_roles(server)
        postgres.create_database(server, TEMPLATE)
        migrate(server.url("ocpctl_migrator", TEMPLATE), "upgrade", "head")
        yield server
    finally:
        stop(server.process, signal.SIGINT, 10)  # SIGTERM would wait for the tests' idle connections
        postgres.remove_data(folder / "data")


def migrate(url: str, *words: str) -> None:
    """Runs Alembic against a database."""
    command = [sys.executable, "-m", "alembic", "-c", str(ROOT / "migrations" / "alembic.ini"), *words]
    done = subprocess.run(
        command, env={**os.environ, "OCPCTL_DATABASE_URL": url}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


class Database:
    """One test's own database; `url` logs in as a role."""

    def __init__(self, server: Postgres, name: str) -> None:
        self._server = server
        self.name = name

    def url(self, role: str = "ocpctl_scheduler") -> str:
        """The URL for a role."""
        return self._server.url(role, self.name)


@cache
def _certificates() -> TemporaryDirectory[str]:
    """Made once a test process, removed when it ends."""
    folder = TemporaryDirectory(prefix="ocpctl-tls-")
    certificates.make(Path(folder.name))
    return folder


def tls(component: str) -> TlsFiles:
    """A component's certificate, for servers and channels inside a test's process."""
    return TlsFiles(Path(_certificates().name) / component)


_counter = iter(range(1_000_000))


@pytest.fixture
def database(postgres_server: Postgres) -> Database:
    """A clone of the template."""
    name = f"test_{next(_counter)}"
    postgres.create_database(postgres_server, name, template=TEMPLATE)
    return Database(postgres_server, name)


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """The whole product; every secret is printed by the installer so that leaks can be looked for."""
    folder: Path = tmp_path_factory.mktemp("stack")
    clusters = {
        "e2e-quota": {"fail_stage": "network", "fail_class": "QUOTA"},
        "e2e-flaky": {"fail_stage": "bootstrap", "fail_class": "BOOTSTRAP", "fail_times": 1},
        "e2e-slow": {"time_scale": 6.0},
        "e2e-liar": {"destroy_wrong_account": True},
    }
    knobs = {
        "default": {"time_scale": 0.3, "print_secrets": True, "journal": str(folder / "journal")},
        "clusters": clusters,
    }
    settings = StackSettings(
        folder=folder,
        knobs=knobs,
        limits=UNLIMITED,
        console_origins=(CONSOLE,),
        front_peer=FRONT_PEER,
        connection_seconds=3,
        times=LeaseTimes(orphans=20),
    )
    with running_stack(settings) as running:
        yield running
