"""What a shell completes: commands, options, and names from a cache; and never a word about what went wrong."""

import json
import time
from pathlib import Path

import pytest
from click.shell_completion import ShellComplete
from ocpctl_cli.main import cli

from tests.integration.cli.conftest import Call, Server

CLUSTERS = {"clusters": [{"name": "demo-1"}, {"name": "demo-2"}, {"name": "other"}]}
PROFILES = {"profiles": [{"name": "aws-standard", "enabled": True}, {"name": "ibm-standard", "enabled": False}]}


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ocpctl: Call) -> Path:
    """Signed in, as in the other tests."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache" / "ocpctl" / "completion.json"


def completed(*words: str) -> list[str]:
    """What is offered for the last of the words."""
    *before, last = words
    return [item.value for item in ShellComplete(cli, {}, "ocpctl", "_OCPCTL_COMPLETE").get_completions(before, last)]


def test_commands_and_their_options() -> None:
    assert completed("kub") == ["kubeconfig"]
    assert completed("admin", "l") == ["locks"]
    assert completed("destroy", "--w") == ["--watch"]
    assert set(completed("list", "-o", "j")) == {"json"}


def test_names_come_from_the_server_once(server: Server, cache: Path) -> None:
    server.on("GET /clusters", CLUSTERS).on("GET /profiles", PROFILES)
    assert completed("destroy", "de") == ["demo-1", "demo-2"]
    assert completed("get", "") == ["demo-1", "demo-2", "other"]
    assert completed("create", "a", "-p", "") == ["aws-standard"]
    assert [asked[1].partition("?")[0] for asked in server.asked] == ["/api/v1/clusters", "/api/v1/profiles"]
    known = json.loads(cache.read_text())
    for entry in known.values():
        entry["until"] = time.time() - 1
    cache.write_text(json.dumps(known))
    completed("get", "")
    assert len(server.asked) == 3


@pytest.mark.parametrize("status", [401, 403, 500, 503])
def test_what_goes_wrong_is_not_typed(server: Server, capsys: pytest.CaptureFixture[str], status: int) -> None:
    server.on("GET /clusters", {"message": "no"}, status)
    assert completed("get", "") == []
    assert capsys.readouterr() == ("", "")


def test_an_answer_or_a_cache_that_is_none(server: Server, cache: Path) -> None:
    server.on("GET /clusters", [])
    assert completed("get", "") == []
    cache.parent.mkdir(parents=True, exist_ok=True)
    cache.write_text("{")
    assert completed("get", "") == []


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_each_shell_has_its_script(ocpctl: Call, shell: str) -> None:
    said = ocpctl("completion", shell)
    assert said.code == 0
    assert "_OCPCTL_COMPLETE" in said.out
