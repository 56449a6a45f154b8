"""Snapshots of an attempt's install directory."""

import tarfile
from pathlib import Path
from typing import IO

import zstandard

from ocpctl_installer_runner.installer.log_stages import LOG_NAME

LEVEL = 3


def pack_to(folder: Path, target: IO[bytes]) -> None:
    """The folder as tar.zst, in bounded memory: regular files and directories only, names relative to it.

    Without the installer's log: it is kept redacted, beside this.
    """
    compressor = zstandard.ZstdCompressor(level=LEVEL)
    with compressor.stream_writer(target, closefd=False) as stream, tarfile.open(fileobj=stream, mode="w|") as archive:
        for path in sorted(folder.rglob("*")):
            if path.is_file() and not path.is_symlink() and path.name != LOG_NAME:
                archive.add(path, arcname=str(path.relative_to(folder)), recursive=False)
