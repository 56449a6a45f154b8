"""People without a home, or with one that nobody may write, and files that another version has left."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from ocpctl_cli.failures import Exit

from tests.integration.cli.conftest import Call, Server
from tests.integration.cli.processes import PROGRAM, variables

ID = "clu_01M8EFPASCJ5TJS3Q50XJSFJAQ"
READY = {"id": ID, "name": "t1", "status": "READY", "createTime": "2026-11-27T12:00:00Z"}
CREATE = ("create", "t1", "-p", "p", "--owner", "a@b.c", "--team", "t", "--base-domain", "d")
# A user whom no file of this machine knows, as OpenShift starts containers.
READS_ALL = "+dac_read_search"
SETPRIV = [
    "setpriv",
    "--reuid=54321",
    "--regid=0",
    "--clear-groups",
    f"--inh-caps={READS_ALL}",
    f"--ambient-caps={READS_ALL}",
]


def as_nobody(server: Server, words: tuple[str, ...], **env: str | None) -> "subprocess.CompletedProcess[str]":
    """None takes a variable away. It may read all, since the tests' Python may be in root's home."""
    told = {**variables(server.url, Path("/")), "PYTHONDONTWRITEBYTECODE": "1", **env}
    return subprocess.run(
        [*SETPRIV, sys.executable, "-c", PROGRAM, *words],
        env={key: value for key, value in told.items() if value is not None},
        cwd="/",
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def cluster(server: Server) -> Server:
    """With one cluster in it."""
    server.on("GET /clusters", {"clusters": [READY]}).on(f"GET /clusters/{ID}/kubeconfig", {"kubeconfig": "a: b\n"})
    return server.on("POST /clusters", {"clusterId": ID, "status": "PENDING"}, 202)


if os.geteuid() == 0:  # nobody else may become another

    @pytest.mark.parametrize("home", [None, "/", "relative"])
    def test_a_token_of_the_environment_is_enough(cluster: Server, home: str | None) -> None:
        assert as_nobody(cluster, ("list", "-o", "name"), HOME=home).stdout == f"{ID}\n"
        used = as_nobody(cluster, ("exec", "t1", "--", "sh", "-c", "cat $KUBECONFIG; exit 3"), HOME=home)
        assert (used.returncode, used.stdout) == (3, "a: b\n")
        made = as_nobody(cluster, CREATE, HOME=home)
        assert (made.returncode, made.stdout) == (Exit.OK, f"{ID}\n")
        assert "Note: " in made.stderr
        assert not (Path("/") / "~").exists()
        assert not Path("/relative").exists()

    @pytest.mark.parametrize("home", [None, "/proc"])
    @pytest.mark.parametrize("words", [("list",), ("env", "t1"), ("kubeconfig", "t1", "--merge")])
    def test_else_it_is_said_what_to_set(cluster: Server, home: str | None, words: tuple[str, ...]) -> None:
        given = {"OCPCTL_TOKEN": None} if words == ("list",) else {}
        said = as_nobody(cluster, words, HOME=home, **given)
        assert said.returncode in (Exit.FAILED, Exit.SIGN_IN, Exit.USAGE)
        assert "Set HOME" in said.stderr or "Sign in" in said.stderr or "KUBECONFIG" in said.stderr
        assert "Traceback" not in said.stderr

    def test_a_kubeconfig_of_somebody_else_stays_as_it_is(cluster: Server, tmp_path: Path) -> None:
        theirs = Path("/tmp") / f"ocpctl-test-{os.getpid()}"  # noqa: S108 - where another user gets to
        theirs.mkdir(mode=0o755)
        (theirs / "config").write_text("apiVersion: v1\n")
        try:
            said = as_nobody(cluster, ("kubeconfig", "t1", "--merge"), KUBECONFIG=str(theirs / "config"))
            assert said.returncode == Exit.FAILED
            assert f"{theirs}/config cannot be changed: Permission denied" in said.stderr
            assert "--file PATH" in said.stderr
            assert [file.name for file in theirs.iterdir()] == ["config"]
            assert (theirs / "config").read_text() == "apiVersion: v1\n"
        finally:
            (theirs / "config").unlink()
            theirs.rmdir()


ODD = ['{"contexts": []}', '{"contexts": {"default": 5}}', '{"contexts": {"default": {"defaults": []}}}']


@pytest.mark.parametrize("content", ODD)
@pytest.mark.parametrize("words", [["list"], ["config", "list"], ["config", "use", "a"], ["login"]])
def test_contexts_that_are_none(server: Server, ocpctl: Call, tmp_path: Path, content: str, words: list[str]) -> None:
    (tmp_path / "ocpctl").mkdir()
    (tmp_path / "ocpctl" / "config.json").write_text(content)
    said = ocpctl(*words)
    assert said.code == Exit.FAILED
    assert f"rm {tmp_path}/ocpctl/config.json" in said.err
    assert server.asked == []


@pytest.mark.parametrize("kept", ["5", '{"token": "t"}', '{"token": "t", "expireTime": "soon"}', "null"])
def test_a_session_of_another_version_is_none(
    server: Server, ocpctl: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kept: str
) -> None:
    monkeypatch.delenv("OCPCTL_TOKEN")
    (tmp_path / "ocpctl").mkdir()
    (tmp_path / "ocpctl" / "sessions.json").write_text(f'{{"{server.url}": {kept}}}')
    said = ocpctl("list")
    assert said.code == Exit.SIGN_IN
    assert "ocpctl login" in said.err


@pytest.mark.parametrize("kept", ["5", "null", '{"at": "2099-01-01T00:00:00"}', '{"key": "k", "at": "soon"}'])
def test_keys_of_another_version_are_left_out(cluster: Server, ocpctl: Call, tmp_path: Path, kept: str) -> None:
    (tmp_path / "ocpctl").mkdir()
    (tmp_path / "ocpctl" / "keys.json").write_text(f'{{"a": {kept}}}')
    assert ocpctl(*CREATE).code == Exit.OK
    assert (tmp_path / "ocpctl" / "keys.json").read_text() == "{}\n"
