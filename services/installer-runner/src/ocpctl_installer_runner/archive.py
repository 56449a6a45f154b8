"""Snapshots of an attempt's install directory."""

import io
import tarfile
from pathlib import Path

import zstandard

LEVEL = 3


def pack(folder: Path) -> bytes:
    """The folder as tar.zst: regular files and directories only, names relative to it."""
    buffer = io.BytesIO()
    compressor = zstandard.ZstdCompressor(level=LEVEL)
    with compressor.stream_writer(buffer, closefd=False) as stream, tarfile.open(fileobj=stream, mode="w|") as archive:
        for path in sorted(folder.rglob("*")):
            if path.is_file() and not path.is_symlink():
                archive.add(path, arcname=str(path.relative_to(folder)), recursive=False)
    return buffer.getvalue()
