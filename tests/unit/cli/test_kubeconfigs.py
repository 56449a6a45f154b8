"""Kubeconfigs of clusters in one's own: what else is there stays, and what was merged goes with its cluster."""

import os
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest
import yaml
from ocpctl_cli import kubeconfigs
from ocpctl_cli.failures import Failure

ID, OTHER = "clu_01M8EFPASCJ5TJS3Q50XJSFJAQ", "clu_01M8EFPASCJ5TJS3Q50XJSFJAR"


def installers(server: str = "https://api.t1.labs.example.com:6443") -> str:
    """As every installer writes it: all of its names are the same in every cluster."""
    return yaml.safe_dump(
        {
            "apiVersion": "v1",
            "kind": "Config",
            "clusters": [{"name": "t1", "cluster": {"server": server}}],
            "users": [{"name": "admin", "user": {"client-certificate-data": "QQ=="}}],
            "contexts": [{"name": "admin", "context": {"cluster": "t1", "user": "admin", "namespace": "default"}}],
            "current-context": "admin",
        }
    )


MINE = {
    "apiVersion": "v1",
    "kind": "Config",
    "clusters": [{"name": "work", "cluster": {"server": "https://work"}}],
    "users": [{"name": "me", "user": {"token": "t"}}],
    "contexts": [{"name": "work", "context": {"cluster": "work", "user": "me"}}],
    "current-context": "work",
    "unknown": {"kept": "y"},
}


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.delenv("KUBECONFIG", raising=False)
    return tmp_path


def content(path: Path) -> dict[str, object]:
    found: dict[str, object] = yaml.safe_load(path.read_text())
    return found


def test_the_first_file_is_made_and_its_owners(home: Path) -> None:
    path = kubeconfigs.merge(installers(), ID, "t1")
    assert path == home / ".kube" / "config"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    merged = content(path)
    assert merged["current-context"] == "t1"
    assert merged["contexts"] == [{"name": "t1", "context": {"cluster": ID, "user": ID, "namespace": "default"}}]
    assert not path.with_name("config.lock").exists()


def test_what_is_there_stays_and_what_was_merged_goes(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    mine, second = home / "mine", home / "second"
    mine.write_text(yaml.safe_dump(MINE))
    monkeypatch.setenv("KUBECONFIG", f":{mine}:{second}")
    kubeconfigs.merge(installers(), ID, "t1")
    kubeconfigs.merge(installers("https://two"), OTHER, "t2")
    merged = content(mine)
    assert [one["name"] for one in merged["contexts"]] == ["work", "t1", "t2"]  # type: ignore[attr-defined]
    assert merged["unknown"] == {"kept": "y"}
    monkeypatch.delenv("KUBECONFIG")  # it goes from where it was merged into
    kubeconfigs.forget(OTHER, print)
    kubeconfigs.forget(ID, print)
    assert content(mine) == {**MINE, "current-context": ""}
    assert not second.exists()
    kubeconfigs.forget(ID, print)


def test_merging_twice_is_merging_once() -> None:
    kubeconfigs.merge(installers(), ID, "t1")
    again = content(kubeconfigs.merge(installers("https://new"), ID, "t1"))
    assert again["clusters"] == [{"name": ID, "cluster": {"server": "https://new"}}]
    assert len(again["contexts"]) == len(again["users"]) == 1  # type: ignore[arg-type]


def test_a_context_of_that_name_that_is_anothers_stays(home: Path) -> None:
    (home / ".kube").mkdir()
    (home / ".kube" / "config").write_text(
        yaml.safe_dump({**MINE, "contexts": [{"name": "t1", "context": {"cluster": "work"}}]})
    )
    merged = content(kubeconfigs.merge(installers(), ID, "t1"))
    assert [one["name"] for one in merged["contexts"]] == ["t1", "t1-jsfjaq"]  # type: ignore[attr-defined]


@pytest.mark.parametrize("broken", ["{", "- a\n- b", "clusters: 7", "\ta: b"])
def test_one_that_is_broken_is_told_and_kept(home: Path, broken: str) -> None:
    (home / ".kube").mkdir()
    path = home / ".kube" / "config"
    path.write_text(broken)
    with pytest.raises(Failure) as told:
        kubeconfigs.merge(installers(), ID, "t1")
    assert str(path) in told.value.message
    assert "--file" in told.value.hint
    assert path.read_text() == broken
    assert not path.with_name("config.lock").exists()


def test_a_link_stays_one(home: Path) -> None:
    (home / ".kube").mkdir()
    (home / "elsewhere").write_text(yaml.safe_dump(MINE))
    (home / ".kube" / "config").symlink_to(home / "elsewhere")
    path = kubeconfigs.merge(installers(), ID, "t1")
    assert path.is_symlink()
    assert len(content(home / "elsewhere")["contexts"]) == 2  # type: ignore[arg-type]


def test_one_that_kubectl_changes_now_is_waited_for(home: Path) -> None:
    (home / ".kube").mkdir()
    lock = home / ".kube" / "config.lock"
    lock.touch()
    program = f"import os, time; time.sleep(1); os.unlink({str(lock)!r})"
    started = time.monotonic()
    with subprocess.Popen([sys.executable, "-c", program]):
        kubeconfigs.merge(installers(), ID, "t1")
    assert time.monotonic() - started > 0.9


def test_a_lock_that_stays_is_told_with_its_name(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kubeconfigs, "LOCK_SECONDS", 0.2)
    (home / ".kube").mkdir()
    (home / ".kube" / "config.lock").touch()
    with pytest.raises(Failure) as told:
        kubeconfigs.merge(installers(), ID, "t1")
    assert "another process" in told.value.message
    assert f"rm {home}/.kube/config.lock" in told.value.hint


def test_a_folder_of_somebody_else_is_told(home: Path) -> None:
    (home / ".kube").touch()
    with pytest.raises(Failure, match="cannot be changed"):
        kubeconfigs.merge(installers(), ID, "t1")


HALF = "contexts: [{name: a, context: {cluster: b, user: c}}]\nclusters: []\nusers: []"


@pytest.mark.parametrize(
    "text", ["", "kind: Config", "[]", "{", "contexts: [{name: a}]", "current-context: b\ncontexts: []", HALF]
)
def test_a_kubeconfig_of_a_cluster_that_is_none_changes_nothing(home: Path, text: str) -> None:
    with pytest.raises(Failure):
        kubeconfigs.merge(text, ID, "t1")
    assert not list(home.glob(".kube/*"))


def test_a_pipe_is_no_kubeconfig(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """And nobody waits for somebody to write into it."""
    pipe = home / "pipe"
    os.mkfifo(pipe)
    monkeypatch.setenv("KUBECONFIG", str(pipe))
    with pytest.raises(Failure, match="it is no regular file"):
        kubeconfigs.merge(installers(), ID, "t1")
    assert [one.name for one in home.iterdir()] == ["pipe"]
