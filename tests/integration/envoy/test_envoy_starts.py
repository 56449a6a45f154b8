"""Envoy itself accepts what `python -m ocpctl_envoy` writes, with the least and with the most that may be set."""

import json
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from ocpctl_envoy.rendering import write
from ocpctl_envoy.settings import EnvoySettings
from ocpctl_local.processes.ports import free_ports
from ocpctl_local.tls import certificates

from tests.waiting import wait_for

LEAST: dict[str, Any] = {"gateways": ("127.0.0.1:7010",), "audience": "https://ocpctl.example"}
LIMIT: dict[str, Any] = {
    "listen": ":8443",
    "admin_listen": "[::1]:9901",
    "gateways": ("api-gateway.internal:7010", "[fd00::1]:7010", "127.0.0.1:7011"),
    "audience": "https://ocpctl.example",
    "trusted_proxies": 2,
    "connections": 10,
    "heap_bytes": 64 * 1024 * 1024,
    "otlp_endpoint": "collector.internal:4317",
    "trace_percent": 2.5,
    "console_origins": ("https://console.example", "https://other.example"),
    "front_listen": "10.0.0.1:8444",
    "front_peer": "front.example",
}


@pytest.mark.parametrize("wanted", [LEAST, LIMIT, LIMIT | {"public": True}], ids=["minimum", "limit", "tls"])
def test_what_is_written_is_accepted(wanted: dict[str, Any], tmp_path: Path) -> None:
    certificates.make(tmp_path / "tls")
    tls_dir = tmp_path / "tls" / "envoy"
    given = {name: value for name, value in wanted.items() if name != "public"}
    public = tls_dir if "public" in wanted else None
    config = write(EnvoySettings(envoy_dir=tmp_path / "envoy", tls_dir=tls_dir, public_tls_dir=public, **given))
    command: list[str | Path] = [
        Path(sys.executable).parent / "envoy",
        "--mode",
        "validate",
        "-l",
        "error",
        "-c",
        config,
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout.split()[-1]) == (0, "OK"), done.stderr


def test_its_own_lines_look_like_the_services(tmp_path: Path) -> None:
    """As it is told to be started: what comes before its configuration is read is not of this level."""
    certificates.make(tmp_path / "tls")
    edge, admin = free_ports(2)
    addresses: dict[str, Any] = {"listen": f"127.0.0.1:{edge}", "admin_listen": f"127.0.0.1:{admin}"}
    settings = EnvoySettings(envoy_dir=tmp_path / "envoy", tls_dir=tmp_path / "tls" / "envoy", **(LEAST | addresses))
    command: list[str | Path] = [
        Path(sys.executable).parent / "envoy",
        "--disable-hot-restart",
        "-l",
        "warning",
        "-c",
        write(settings),
    ]
    log = tmp_path / "envoy.log"
    with log.open("wb") as output, subprocess.Popen(command, stdout=output, stderr=output) as envoy:
        wait_for(log.read_bytes, what="a warning: no gateway answers")
        envoy.send_signal(signal.SIGTERM)
    lines = [json.loads(line) for line in log.read_text().splitlines()]
    assert {line["service"] for line in lines} == {"envoy"}
    assert {"ts", "level", "event"} <= lines[-1].keys()
    assert "caught ENVOY_SIGTERM" in [line["event"] for line in lines]
