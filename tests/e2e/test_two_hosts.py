"""A life over two hosts that were set up by docs/services.md, line by line."""

import json
import subprocess
import sys
from collections.abc import Iterator

import psycopg
import pytest
from ocpctl_local.client import GUIDE_REQUEST
from ocpctl_local.database import postgres
from ocpctl_local.database.postgres import Postgres

from tests.e2e.hosts import FIRST, SECOND, Hosts, http, two_hosts


@pytest.fixture(scope="module")
def hosts(postgres_server: Postgres, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hosts]:
    with two_hosts(postgres_server, tmp_path_factory.mktemp("hosts"), "two_hosts") as made:
        yield made


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
