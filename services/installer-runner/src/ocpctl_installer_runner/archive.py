"""Snapshots of an attempt's install directory."""

import io
import tarfile
from pathlib import Path
from typing import IO

import zstandard

LEVEL = 3


def pack(folder: Path) -> bytes:
    """The folder as tar.zst: regular files and directories only, names relative to it."""
    buffer = io.BytesIO()
    pack_to(folder, buffer)
    return buffer.getvalue()


def pack_to(folder: Path, target: IO[bytes]) -> None:
    """The same into a file, in bounded memory."""
    compressor = zstandard.ZstdCompressor(level=LEVEL)
    with compressor.stream_writer(target, closefd=False) as stream, tarfile.open(fileobj=stream, mode="w|") as archive:
        for path in sorted(folder.rglob("*")):
            if path.is_file() and not path.is_symlink():
                archive.add(path, arcname=str(path.relative_to(folder)), recursive=False)
