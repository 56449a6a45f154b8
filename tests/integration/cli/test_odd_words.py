"""Words and files that cannot be meant: a sentence with what to do, and the server is asked for nothing."""

import io
import json
import subprocess
import sys
from pathlib import Path

import pytest
from ocpctl_cli.failures import Exit

from tests.integration.cli.conftest import Call, Server
from tests.integration.cli.processes import PROGRAM, variables
from tests.integration.cli.test_homes import CREATE, ID, READY
from tests.unit.cli.test_kubeconfigs import MINE, installers

ODD_CREATES = [
    (["--ttl", "8h8h"], "'8h8h' is no duration"),
    (["--set", "=1"], "--set =1 has no field"),
    (["--set", "x"], "--set x has no value"),
    (["--set", "ttlHours=1", "--set", "ttlHours=2"], "--set ttlHours is said twice"),
    (["--tag", "=1"], "--tag =1 has no key"),
    (["--tag", "a=1", "--tag", "a=2"], "--tag a is said twice"),
    (["-f", ""], "does not exist"),
]


@pytest.mark.parametrize(("words", "sentence"), ODD_CREATES)
def test_a_create(server: Server, ocpctl: Call, words: list[str], sentence: str) -> None:
    said = ocpctl(*CREATE, *words)
    assert (said.code, server.asked) == (Exit.USAGE, [])
    assert sentence in said.err


def test_stdin_without_fields(server: Server, ocpctl: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("[a]"))
    said = ocpctl("create", "-f", "-")
    assert (said.code, server.asked) == (Exit.USAGE, [])
    assert "stdin has no fields" in said.err


def test_a_status_that_there_is_not(server: Server, ocpctl: Call) -> None:
    said = ocpctl("list", "--status", "nope")
    assert (said.code, server.asked) == (Exit.USAGE, [])
    assert "'ready'" in said.err
    server.on("GET /clusters", {"clusters": []})
    assert ocpctl("list", "--status", "ready").code == Exit.OK
    assert "status=READY&" in server.asked[0][1]


@pytest.mark.parametrize("words", [["kubeconfig", "t1", "--file", ""], ["exec", "t1", "--", ""]])
def test_an_empty_word(server: Server, ocpctl: Call, words: list[str]) -> None:
    server.on("GET /clusters", {"clusters": [READY]}).on(f"GET /clusters/{ID}/kubeconfig", {"kubeconfig": "a: b\n"})
    said = ocpctl(*words)
    assert said.code == Exit.USAGE
    assert "empty" in said.err


@pytest.mark.parametrize("words", [["admin"], ["admin", "mappings"], ["config"]])
def test_a_group_without_a_command_is_its_help(ocpctl: Call, words: list[str]) -> None:
    said = ocpctl(*words)
    assert said.code == Exit.USAGE
    assert said.err.startswith("Usage: ocpctl ")
    assert said.err.count("--help") == 1


@pytest.mark.parametrize(("form", "printed"), [("json", None), ("name", f"{ID}\n"), ("yaml", installers())])
def test_a_kubeconfig_in_each_form(server: Server, ocpctl: Call, form: str, printed: str | None) -> None:
    server.on("GET /clusters", {"clusters": [READY]}).on(f"GET /clusters/{ID}/kubeconfig", {"kubeconfig": installers()})
    said = ocpctl("kubeconfig", "t1", "-o", form)
    assert said.code == Exit.OK
    if printed is None:
        assert json.loads(said.out)["current-context"] == "admin"
    else:
        assert said.out == printed


ODD_KUBECONFIGS = [
    b"\xff\xfe",
    b"contexts: [x]",
    b"users: [{}]",
    b"contexts: [{name: a, context: x}]\nclusters: {a: b}",
]


@pytest.mark.parametrize("content", ODD_KUBECONFIGS)
def test_an_own_kubeconfig_that_is_none(
    server: Server, ocpctl: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: bytes
) -> None:
    own = tmp_path / "own"
    own.write_bytes(content)
    monkeypatch.setenv("KUBECONFIG", str(own))
    server.on("GET /clusters", {"clusters": [READY]}).on(f"GET /clusters/{ID}/kubeconfig", {"kubeconfig": installers()})
    said = ocpctl("kubeconfig", "t1", "--merge")
    assert said.code == Exit.FAILED
    assert f"{own} is no kubeconfig" in said.err
    assert own.read_bytes() == content


def test_an_own_kubeconfig_with_an_odd_context_is_kept(
    server: Server, ocpctl: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = tmp_path / "own"
    own.write_text(json.dumps(MINE | {"contexts": [{"name": "odd", "context": "x"}]}))
    monkeypatch.setenv("KUBECONFIG", str(own))
    server.on("GET /clusters", {"clusters": [READY]}).on(f"GET /clusters/{ID}/kubeconfig", {"kubeconfig": installers()})
    assert ocpctl("kubeconfig", "t1", "--merge").code == Exit.OK
    assert "name: odd" in own.read_text()


ODD_CONFIGS = [{"contexts": {"default": {"url": 5}}}, {"contexts": {"default": {"url": "x", "audience": []}}}]


@pytest.mark.parametrize("content", [*ODD_CONFIGS, {"contexts": 7}, {"contexts": {"default": {"defaults": 7}}}])
def test_a_configuration_that_another_wrote(
    ocpctl: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: object
) -> None:
    monkeypatch.delenv("OCPCTL_URL")
    (tmp_path / "ocpctl").mkdir()
    (tmp_path / "ocpctl" / "config.json").write_text(json.dumps(content))
    said = ocpctl("list")
    assert said.code == Exit.FAILED
    assert "is not what ocpctl writes" in said.err
    assert "rm " in said.err


@pytest.mark.parametrize("name", ["config.json", "sessions.json"])
def test_a_folder_where_a_file_should_be(
    ocpctl: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.delenv("OCPCTL_TOKEN")
    (tmp_path / "ocpctl" / name).mkdir(parents=True)
    said = ocpctl("list")
    assert said.code == Exit.FAILED
    assert f"mv {tmp_path}/ocpctl/{name} " in said.err


@pytest.mark.parametrize("closed", [0, 1, 2])
def test_without_one_of_the_three_streams(server: Server, tmp_path: Path, closed: int) -> None:
    """As `ocpctl list >&-`."""
    server.on("GET /clusters", {"clusters": [READY]})
    for words in (["list"], ["config", "list"], ["get", "t1"], ["list", "--status", "nope"]):
        words_of_it = [sys.executable, "-c", PROGRAM, *words]
        program = f"import os, sys; os.close({closed}); os.execv(sys.executable, {words_of_it!r})"
        done = subprocess.run(
            [sys.executable, "-c", program],
            env=variables(server.url, tmp_path),
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == (Exit.USAGE if "nope" in words else Exit.OK), done
        assert "Traceback" not in done.stderr
        assert "should not happen" not in done.stderr


def test_who_watches_is_not_told_to_watch(server: Server, ocpctl: Call) -> None:
    server.on("POST /clusters", {"clusterId": ID, "status": "PENDING"}, 202).on(f"GET /clusters/{ID}", READY)
    assert "Watch it: ocpctl wait t1" in ocpctl(*CREATE).err
    assert "Watch it" not in ocpctl(*CREATE, "--watch").err
    server.on(f"POST /clusters/{ID}/destroy", {"clusterId": ID}, 202)
    assert "See it gone" in ocpctl("destroy", ID, "--yes").err
