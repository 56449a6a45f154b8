"""Credentials made for a cluster: who decides, in which order it goes, and that nothing is made before permission."""

import json
import os
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from ocpctl_common.lifecycle.states import CredentialsMode
from ocpctl_common.providers.registry import PROVIDERS
from ocpctl_installer_runner import cluster_credentials, install
from ocpctl_installer_runner.errors import RunFailed
from ocpctl_installer_runner.installer import failure_rules
from ocpctl_installer_runner.installer.binary import Installer
from ocpctl_installer_runner.installer.failure_rules import Failure
from ocpctl_installer_runner.known_secrets import KnownSecrets
from ocpctl_installer_runner.workspace import output_of
from ocpctl_local.simulator import files

from tests.unit.runner.test_prepare import STAND_IN, Preparing

KEY = "a private key of some length"
REQUEST = "0000_50_a-request.yaml"
SAID = "2026/01/01 00:00:00 Role arn:aws:iam::1:role/a created\n"
ISSUER = "manifests/cluster-authentication-02-config.yaml"
WRITTEN = {"manifests/a-credentials.yaml": "{}", ISSUER: "{}", cluster_credentials.SIGNING_KEY: KEY}
IMAGE = "quay.io/openshift-release-dev/ocp-release@sha256:0"


@pytest.mark.parametrize(
    ("temporary", "mint", "expected"),
    [
        (False, {"1"}, CredentialsMode.MINT),
        (False, {"1", "2"}, CredentialsMode.MINT),
        (False, {"2"}, CredentialsMode.MANUAL),
        (False, set(), CredentialsMode.MANUAL),
        (True, {"1"}, CredentialsMode.MANUAL),
        (True, set(), CredentialsMode.MANUAL),
    ],
)
def test_only_access_keys_in_an_account_that_is_named_are_given_to_clusters(
    temporary: bool, mint: set[str], expected: CredentialsMode
) -> None:
    cloud: Any = SimpleNamespace(
        has_temporary_credentials=lambda: temporary, account=SimpleNamespace(last_known=lambda: "1")
    )
    settings: Any = SimpleNamespace(mint_accounts=frozenset(mint))
    assert cluster_credentials.mode(settings, cloud) is expected


@dataclass
class Manual:
    """A run in the mode MANUAL; the installer's commands are the simulator's, the tools write what they are for."""

    run: Any
    folder: Path
    commands: list[str] = field(default_factory=list)
    config: Any = None
    given: str = ""

    def execute(self, _run: Any, _installer: Any, words: tuple[str, ...], folder: Path, _watch: Any) -> int:
        self.commands.append(f"{' '.join(words[:2])} in {folder.name}")
        if words[1] == "manifests":
            self.config = json.loads((folder / "install-config.yaml").read_text())
            files.manifests(folder)
        elif words[1] == "ignition-configs":
            given = folder / cluster_credentials.SIGNING_KEY
            self.given = given.read_text() if given.exists() else ""
            files.ignition_configs(folder, STAND_IN)
        return 0

    def execute_program(self, _run: Any, command: list[str], folder: Path, _watch: Any) -> int:
        name = Path(command[0]).name
        self.commands.append(name)
        if name == "ccoctl":
            self.words = command[1:]
            output_of(folder).write_text(SAID)
            for below, text in WRITTEN.items():
                (folder / below).parent.mkdir(exist_ok=True)
                (folder / below).write_text(text)
        else:
            (folder / REQUEST).write_text("{}")
        return 0


