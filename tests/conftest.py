"""One PostgreSQL a test process with a migrated template, cloned for every test."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from ocpctl_common.rpc.credentials import TlsFiles
from ocpctl_local.database import postgres
from ocpctl_local.database.data_folder import remove_data
from ocpctl_local.database.postgres import Postgres
from ocpctl_local.processes.ports import free_ports
from ocpctl_local.processes.spawn import stop
from ocpctl_local.tls import certificates

from tests.waiting import measure_slowness, slowness

TEMPLATE = "template_ocpctl"
# Nothing of it outlives a test process. What must outlive a crash is tested on stacks of their own.
FLEETING = ("fsync=off", "synchronous_commit=off", "full_page_writes=off")
# A file belongs to one process, so what takes minutes is begun first; the small ones fill the end. Files of a folder
# whose stack is shared stay together.
FIRST = (
    "tests/faults/test_kill_points_runner.py",
    "tests/faults/test_kill_points_scheduler.py",
    "tests/simulation/",  # computes while the others wait
    "tests/faults/test_processes.py",
    "tests/faults/test_bad_days.py",
    "tests/faults/test_infrastructure.py",
    "tests/faults/",
    "tests/e2e/test_life.py",
    "tests/e2e/",
    "tests/integration/test_simulated_installer.py",
)


def pytest_configure(config: pytest.Config) -> None:
    """In the process that starts the others: what they find in their environment, and what it tells at once."""
    if hasattr(config, "workerinput") or config.option.collectonly:
        return
    measure_slowness()
    config.pluginmanager.register(_Failures(config))


def pytest_report_header() -> str:
    """So that a log tells it."""
    return f"this machine is {slowness():g} times slower than an idle one: the tests wait as much longer"


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """The order of FIRST, then everything else; limits that this machine can keep."""
    items.sort(key=lambda item: next((at for at, path in enumerate(FIRST) if item.nodeid.startswith(path)), len(FIRST)))
    for item in items:
        limit = item.get_closest_marker("timeout")
        seconds = float(limit.args[0] if limit else config.getini("timeout"))
        item.add_marker(pytest.mark.timeout(seconds * slowness()), append=False)


class _Failures:
    """A failing test is named when it fails, not after a quarter of an hour."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed:
            terminal: Any = self._config.pluginmanager.get_plugin("terminalreporter")
            terminal.write_line(f"\nFAILED {report.nodeid} ({report.when})", red=True)


@pytest.fixture(scope="session")
def postgres_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Postgres]:
    """A server with roles and the migrated template database."""
    folder = tmp_path_factory.mktemp("postgres")
    server = postgres.start(folder / "data", folder / "postgres.log", free_ports(1)[0], *FLEETING)
    try:
        postgres.create_roles(server)
        postgres.create_database(server, TEMPLATE)
        migrate(server.url("ocpctl_migrator", TEMPLATE), "upgrade", "head")
        yield server
    finally:
        stop(server.process, signal.SIGQUIT, 10)  # at once: all of it is deleted
        remove_data(folder / "data")


def migrate(url: str, *words: str) -> None:
    """Runs Alembic against a database."""
    command = [sys.executable, "-m", "ocpctl_migrations", *words]
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
