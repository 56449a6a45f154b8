"""Reads an installer's output in bounded memory: what users see, what is archived, what is evidence of a failure."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from ocpctl_installer_runner.installer import log_stages
from ocpctl_installer_runner.installer.failure_rules import Evidence
from ocpctl_installer_runner.installer.file_lines import FileLines
from ocpctl_installer_runner.installer.redacted_lines import RedactedLines

MAX_SHOWN_CHARACTERS = 4000  # characters of a line that people watch
MAX_ARCHIVED_BYTES = 64 * 2**20  # bytes of debug records; after them only higher levels are kept
DEBUG_LEVELS = (b" level=debug ", b" level=trace ")
LEVEL_WITHIN = 80  # the level of a record stands within its first bytes
# Texts of debug records that may be stages; all other debug records are skipped before anything is matched.
STAGE_TEXTS = (*(stage.text.encode() for stage in log_stages.STAGES), b"% complete)")


def is_debug(line: bytes) -> bool:
    """Whether it is a record of level debug or trace."""
    return any(level in line[:LEVEL_WITHIN] for level in DEBUG_LEVELS)


@dataclass(frozen=True, slots=True)
class Visible:
    """What a piece of the log means to users."""

    lines: list[str]
    changes: list[log_stages.StageChange]


class LogWatcher:
    """Finds what users see in a log. The percentage never falls."""

    def __init__(self, redacted: RedactedLines) -> None:
        self._redacted = redacted
        self._progress = log_stages.Progress()

    def read(self, piece: list[tuple[bytes, int]]) -> Visible:
        """Redacted records to be shown, and of each stage its last change."""
        visible = Visible([], [])
        for line, cut in piece:
            debug = is_debug(line)
            if debug and not any(text in line for text in STAGE_TEXTS):
                continue
            text = self._redacted.redact(line, cut)[:MAX_SHOWN_CHARACTERS]
            if not debug and log_stages.RECORD.match(text):
                visible.lines.append(text)
            visible.changes.extend(self._progress.changes([text]))
        last = {change.stage: change for change in visible.changes}
        return Visible(visible.lines, list(last.values()))


@dataclass(slots=True)
class LogArchiver:
    """Writes the redacted output and gathers the evidence in it."""

    redacted: RedactedLines
    evidence: Evidence
    target: BinaryIO
    debug_bytes: int = 0
    omitted: int = 0

    def add_file(self, path: Path) -> Iterator[None]:
        """The whole file, a piece at a step."""
        pieces = FileLines(path)
        while (lines := pieces.next_lines()) is not None:
            self._add(lines)
            yield
        if last := pieces.last_line():
            self._add([last])

    def _add(self, lines: list[tuple[bytes, int]]) -> None:
        for line, cut in lines:
            if is_debug(line):
                self.debug_bytes += len(line)
                if self.debug_bytes > MAX_ARCHIVED_BYTES:
                    self.omitted += 1
                    continue
            text = self.redacted.redact(line, cut)
            self.evidence.add(text)
            self.target.write(text.encode(errors="replace") + b"\n")

    def finish(self) -> None:
        """Notes in the archive how many records were omitted."""
        if self.omitted:
            note = (
                f"[{self.omitted} debug records behind the first {MAX_ARCHIVED_BYTES >> 20} MB of them were not kept]\n"
            )
            self.target.write(note.encode())
