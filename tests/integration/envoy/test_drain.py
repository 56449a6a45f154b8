"""An Envoy that is drained fails its health checks at once, and is waited for while it has requests."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import urllib3
from ocpctl_envoy.drain import ACTIVE, drain
from ocpctl_envoy.rendering import write
from ocpctl_envoy.settings import EnvoySettings
from ocpctl_local.processes.ports import free_ports
from ocpctl_local.tls import certificates

from tests.integration.small_server import Answer, Lines, serving
from tests.waiting import wait_for


@pytest.fixture
def envoy(tmp_path: Path) -> Iterator[EnvoySettings]:
    """An Envoy that runs, without a gateway behind it."""
    certificates.make(tmp_path / "tls")
    public, admin, nobody = free_ports(3)
    settings = EnvoySettings(
        envoy_dir=tmp_path / "envoy",
        tls_dir=tmp_path / "tls" / "envoy",
        listen=f"127.0.0.1:{public}",
        admin_listen=f"127.0.0.1:{admin}",
        gateways=(f"127.0.0.1:{nobody}",),
        audience="https://ocpctl.example",
    )
    command: list[str | Path] = [
        Path(sys.executable).with_name("envoy"),
        "--disable-hot-restart",
        "-l",
        "error",
        "-c",
        write(settings),
    ]
    process = subprocess.Popen([*command, "--concurrency", "1"], stdout=subprocess.DEVNULL)
    try:
        yield settings
    finally:
        process.terminate()
        process.wait()


def health(settings: EnvoySettings) -> int | None:
    try:
        return urllib3.request("GET", f"http://{settings.listen}/healthz", retries=False, timeout=5).status
    except urllib3.exceptions.HTTPError:
        return None


def test_a_drained_envoy_fails_its_health_checks(envoy: EnvoySettings) -> None:
    wait_for(lambda: health(envoy) == 200)
    assert drain(envoy.admin_listen, min_seconds=0) == 0
    assert health(envoy) == 503
    stats = urllib3.request("GET", f"http://{envoy.admin_listen}/stats?format=json&filter=^{ACTIVE}$").json()
    assert [one["name"] for one in stats["stats"]] == [ACTIVE]


def drained(active: list[int], min_seconds: float, max_seconds: float) -> tuple[int, float, list[str]]:
    """What is left, how long it was waited, and what was asked of an Envoy whose requests go as in the list."""
    asked: list[str] = []
    pauses: list[float] = []

    def answer(method: str, path: str, _: Lines, __: bytes) -> Answer:
        asked.append(f"{method} {path.partition('?')[0]}")
        now = active.pop(0) if len(active) > 1 else active[0]
        return Answer(body=json.dumps({"stats": [{"name": ACTIVE, "value": now}]}).encode() if method == "GET" else b"")

    with serving(answer) as url:
        admin = url.removeprefix("http://")
        left = drain(admin, min_seconds=min_seconds, max_seconds=max_seconds, sleep=pauses.append)
    return left, sum(pauses), asked


def test_it_is_waited_for_requests_that_run() -> None:
    left, waited, asked = drained([9, 2, 1, 0], min_seconds=0, max_seconds=40)
    assert (left, waited) == (0, 1.0)
    assert asked[0] == "POST /healthcheck/fail"


def test_new_requests_may_come_for_a_while() -> None:
    assert drained([0], min_seconds=5, max_seconds=40)[:2] == (0, 5.0)


def test_a_stream_is_not_waited_for_for_ever() -> None:
    assert drained([1], min_seconds=5, max_seconds=40)[:2] == (1, 40.0)


def test_who_cannot_be_asked_is_named() -> None:
    with (
        pytest.raises(OSError, match=r"/healthcheck/fail of .* answers 500"),
        serving(lambda *_: Answer(status=500)) as url,
    ):
        drain(url.removeprefix("http://"))
