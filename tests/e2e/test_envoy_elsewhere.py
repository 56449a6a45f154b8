"""Envoy as on a host of its own: written by `python -m ocpctl_envoy`, at another address, gateways by name, TLS."""

import json
import os
import re
import socket
import ssl
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import urllib3
from cryptography import x509
from ocpctl_local.processes.ports import free_ports
from ocpctl_local.stack import Stack
from ocpctl_local.tls import certificates

from tests.e2e.wire import started
from tests.waiting import wait_for

HOST = "127.0.0.2"
NAME = "api.ocpctl.example"
CONNECTIONS = 12


def public_files(stack: Stack, folder: Path) -> None:
    """A new certificate for clients, put in place by renames as the kubelet and cert-manager do."""
    certificates.write(folder, certificates.issue(stack.folder / "tls", NAME))


def settings(stack: Stack, folder: Path) -> dict[str, str]:
    ports, free = stack.state.ports, free_ports(2)
    return {
        "OCPCTL_ENVOY_DIR": str(folder / "written"),
        "OCPCTL_LISTEN": f"{HOST}:{free[0]}",
        "OCPCTL_ADMIN_LISTEN": f"{HOST}:{free[1]}",
        "OCPCTL_GATEWAYS": json.dumps([f"localhost:{ports['gateway']}"]),
        "OCPCTL_AUDIENCE": stack.url,
        "OCPCTL_TLS_DIR": str(stack.tls_dir("envoy")),
        "OCPCTL_PUBLIC_TLS_DIR": str(folder / "public"),
        "OCPCTL_CONNECTIONS": str(CONNECTIONS),
        "OCPCTL_TRUSTED_PROXIES": "1",
        "OCPCTL_UNKNOWN_REQUESTS_PER_MINUTE": "5",
    }


@pytest.fixture
def http(stack: Stack) -> urllib3.PoolManager:
    """A client that knows the authority; every call has a connection of its own."""
    authorities = str(stack.tls_dir("envoy") / "ca.crt")
    return urllib3.PoolManager(retries=False, ca_certs=authorities, server_hostname=NAME, assert_hostname=NAME)


def written(stack: Stack, folder: Path) -> tuple[Path, str]:
    """What `python -m ocpctl_envoy` writes, and the address where clients come in."""
    (folder / "public").mkdir()
    public_files(stack, folder / "public")
    env = settings(stack, folder)
    command = [sys.executable, "-m", "ocpctl_envoy"]
    done = subprocess.run(command, env={**os.environ, **env}, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    config = folder / "written" / "envoy.yaml"
    assert f"start it with: envoy --disable-hot-restart -l warning -c {config}" in done.stdout
    return config, f"https://{env['OCPCTL_LISTEN']}"


@pytest.fixture
def elsewhere(stack: Stack, tmp_path: Path, http: urllib3.PoolManager) -> Iterator[str]:
    config, address = written(stack, tmp_path)
    with started(config, address, http) as url:
        yield url


def serial(url: str) -> int:
    """Of the certificate that is shown to a new client."""
    address = urlsplit(url)
    return x509.load_pem_x509_certificate(
        ssl.get_server_certificate((address.hostname or "", address.port or 0)).encode()
    ).serial_number


def answered(http: urllib3.PoolManager, url: str, **headers: str) -> int:
    http.clear()
    return http.request("GET", url, headers=headers, timeout=10).status


def test_sessions_tls_and_limits_hold_there(
    stack: Stack, elsewhere: str, http: urllib3.PoolManager, tmp_path: Path
) -> None:
    me = f"{elsewhere}/api/v1/me"
    session = {"authorization": f"Bearer {stack.token('requester')}"}
    wait_for(lambda: answered(http, me, **session) == 200, 20, "the keys of sessions")
    assert answered(http, f"{elsewhere}/docs/swagger-ui.css") == 200
    # Behind a load balancer a stranger is known by what that adds, and has a bucket of his own.
    first = {"x-forwarded-for": "198.51.100.1"}
    assert [answered(http, me, **first) for _ in range(7)] == [401] * 5 + [429] * 2
    assert answered(http, me, **{"x-forwarded-for": "198.51.100.2"}) == 401
    before = serial(elsewhere)
    public_files(stack, tmp_path / "public")
    wait_for(lambda: serial(elsewhere) != before, 20, "the new certificate")
    address = urlsplit(elsewhere)
    with ExitStack() as held:
        for _ in range(2 * CONNECTIONS):
            held.enter_context(socket.create_connection((address.hostname, address.port), timeout=10))
        wait_for(lambda: not _reachable(http, me, session), 20, "the limit of connections")
    wait_for(lambda: _reachable(http, me, session), 20, "room for a connection")


def test_an_envoy_without_memory_refuses_instead_of_dying(
    stack: Stack, http: urllib3.PoolManager, tmp_path: Path
) -> None:
    config, address = written(stack, tmp_path)
    # What it may use is less than it uses already; connections, which are refused last, still come in here.
    lines = [line for line in config.read_text().splitlines() if "stop_accepting_connections" not in line]
    config.write_text(re.sub(r"max_heap_size_bytes: \d+", f"max_heap_size_bytes: {2**20}", "\n".join(lines)))
    with started(config, address, http, status=503) as url:
        answer = http.request("GET", f"{url}/api/v1/me", timeout=10)
        assert (answer.status, answer.json()["code"]) == (503, 14)
        assert "UNAVAILABLE" in answer.data.decode()


def _reachable(http: urllib3.PoolManager, url: str, session: dict[str, str]) -> bool:
    try:
        return answered(http, url, **session) == 200
    except urllib3.exceptions.HTTPError:
        return False
