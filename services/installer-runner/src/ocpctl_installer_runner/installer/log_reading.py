"""What is made of an installer's output in bounded memory: what is shown, what is kept, what is evidence."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from ocpctl_installer_runner.installer import log_stages
from ocpctl_installer_runner.installer.failure_rules import Evidence
from ocpctl_installer_runner.installer.file_lines import Pieces
from ocpctl_installer_runner.installer.redacted_lines import CleanLines

LONGEST_SHOWN = 4000  # characters of a line that people watch
MOST_ARCHIVED = 64 * 2**20  # bytes of debug records; behind them only louder ones are kept
NOISE = (b" level=debug ", b" level=trace ")
BEHIND_TIME = 80  # the level of a record stands within its first bytes
# Debug records that may mean progress to a person; all others are passed over before anything is matched.
TELLING = (*(mark.text.encode() for mark in log_stages.MARKS), b"% complete)")


def is_noise(line: bytes) -> bool:
    """Whether it is a record for engineers."""
    return any(level in line[:BEHIND_TIME] for level in NOISE)


@dataclass(frozen=True, slots=True)
class Seen:
    """What a piece of the log means to people."""

    lines: list[str]
    changes: list[log_stages.StageChange]


class Watching:
    """Follows the log for people. The percentage never falls."""

    def __init__(self, clean: CleanLines) -> None:
        self._clean = clean
        self._progress = log_stages.Progress()

    def see(self, piece: list[tuple[bytes, int]]) -> Seen:
        """Redacted records to be shown, and of each stage its last change."""
        seen = Seen([], [])
        for line, cut in piece:
            noise = is_noise(line)
            if noise and not any(text in line for text in TELLING):
                continue
            text = self._clean.clean(line, cut)[:LONGEST_SHOWN]
            if not noise and log_stages.RECORD.match(text):
                seen.lines.append(text)
            seen.changes.extend(self._progress.changes([text]))
        last = {change.stage: change for change in seen.changes}
        return Seen(seen.lines, list(last.values()))


@dataclass(slots=True)
class Archiving:
    """Writes the redacted output and gathers the evidence in it."""

    clean: CleanLines
    evidence: Evidence
    target: BinaryIO
    noise: int = 0
    left_out: int = 0

    def take(self, path: Path) -> Iterator[None]:
        """The whole file, a piece at a step."""
        pieces = Pieces(path)
        while (lines := pieces.next_lines()) is not None:
            self._keep(lines)
            yield
        if last := pieces.last_line():
            self._keep([last])

    def _keep(self, lines: list[tuple[bytes, int]]) -> None:
        for line, cut in lines:
            if is_noise(line):
                self.noise += len(line)
                if self.noise > MOST_ARCHIVED:
                    self.left_out += 1
                    continue
            text = self.clean.clean(line, cut)
            self.evidence.add(text)
            self.target.write(text.encode(errors="replace") + b"\n")

    def end(self) -> None:
        """Tells in the archive what it lacks."""
        if self.left_out:
            said = f"[{self.left_out} debug records behind the first {MOST_ARCHIVED >> 20} MB of them were not kept]\n"
            self.target.write(said.encode())