@pytest.fixture
def manual(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Manual:
    run: Any = Preparing("aws-minimal-test", 0, tmp_path)
    run.context.settings.mint_accounts = frozenset()
    run.context.settings.private_discovery = False
    run.context.provider = PROVIDERS["aws"]
    run.lease = SimpleNamespace(check_wanted=lambda: None)
    made = Manual(run, tmp_path)
    monkeypatch.setattr(Installer, "release_image", lambda _: IMAGE)
    monkeypatch.setattr(
        "ocpctl_installer_runner.installer.binary.obtain",
        lambda _, __, own, program="openshift-install": Installer(own / program, "digest"),
    )
    for name in ("execute", "execute_program"):
        monkeypatch.setattr(f"ocpctl_installer_runner.installer.installer_command.{name}", getattr(made, name))
    return made


def test_before_permission_nothing_is_made(manual: Manual) -> None:
    prepared = install.prepare(manual.run)
    assert manual.config["credentialsMode"] == "Manual"
    assert manual.commands == ["create manifests in install", "oc", "create ignition-configs in identified"]
    assert (prepared.folder / "manifests").is_dir(), "the ignition configs have not consumed what credentials go into"
    assert prepared.requested


def test_then_credentials_are_made_under_the_infra_id_and_go_in_before_the_ignition_configs(manual: Manual) -> None:
    prepared = install.prepare(manual.run)
    manual.commands.clear()
    install._give_credentials(manual.run, prepared, prepared.requested)  # type: ignore[arg-type]
    assert manual.commands == ["ccoctl", "create ignition-configs in install"]
    assert manual.words[manual.words.index("--name") + 1] == prepared.target.infra_id
    assert manual.given == KEY
    assert KEY in manual.run.known


@pytest.mark.parametrize("field", ["infraID", "clusterID"])
def test_another_identity_than_the_authorised_one_ends_the_attempt(manual: Manual, field: str) -> None:
    prepared = install.prepare(manual.run)
    other = json.loads(prepared.target.metadata_json) | {field: "another"}
    (prepared.folder / "metadata.json").write_text(json.dumps(other))
    with pytest.raises(RunFailed, match="another identity"):
        cluster_credentials.check_identity(prepared.target.metadata_json, prepared.folder)


def test_a_program_that_dies_without_a_word_is_named(manual: Manual, monkeypatch: pytest.MonkeyPatch) -> None:
    """`oc` runs between two commands of the installer."""
    monkeypatch.setattr(manual, "execute_program", lambda *_: 137)
    monkeypatch.setattr("ocpctl_installer_runner.installer.installer_command.execute_program", manual.execute_program)
    monkeypatch.setattr("ocpctl_installer_runner.installer_artifacts.store_log", _without_a_word)
    with pytest.raises(RunFailed, match=r"^`oc` ended with exit code 137"):
        install.prepare(manual.run)


def _without_a_word(*called_with: Any) -> Failure:
    return failure_rules.classify((), failure_rules.Evidence(), called_with[-1])


def test_without_a_request_nothing_goes_on(manual: Manual, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.unit.runner.test_manual_credentials.REQUEST", "0000_50_a-request.txt")
    with pytest.raises(RunFailed, match="`oc` has ended well and has not written"):
        install.prepare(manual.run)
    assert manual.commands == ["create manifests in install", "oc"]


@pytest.mark.parametrize("lacking", list(WRITTEN))
def test_what_ccoctl_has_not_written_ends_the_attempt_before_the_cluster_is_made(
    manual: Manual, monkeypatch: pytest.MonkeyPatch, lacking: str
) -> None:
    prepared = install.prepare(manual.run)
    monkeypatch.delitem(WRITTEN, lacking)
    before = list(manual.commands)
    with pytest.raises(RunFailed, match="`ccoctl` has ended well and has not written"):
        install.create(manual.run, prepared)
    assert manual.commands == [*before, "ccoctl"]


@pytest.mark.parametrize("make", [os.mkfifo, lambda path: path.symlink_to("nowhere")])
def test_what_is_no_file_in_the_tools_output_is_named(
    manual: Manual, monkeypatch: pytest.MonkeyPatch, make: Callable[[Path], None]
) -> None:
    prepared = install.prepare(manual.run)
    execute = manual.execute_program

    def executed(run: Any, command: Any, folder: Path, watch: Any) -> int:
        code = execute(run, command, folder, watch)
        make(folder / "manifests" / "odd")
        return code

    monkeypatch.setattr("ocpctl_installer_runner.installer.installer_command.execute_program", executed)
    with pytest.raises(RunFailed, match="`ccoctl` has ended well and has not written manifests/odd as a file"):
        install.create(manual.run, prepared)


@pytest.mark.parametrize(
    "line",
    [
        "Existing role arn:aws:iam::123456789012:role/a found",
        "Existing Identity Provider found with ARN: arn:aws:iam::123456789012:oidc-provider/a",
        "Bucket a-oidc already exists and is owned by the user",
    ],
)
def test_what_ccoctl_finds_under_a_fresh_infra_id_is_not_given_to_a_cluster(
    manual: Manual, monkeypatch: pytest.MonkeyPatch, line: str
) -> None:
    prepared = install.prepare(manual.run)
    monkeypatch.setattr("tests.unit.runner.test_manual_credentials.SAID", f"{SAID}2026/01/01 00:00:01 {line}\n")
    with pytest.raises(RunFailed, match="is somebody else's"):
        install.create(manual.run, prepared)


def test_keys_are_known_before_the_log_of_a_failure_is_kept(manual: Manual, monkeypatch: pytest.MonkeyPatch) -> None:
    prepared = install.prepare(manual.run)
    manual.run.secrets = KnownSecrets()
    known: list[bool] = []
    failing = Failure(failure_class="UNKNOWN", message="no")

    def fails(run: Any, command: list[str], folder: Path, watch: Any) -> int:
        manual.execute_program(run, command, folder, watch)
        return 1

    def keep(run: Any, *_: Any) -> Failure:
        known.append(KEY not in run.secrets.redact(KEY))
        return failing

    monkeypatch.setattr("ocpctl_installer_runner.installer.installer_command.execute_program", fails)
    monkeypatch.setattr("ocpctl_installer_runner.installer_artifacts.store_log", keep)
    with pytest.raises(RunFailed):
        install.create(manual.run, prepared)
    assert known == [True]
