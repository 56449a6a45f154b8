"""What a run works with: the grant, the lease, the tools, and an attempt's own directory and secrets."""

import shutil
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import structlog
from ocpctl.internal.v1 import lease_service_pb2 as pb
from ocpctl_common.clock import Clock
from ocpctl_common.cloud.artifacts import ArtifactStore, Stored
from ocpctl_common.cloud.secrets import SecretStore
from ocpctl_common.errors import Fenced, OcpctlError, Unavailable
from ocpctl_common.failpoints import reach
from ocpctl_common.profiles.spec import ResolvedSpec
from ocpctl_common.providers.cloud import Cloud
from ocpctl_common.providers.protocol import Provider
from ocpctl_common.providers.registry import PROVIDERS, Clouds
from ocpctl_common.telemetry.redaction import Redactor

from ocpctl_installer_runner import pull_secret
from ocpctl_installer_runner.fitness import Fitness
from ocpctl_installer_runner.installer.failure_rules import Rule
from ocpctl_installer_runner.lease import Lease, boottime
from ocpctl_installer_runner.pull_secret import PullSecret
from ocpctl_installer_runner.settings import RunnerSettings
from ocpctl_installer_runner.translation.lease_port import LeasePort
from ocpctl_installer_runner.user_visible_log import Batch, ShownLog

LOG_PAUSE_SECONDS = 5.0  # after a line could not be stored: a scheduler that is away must not slow a run down

log = structlog.get_logger()


@dataclass(frozen=True, slots=True, kw_only=True)
class Tools:
    """What all runs of a process share."""

    settings: RunnerSettings
    port: LeasePort
    artifacts: ArtifactStore
    secrets: SecretStore
    clouds: Clouds
    rules: tuple[Rule, ...]
    clock: Clock
    fitness: Fitness

    def pull_secret(self) -> PullSecret:
        """As it is now. Raises BadPullSecret, Unavailable, CloudRefused."""
        return pull_secret.read(self.secrets.get(self.settings.pull_secret_arn))


@dataclass(slots=True, kw_only=True)
class Attempt:
    """One granted run. The counters make the scheduler refuse what comes late."""

    grant: pb.Grant
    spec: ResolvedSpec
    lease: Lease
    tools: Tools
    redactor: Redactor = field(default_factory=Redactor)
    shown_log: ShownLog = field(default_factory=ShownLog)
    _secrets: list[str] = field(default_factory=list)
    _sequence: int = 0
    most_percent: int = 100  # nothing is told beyond it
    _percent: int = 0
    _artifact_sequence: int = 0
    _log_paused_until: float = 0.0

    @property
    def folder(self) -> Path:
        """This attempt's own directory."""
        return self.tools.settings.work_dir / self.grant.attempt_id

    @property
    def domain(self) -> str:
        """<name>.<base domain>."""
        return f"{self.spec.name}.{self.spec.base_domain}"

    @property
    def provider(self) -> Provider:
        """Of the cluster's cloud."""
        return PROVIDERS[self.spec.platform]

    @property
    def cloud(self) -> Cloud:
        """In which the cluster lives. Raises ProviderDisabled."""
        return self.tools.clouds.of(self.spec.platform)

    def make_folder(self, name: str) -> Path:
        """A new, empty, private directory of this attempt. Never used twice."""
        path = self.folder / name
        path.mkdir(mode=0o700, parents=True)
        return path

    def remove_folder(self) -> None:
        """Secrets do not stay on disk."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def know_secret(self, *values: str) -> None:
        """From now on these values are masked in everything that leaves the runner."""
        self._secrets += values
        self.redactor = Redactor(self._secrets)

    def progress(self, stage: str, percent: int, message: str, *, blocker: str = "") -> None:
        """Tells the user; the percentage of a run never falls. A scheduler that is away misses it, the run goes on.

        Raises LeaseLost, Fenced.
        """
        self.lease.check()
        reach(f"runner.stage.{stage}")
        self._sequence += 1
        self._percent = max(self._percent, min(percent, self.most_percent))
        request = pb.ProgressRequest(
            cluster_id=self.grant.cluster_id,
            fence=self.grant.fence,
            runner_id=self.tools.settings.runner_id,
            attempt_id=self.grant.attempt_id,
            sequence=self._sequence,
            stage=stage,
            progress_percent=self._percent,
            message=self.redactor.redact(message),
            blocker=self.redactor.redact(blocker),
        )
        try:
            self.tools.port.progress(request)
        except Unavailable as error:
            log.warning("progress not told", stage=stage, error=error.message)

    @property
    def secrets(self) -> Sequence[str]:
        """What is masked in everything that leaves the runner."""
        return self._secrets

    def show_log(self, lines: Sequence[str], left_out: int) -> None:
        """Lets people read new, redacted lines of the installer's log. What cannot be stored now is stored with the
        next ones. `left_out`: so many lines of this command are not kept.

        A run never fails for its log. Raises LeaseLost, Fenced.
        """
        self.lease.check()
        self.shown_log.keep(lines, self.redactor)
        self.shown_log.left_out = max(self.shown_log.left_out, left_out)
        if boottime() >= self._log_paused_until:
            self.flush_log()

    def tell_left_out(self) -> None:
        """Says in the log how much of it is not kept there. Raises LeaseLost, Fenced."""
        self.shown_log.tell_left_out()
        self.show_log((), 0)

    def flush_log(self) -> None:
        """Stores the lines that wait. Raises Fenced."""
        try:
            while batch := self.shown_log.next_batch():
                self.tools.port.append_log(self._lines(batch))
                self.shown_log.stored(batch)
        except Fenced:
            raise
        except OcpctlError as error:
            self._log_paused_until = boottime() + LOG_PAUSE_SECONDS
            log.warning("lines of the log not stored yet", error=error.message)

    def _lines(self, batch: Batch) -> pb.AppendLogRequest:
        return pb.AppendLogRequest(
            cluster_id=self.grant.cluster_id,
            fence=self.grant.fence,
            runner_id=self.tools.settings.runner_id,
            attempt_id=self.grant.attempt_id,
            first_number=batch.first,
            lines=batch.lines,
        )

    def key(self, name: str) -> str:
        """An S3 key that no other attempt writes."""
        return f"clusters/{self.grant.cluster_id}/attempts/{self.grant.attempt_id}/fence-{self.grant.fence}/{name}"

    def store(self, name: str, path: Path, content_type: str) -> Stored:
        """Puts a file as an artifact of this attempt; it is removed here. Raises LeaseLost, Unavailable."""
        self.lease.check()
        try:
            return self.tools.artifacts.put_new(self.key(name), path, content_type)
        finally:
            path.unlink()

    def record(self, stored: Stored, artifact_type: str) -> None:
        """Tells the scheduler where an artifact lies. Raises LeaseLost, Fenced, Refused, Unavailable."""
        self.lease.check()
        self._artifact_sequence += 1
        self.tools.port.snapshot(
            pb.SnapshotRequest(
                cluster_id=self.grant.cluster_id,
                fence=self.grant.fence,
                runner_id=self.tools.settings.runner_id,
                attempt_id=self.grant.attempt_id,
                sequence=self._artifact_sequence,
                artifact_type=artifact_type,
                s3_uri=stored.uri,
                version_id=stored.version_id,
                sha256=stored.sha256,
                size_bytes=stored.size_bytes,
            )
        )


def output_of(folder: Path) -> Path:
    """Where an installer's stdout and stderr go: beside its directory, not into the snapshot."""
    return folder.with_name(f"{folder.name}.out")
