"""A growing file as lines, in bounded memory however large the file or a line of it is."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

PIECE = 256 * 1024
MAX_LINE_BYTES = 256 * 1024  # of a line; the rest is counted, not kept


def end_of(path: Path, limit: int) -> bytes:
    """The last `limit` bytes of a file; nothing of one that is not there."""
    try:
        with path.open("rb") as file:
            file.seek(max(0, os.fstat(file.fileno()).st_size - limit))
            return file.read(limit)
    except FileNotFoundError:
        return b""


class FileLines:
    """Follows a file from a position, also one that is truncated or replaced."""

    def __init__(self, path: Path, position: int = 0) -> None:
        self._path = path
        self._file: BinaryIO | None = None
        self._read = position
        self._rest = b""
        self._cut = 0  # bytes of the current line that are left out
        self._line_begins = position

    @property
    def position(self) -> int:
        """Where the next line begins: a follower that is started there misses nothing and repeats nothing."""
        return self._line_begins

    def next_lines(self) -> list[tuple[bytes, int]] | None:
        """Whole lines of the next piece, each with the bytes it was cut by; None when there is nothing new."""
        file = self._opened()
        if file is None:
            return None
        file.seek(self._read)
        piece = file.read(PIECE)
        if not piece:
            return None
        self._read += len(piece)
        return list(self._lines(piece))

    def last_line(self) -> tuple[bytes, int] | None:
        """What was written behind the last end of a line, when nothing will follow any more."""
        rest, cut = self._rest, self._cut
        self._begin(self._read)
        return (rest, cut) if rest else None

    def _opened(self) -> BinaryIO | None:
        """The file as it is now: what is left of a replaced one is read first."""
        if self._file is None:
            try:
                self._file = self._path.open("rb")
            except FileNotFoundError:
                return None
        size = os.fstat(self._file.fileno()).st_size
        if size < self._read:
            self._begin(0)
        elif size == self._read and self._replaced(self._file):
            self._file.close()
            self._file = None
            self._begin(0)
            return self._opened()
        return self._file

    def _replaced(self, file: BinaryIO) -> bool:
        try:
            return not os.path.samestat(os.fstat(file.fileno()), self._path.stat())
        except FileNotFoundError:
            return False

    def _begin(self, position: int) -> None:
        self._read = self._line_begins = position
        self._rest, self._cut = b"", 0

    def _lines(self, piece: bytes) -> Iterator[tuple[bytes, int]]:
        *ended, rest = piece.split(b"\n")
        for line in ended:
            self._extend(line)
            yield self._rest, self._cut
            self._rest, self._cut = b"", 0
        self._extend(rest)
        self._line_begins = self._read - len(self._rest) - self._cut

    def _extend(self, more: bytes) -> None:
        kept = more[: MAX_LINE_BYTES - len(self._rest)]
        self._rest += kept
        self._cut += len(more) - len(kept)
