"""Cleaning up several attempts: all are destroyed before any is proven, and none keeps another from it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from ocpctl_common.errors import Unavailable
from ocpctl_common.providers.registry import PROVIDERS
from ocpctl_installer_runner.errors import LeaseLost, RunFailed
from ocpctl_installer_runner.installer.log_stages import LOG_NAME
from ocpctl_installer_runner.lease_grants import CleanupTarget
from ocpctl_installer_runner.lease_messages import VerificationCheck
from ocpctl_installer_runner.teardown import cleanup
from ocpctl_installer_runner.teardown.cleanup_failures import MAX_CHARACTERS
from ocpctl_installer_runner.teardown.verification import summary

from tests.unit.granted import target

BLOCKED = "level=debug msg=error deleting VPC: DependencyViolation: The vpc vpc-1 has dependencies\n"
NOW = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass
class World:
    """Attempts a, b, c with what is left of each; `codes` are exit codes of their destroys."""

    folder: Path
    left: dict[str, list[str]] = field(default_factory=dict)
    codes: dict[str, int] = field(default_factory=dict)
    before_destroy: Callable[[str], None] = lambda name: None
    needed_cleanup: set[str] = field(default_factory=set)
    done: list[str] = field(default_factory=list)

    def run(self, progress: Callable[..., None] = lambda *words, **more: None) -> Any:
        """What the cleanup works with."""
        reporter = SimpleNamespace(
            progress=progress, record_verified=self._record_verified, record_found=self._record_found
        )
        return SimpleNamespace(
            context=SimpleNamespace(
                grant=SimpleNamespace(cluster_id="clu"),
                settings=SimpleNamespace(installers_dir=self.folder, stall_seconds=600),
                provider=PROVIDERS["aws"],
                domain="one.labs.example.com",
            ),
            cloud=SimpleNamespace(
                account=SimpleNamespace(ask=lambda: "1"),
                prepare_destroy=lambda scope, check: None,
                delete_credentials=lambda scope, check: None,
            ),
            dependencies=SimpleNamespace(secrets=SimpleNamespace(delete=self._delete)),
            lease=SimpleNamespace(check=lambda: None),
            workspace=SimpleNamespace(path=self.folder, make_folder=self._make),
            reporter=reporter,
        )

    def _delete(self, name: str) -> None:
        self.done.append(name)

    def _make(self, name: str) -> Path:
        path = self.folder / name
        path.mkdir()
        return path

    def execute(self, run: Any, installer: Any, words: Any, folder: Path, watch: Any) -> int:
        """`destroy cluster`."""
        name = folder.name.removeprefix("destroy-")
        self.before_destroy(name)
        (folder / LOG_NAME).write_text(BLOCKED if self.left.get(name) else "")
        self.done.append(f"destroyed {name}")
        return self.codes.get(name, 0)

    def search(self, run: Any, target: CleanupTarget) -> VerificationCheck:
        """Finds what is left."""
        return VerificationCheck(started=NOW, ended=NOW, found={"ec2:vpc": self.left.get(target.attempt_id, [])})

    def verify(self, run: Any, target: CleanupTarget) -> list[VerificationCheck]:
        """One check is enough here."""
        check = self.search(run, target)
        if check.names:
            raise RunFailed("DESTROY", summary(check))
        return [check]

    def _record_verified(self, target: CleanupTarget, checks: Sequence[VerificationCheck]) -> None:
        self.done.append(f"proven {target.attempt_id}")

    def _record_found(self, target: CleanupTarget, found: Sequence[str]) -> bool:
        self.done.append(f"looked {target.attempt_id}")
        return bool(found) or target.attempt_id in self.needed_cleanup


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    made = World(tmp_path)
    room = "ocpctl_installer_runner.teardown"
    monkeypatch.setattr(f"{room}.destroy.installer_command.execute", made.execute)
    monkeypatch.setattr(f"{room}.destroy.binary.obtain", lambda *words: None)
    monkeypatch.setattr(f"{room}.destroy.installer_artifacts.store_log", lambda *words: None)
    monkeypatch.setattr(f"{room}.destroy._metadata", lambda *words: "{}")
    monkeypatch.setattr(f"{room}.verification.search", made.search)
    monkeypatch.setattr(f"{room}.verification.verify", made.verify)
    return made


def proven(name: str) -> list[str]:
    """The secret with its password is deleted first: what is proven gone costs nothing any more."""
    return [f"ocpctl/clusters/clu/{name}/kubeadmin", f"proven {name}"]


def targets(*names: str, account: str = "1") -> list[CleanupTarget]:
    return [target(name, account_id=account) for name in names]


def test_all_are_destroyed_before_the_first_is_proven(world: World) -> None:
    cleanup.clean(world.run(), targets("a", "b"))
    assert world.done == ["destroyed a", "destroyed b", *proven("a"), *proven("b")]


def test_one_that_cannot_be_proven_keeps_no_other(world: World) -> None:
    world.left["a"] = ["vpc-1"]
    with pytest.raises(RunFailed) as failure:
        cleanup.clean(world.run(), targets("a", "b"))
    assert world.done == ["destroyed a", "destroyed b", *proven("b")]
    message = failure.value.message
    assert "Attempt a (i-a)" in message
    assert "Attempt b" not in message
    assert "1 resources are left, among them ec2:vpc vpc-1." in message
    assert "DependencyViolation: The vpc vpc-1 has dependencies" in message


def test_without_the_promised_installer_nothing_is_destroyed_and_the_owner_reads_why(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def obtain(installers: Path, version: str, own: Path) -> None:
        if version == "4.20.3":
            raise RunFailed("CONFIG", "It is another one. (InstallerChanged)", rule="InstallerChanged")

    monkeypatch.setattr("ocpctl_installer_runner.teardown.destroy.binary.obtain", obtain)
    told: list[str] = []
    run = world.run(progress=lambda *words, blocker="": told.append(blocker))
    attempts = [target("a", installer_version="4.20.3"), target("b", installer_version="4.20.4")]
    with pytest.raises(RunFailed, match=r"Attempt a .* is not proven gone: It is another one") as failure:
        cleanup.clean(run, attempts)
    assert failure.value.failure_class == "DESTROY"
    assert "It is another one. (InstallerChanged)" in told
    assert world.done == ["destroyed b", *proven("b")]


def test_a_destroy_that_fails_names_what_is_left_and_what_the_cloud_says(world: World) -> None:
    world.left["a"], world.codes["a"] = ["vpc-1"], 1
    with pytest.raises(RunFailed) as failure:
        cleanup.clean(world.run(), targets("a"))
    assert failure.value.exit_code == 1
    for words in ("exit code 1", "ec2:vpc vpc-1", "DependencyViolation"):
        assert words in failure.value.message
    assert "proven a" not in world.done


def test_every_failure_is_named_within_bounds(world: World) -> None:
    names = [f"attempt{number}" for number in range(20)]
    world.left |= {name: [f"vpc-{'x' * 80}{number}" for number in range(10)] for name in names}
    with pytest.raises(RunFailed) as failure:
        cleanup.clean(world.run(), targets(*names))
    assert len(failure.value.message) <= MAX_CHARACTERS


def test_another_account_keeps_no_other_from_being_destroyed(world: World) -> None:
    with pytest.raises(RunFailed, match="the resources are in 2"):
        cleanup.clean(world.run(), targets("a", account="2") + targets("b"))
    assert world.done == ["destroyed b", *proven("b")]


def test_a_lost_lease_ends_all_at_once(world: World) -> None:
    def lose(name: str) -> None:
        raise LeaseLost

    world.before_destroy = lose
    with pytest.raises(LeaseLost):
        cleanup.clean(world.run(), targets("a", "b"))
    assert world.done == []


def test_a_platform_that_is_away_is_told_as_such(world: World) -> None:
    def away(name: str) -> None:
        raise Unavailable("away")

    world.before_destroy = away
    with pytest.raises(Unavailable):
        cleanup.clean(world.run(), targets("a", "b"))


def test_a_look_that_finds_nothing_is_all(world: World) -> None:
    cleanup.verify_again(world.run(), targets("a", "b"))
    assert world.done == ["looked a", "looked b"]


def test_an_empty_look_at_a_known_find_destroys_and_proves(world: World) -> None:
    world.needed_cleanup.add("b")
    cleanup.verify_again(world.run(), targets("a", "b"))
    assert world.done == ["looked a", "looked b", "destroyed b", *proven("b")]


def test_finds_of_all_looks_are_destroyed_before_the_first_proof(world: World) -> None:
    world.left |= {"a": ["vpc-1"], "b": ["vpc-2"]}
    with pytest.raises(RunFailed) as failure:
        cleanup.verify_again(world.run(), targets("a", "b") + targets("c", account="2"))
    assert world.done == ["looked a", "looked b", "destroyed a", "destroyed b"]
    for words in ("Attempt a", "vpc-1", "Attempt b", "vpc-2", "Attempt c"):
        assert words in failure.value.message
