"""Stores the files of an attempt and records where they lie."""

from dataclasses import dataclass
from pathlib import Path

from ocpctl_common.cloud.artifacts import ArtifactStore, Stored

from ocpctl_installer_runner.lease import Lease
from ocpctl_installer_runner.lease_messages import RequestHeader
from ocpctl_installer_runner.reporter import Reporter


@dataclass(frozen=True, slots=True, kw_only=True)
class ArtifactWriter:
    """Every attempt writes under keys of its own, so a runner that lost its lease overwrites nothing."""

    header: RequestHeader
    store: ArtifactStore
    lease: Lease
    reporter: Reporter

    def put(self, name: str, path: Path, content_type: str) -> Stored:
        """Stores a file and removes it here. Raises LeaseLost, Unavailable."""
        self.lease.check()
        try:
            return self.store.put_new(self._key(name), path, content_type)
        finally:
            path.unlink()

    def put_output(self, name: str, content: bytes, content_type: str) -> Stored:
        """Stores a new version of something that belongs to the cluster. Raises LeaseLost, Unavailable."""
        self.lease.check()
        return self.store.put(f"clusters/{self.header.cluster_id}/outputs/{name}", content, content_type)

    def record(self, stored: Stored, artifact_type: str) -> None:
        """Tells the scheduler where it lies. Raises LeaseLost, Fenced, Refused, Unavailable."""
        self.reporter.record_artifact(stored, artifact_type)

    def _key(self, name: str) -> str:
        header = self.header
        return f"clusters/{header.cluster_id}/attempts/{header.attempt_id}/fence-{header.fence}/{name}"
