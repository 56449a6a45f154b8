"""A snapshot of an install directory holds what a destroy needs, and no log, which is kept redacted beside it."""

import io
import tarfile
from pathlib import Path

import zstandard
from ocpctl_installer_runner import archive
from ocpctl_installer_runner.installer.log_stages import LOG_NAME


def test_all_files_but_the_log_are_packed(tmp_path: Path) -> None:
    (tmp_path / "auth").mkdir()
    for name in ("metadata.json", "auth/kubeconfig", LOG_NAME):
        (tmp_path / name).write_text(name)
    (tmp_path / "link").symlink_to("/etc/passwd")
    target = io.BytesIO()
    archive.pack_to(tmp_path, target)
    target.seek(0)
    with (
        zstandard.ZstdDecompressor().stream_reader(target) as stream,
        tarfile.open(fileobj=stream, mode="r|") as packed,
    ):
        assert [member.name for member in packed] == ["auth/kubeconfig", "metadata.json"]
