"""Settings of a service: what they are called, what is wrong with them, and where a service listens."""

import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest
import urllib3
from ocpctl_api_gateway.settings import GatewaySettings
from ocpctl_common.settings import ServiceSettings, host_port
from ocpctl_common.telemetry import metrics
from ocpctl_installer_runner.settings import RunnerSettings
from ocpctl_janitor.sweeps import Settings as JanitorSettings
from ocpctl_scheduler.settings import SchedulerSettings

SERVICES: dict[str, type[ServiceSettings]] = {
    "ocpctl_api_gateway": GatewaySettings,
    "ocpctl_scheduler": SchedulerSettings,
    "ocpctl_installer_runner": RunnerSettings,
    "ocpctl_janitor": JanitorSettings,
}


def started(module: str, *words: str, **env: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", module, *words]
    return subprocess.run(command, env={"PATH": os.environ["PATH"], **env}, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("module", SERVICES)
def test_help_tells_every_setting(module: str) -> None:
    done = started(module, "--help")
    assert (done.returncode, done.stderr) == (0, "")
    for name, field in SERVICES[module].model_fields.items():
        variable = field.validation_alias if isinstance(field.validation_alias, str) else f"OCPCTL_{name.upper()}"
        assert f"  {variable} (" in done.stdout
        assert str(field.description) in done.stdout


def test_other_words_are_refused() -> None:
    assert started("ocpctl_janitor", "--port", "1").stderr == "unknown: --port 1; try --help\n"


def test_a_setting_that_is_none_is_told_with_the_one_that_was_meant(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OCPCTL_METRICS_LISTN", ":9090")
    monkeypatch.setenv("OCPCTL_SOMETHING_ELSE", "x")
    told = ServiceSettings.unknown()
    assert "OCPCTL_METRICS_LISTN (did you mean OCPCTL_METRICS_LISTEN?)" in told
    assert "OCPCTL_SOMETHING_ELSE" in told


@pytest.mark.parametrize("listen", ["7010", "a:b", "127.0.0.1", "::1:80", "http://a:1", "a:123456"])
def test_an_address_that_is_none_is_told(listen: str, tmp_path: Path) -> None:
    done = started("ocpctl_janitor", OCPCTL_METRICS_LISTEN=listen, OCPCTL_TLS_DIR=str(tmp_path))
    assert done.returncode == 1
    assert "OCPCTL_METRICS_LISTEN: must be host:port" in done.stderr


@pytest.mark.parametrize("word", ["123456789012", "{}", '"123456789012"'])
def test_a_list_that_is_none_is_told_in_no_words_of_python(word: str) -> None:
    done = started("ocpctl_installer_runner", OCPCTL_MINT_ACCOUNTS=word)
    assert '  OCPCTL_MINT_ACCOUNTS: must be a JSON list: ["one", "two"]\n' in done.stderr


@pytest.mark.parametrize("word", ["1234-5678-9012", "123456789012 ", "*", ""])
def test_an_account_that_is_none_is_told(word: str) -> None:
    """It would name no account, and nobody would know why clusters do not mint."""
    done = started("ocpctl_installer_runner", OCPCTL_MINT_ACCOUNTS=json.dumps([word]))
    assert f"  OCPCTL_MINT_ACCOUNTS: must be account ids of twelve digits, not {word!r}\n" in done.stderr


def test_a_port_that_is_none_is_told(tmp_path: Path) -> None:
    done = started("ocpctl_janitor", OCPCTL_METRICS_LISTEN="127.0.0.1:99999", OCPCTL_TLS_DIR=str(tmp_path))
    assert done.returncode == 1
    assert "  OCPCTL_METRICS_LISTEN: there is no port 99999: the highest is 65535\n" in done.stderr


def test_the_highest_port_is_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OCPCTL_METRICS_LISTEN", "127.0.0.1:65535")
    assert ServiceSettings(tls_dir=Path("/tls")).metrics_listen == "127.0.0.1:65535"


@pytest.mark.parametrize(
    ("module", "name", "value"),
    [
        ("ocpctl_envoy", "OCPCTL_GATEWAYS", "api-gateway.internal:7010"),
        ("ocpctl_installer_runner", "OCPCTL_POOLS", "creates"),
        ("ocpctl_api_gateway", "OCPCTL_STS_REGIONS", "us-east-1"),
        ("ocpctl_scheduler", "OCPCTL_INITIAL_GRANTS", "x"),
    ],
)
def test_what_should_be_json_is_told(module: str, name: str, value: str) -> None:
    done = started(module, **{name: value})
    told = f"wrong setting (environment variable): {name}: must be JSON, not '{value}'\n"
    assert (done.returncode, done.stderr) == (1, told)


@pytest.mark.parametrize(
    ("listen", "host"), [("127.0.0.1:9", "127.0.0.1"), ("[::1]:9", "::1"), ("name.example:9", "name.example")]
)
def test_host_and_port(listen: str, host: str) -> None:
    assert host_port(listen) == (host, 9)


@pytest.mark.parametrize(
    ("listen", "urls"),
    [
        ("127.0.0.1:0", ["127.0.0.1"]),
        ("[::1]:0", ["[::1]"]),
        (":0", ["127.0.0.1", "[::1]"]),
    ],
)
def test_metrics_are_served_where_they_should(listen: str, urls: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    if "[::1]" in urls and not socket.has_dualstack_ipv6():
        urls = [url for url in urls if url != "[::1]"]
    if not urls:
        return  # this machine has no IPv6
    server = metrics.serve(listen, ready=lambda: True, shown=metrics.JANITOR)
    try:
        port = server.server_address[1]
        for url in urls:
            assert urllib3.request("GET", f"http://{url}:{port}/readyz", retries=False, timeout=5).status == 200
    finally:
        server.shutdown()
        server.server_close()
    assert json.dumps(port) in capsys.readouterr().out
