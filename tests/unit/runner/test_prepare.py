"""What is prepared before anything is made: the installer's two commands, and what goes in between them."""

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from ocpctl_common.profiles.catalogue import load_catalogue
from ocpctl_common.profiles.policy import CreateRequest, resolve
from ocpctl_installer_runner import install, pull_secret, runner_faults
from ocpctl_installer_runner.errors import RunFailed
from ocpctl_installer_runner.installer.failure_rules import load_rules
from ocpctl_installer_runner.workspace import Workspace
from ocpctl_local.settings import ROOT
from ocpctl_local.simulator import files, go_yaml

REQUESTED = CreateRequest(
    name="a",
    profile="",
    base_domain="labs.example.com",
    owner="a@b.c",
    team="t",
    cost_center="1",
    tags={},
)
STAND_IN: Any = SimpleNamespace(
    url="https://x", credentials=lambda infra_id: dict.fromkeys(("authority", "certificate", "key"), "pem")
)
SECRET = pull_secret.read('{"auths":{"r":{"auth":"dTpw"}}}')


class Preparing:
    """As much of a run as this needs; the installer's commands are the simulator's."""

    def __init__(self, profile: str, workers: int, folder: Path) -> None:
        requested = replace(REQUESTED, profile=profile, worker_replicas=workers)
        self.known: set[str] = set()
        self.workspace = Workspace(folder)
        self.secrets = SimpleNamespace(add=lambda *values: self.known.update(values))
        self.reporter = SimpleNamespace(progress=lambda *_: None)
        self.context = SimpleNamespace(
            spec=resolve(requested, load_catalogue(ROOT / "profiles")),
            grant=SimpleNamespace(cluster_id="clu_1", attempt_id="att_1"),
            settings=SimpleNamespace(installers_dir=folder, mint_accounts={"123456789012"}),
        )
        self.dependencies = SimpleNamespace(
            pull_secret=lambda: SECRET,
            rules=load_rules(),
        )
        account = SimpleNamespace(ask=lambda: "123456789012", last_known=lambda: "123456789012")
        self.cloud = SimpleNamespace(account=account, has_temporary_credentials=lambda: False)
        self.commands: list[str] = []

    def execute(self, _run: Any, _installer: Any, words: tuple[str, ...], folder: Path, _watch: Any) -> int:
        """The installer."""
        self.commands.append(" ".join(words))
        if words[-1] == "manifests":
            files.manifests(folder)
            self.between = folder / files.SCHEDULER
        else:
            self.scheduler = go_yaml.load(self.between.read_text())
            files.ignition_configs(folder, STAND_IN)
        return 0


def prepared(patch: pytest.MonkeyPatch, profile: str, workers: int, folder: Path) -> Preparing:
    run: Any = Preparing(profile, workers, folder)
    patch.setattr("ocpctl_installer_runner.installer.binary.obtain", lambda *_: None)
    patch.setattr("ocpctl_installer_runner.installer.installer_command.execute", run.execute)
    install.prepare(run)
    assert run.commands == ["create manifests", "create ignition-configs"]
    return run  # type: ignore[no-any-return]


@pytest.mark.parametrize("workers", [0, 2])
def test_the_control_plane_of_a_profile_that_says_schedulable(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, workers: int
) -> None:
    made = prepared(monkeypatch, "aws-minimal-test", workers, tmp_path)
    assert made.scheduler["spec"]["mastersSchedulable"] is True
    assert made.scheduler["kind"] == "Scheduler"
    assert made.scheduler["metadata"]["name"] == "cluster"


def test_the_control_plane_of_a_profile_that_does_not(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    made = prepared(monkeypatch, "aws-standard", 3, tmp_path)
    assert made.scheduler["spec"] == {"mastersSchedulable": False}


def test_an_installer_that_ends_without_a_word_is_the_runners_fault(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    run: Any = Preparing("aws-standard", 3, tmp_path)
    monkeypatch.setattr("ocpctl_installer_runner.installer.binary.obtain", lambda *_: None)
    monkeypatch.setattr("ocpctl_installer_runner.installer.installer_command.execute", lambda *_: 127)
    with pytest.raises(RunFailed, match="ended with 127, without a log") as raised:
        install.prepare(run)
    assert raised.value.rule in runner_faults.OWN_RULES


def test_an_installer_without_room_for_a_word_met_a_full_disk(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    run: Any = Preparing("aws-standard", 3, tmp_path)
    monkeypatch.setattr("ocpctl_installer_runner.installer.binary.obtain", lambda *_: None)
    monkeypatch.setattr("ocpctl_installer_runner.installer.installer_command.execute", lambda *_: 120)
    monkeypatch.setattr("shutil.disk_usage", lambda _: SimpleNamespace(free=0))
    with pytest.raises(RunFailed, match="No space left on device") as raised:
        install.prepare(run)
    assert (raised.value.rule, raised.value.exit_code) == ("DiskFull", 120)


def test_everything_secret_is_known_when_it_is_prepared(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    made = prepared(monkeypatch, "aws-minimal-test", 0, tmp_path)
    password = (tmp_path / "install" / "auth" / "kubeadmin-password").read_text()
    assert {password, *SECRET.secrets} <= made.known
