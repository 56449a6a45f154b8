"""Copies that start at the same moment on a fresh database all come up, as processes of their own."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path

import psycopg
import pytest
import urllib3
from ocpctl_common.rpc.peers import SCHEDULER
from ocpctl_local.database import postgres
from ocpctl_local.database.postgres import Postgres
from ocpctl_local.moto import aws
from ocpctl_local.processes.ports import free_ports
from ocpctl_local.processes.spawn import spawn, stop
from ocpctl_local.tls import certificates

from tests.conftest import Database
from tests.waiting import wait_for

GRANTS = [{"arn": f"arn:aws:iam::123456789012:role/r{n}", "role": "requester", "team": "team-a"} for n in range(20)]
MIGRATORS = 6


def migrator(url: str) -> "subprocess.Popen[str]":
    """The migrations, on their way."""
    command = [sys.executable, "-m", "ocpctl_migrations"]
    env = {**os.environ, "OCPCTL_DATABASE_URL": url}
    return subprocess.Popen(command, env=env, stderr=subprocess.PIPE, text=True)


def test_migrations_that_start_together_all_succeed(postgres_server: Postgres) -> None:
    postgres.create_database(postgres_server, "migrated_together")
    url = postgres_server.url("ocpctl_migrator", "migrated_together")
    migrators = [migrator(url) for _ in range(MIGRATORS)]
    said = [one.communicate()[1] for one in migrators]
    assert [one.returncode for one in migrators] == [0] * MIGRATORS, said


@contextmanager
def scheduler(database: Database, folder: Path, number: int) -> Iterator[tuple["subprocess.Popen[bytes]", str]]:
    """A scheduler on its way, and where it says that it is ready."""
    port, metrics, endpoint = free_ports(3)
    queue = f"http://127.0.0.1:{endpoint}/123456789012/jobs.fifo"  # not asked while the outbox is empty
    env = {
        "PATH": "/usr/bin:/bin",
        **aws.env(endpoint),
        "OCPCTL_TLS_DIR": str(folder / "tls" / SCHEDULER),
        "OCPCTL_LISTEN": f"127.0.0.1:{port}",
        "OCPCTL_METRICS_LISTEN": f"127.0.0.1:{metrics}",
        "OCPCTL_DATABASE_URL": database.url(),
        "OCPCTL_QUEUE_URL": queue,
        "OCPCTL_DESTROY_QUEUE_URL": queue,
        "OCPCTL_INITIAL_GRANTS": json.dumps(GRANTS if number % 2 else GRANTS[::-1]),
    }
    process = spawn([sys.executable, "-m", "ocpctl_scheduler"], env=env, log=folder / f"{number}.log")
    try:
        yield process, f"http://127.0.0.1:{metrics}/readyz"
    finally:
        stop(process, signal.SIGTERM, 10)


def is_ready(process: "subprocess.Popen[bytes]", url: str, log: Path) -> bool:
    """Raises AssertionError when it has ended: nobody starts it again here."""
    assert process.poll() is None, log.read_text()
    try:
        return urllib3.request("GET", url, retries=False, timeout=2).status == 200
    except urllib3.exceptions.HTTPError:
        return False


@pytest.mark.timeout(180)
def test_two_schedulers_that_start_together_come_up_and_plant_each_grant_once(
    database: Database, tmp_path: Path
) -> None:
    certificates.make(tmp_path / "tls")
    with ExitStack() as running:
        started = [running.enter_context(scheduler(database, tmp_path, number)) for number in range(2)]
        for number, (process, url) in enumerate(started):
            wait_for(partial(is_ready, process, url, tmp_path / f"{number}.log"), what=f"scheduler {number}")
    with psycopg.connect(database.url()) as connection:
        found = connection.execute("SELECT iam_principal_arn FROM rbac_mappings").fetchall()
        told = connection.execute("SELECT count(*) FROM audit_events WHERE action = 'MAPPING_CREATED'").fetchone()
    assert sorted(row[0] for row in found) == sorted(grant["arn"] for grant in GRANTS)
    assert told == (len(GRANTS),)
