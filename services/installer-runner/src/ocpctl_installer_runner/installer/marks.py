"""From the installer's log to stages with a percentage: what a person watches for 45 minutes."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

LOG_NAME = ".openshift_install.log"
RECORD = re.compile(r'time="[^"]*" level=(?P<level>\w+) msg=(?P<message>"(?:[^"\\]|\\.)*"|\S+)')
OPERATORS = re.compile(r"\d+ of \d+ done \((?P<percent>\d+)% complete\)")


@dataclass(frozen=True, slots=True)
class Mark:
    """A stage begins at `percent`."""

    text: str
    stage: str
    percent: int


MARKS = (
    Mark("Consuming Install Config", "infrastructure", 5),
    Mark("Creating infrastructure resources", "infrastructure", 8),
    Mark("Network infrastructure is ready", "network ready", 15),
    Mark("Control-plane machines are ready", "control plane", 30),
    Mark("for the Kubernetes API", "waiting for the API", 35),
    Mark("for bootstrapping to complete", "bootstrap", 45),
    Mark("Destroying the bootstrap resources", "bootstrap done", 60),
    Mark("to initialize", "operators", 65),
    Mark("Install complete!", "installed", 98),
    Mark("Uninstallation complete!", "destroyed, checking", 60),
    Mark("Deleted ", "deleting", 30),
)
OPERATORS_BEGIN, OPERATORS_END = 65, 97


@dataclass(frozen=True, slots=True, kw_only=True)
class StageChange:
    """What a log line means to a person."""

    stage: str
    percent: int
    message: str


class LogFollower:
    """Reads what was added to the installer's log since the last look."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / LOG_NAME
        self._position = 0
        self._rest = ""

    def new_lines(self) -> list[str]:
        """Whole lines only; a half-written one is kept for the next look."""
        if not self._path.exists():
            return []
        with self._path.open("rb") as log:
            log.seek(self._position)
            added = log.read()
        self._position += len(added)
        *lines, self._rest = (self._rest + added.decode(errors="replace")).split("\n")
        return lines


def changes(lines: list[str]) -> Iterator[StageChange]:
    """The stage changes in some log lines."""
    for line in lines:
        if (record := RECORD.match(line)) and (found := _change(record["message"].strip('"'))):
            yield found


class Progress:
    """What the log of one command means to a person, with a percentage that never falls."""

    def __init__(self) -> None:
        self._percent = 0

    def changes(self, lines: list[str]) -> Iterator[StageChange]:
        """The stage changes in the next log lines. A stage of a lower percentage keeps the higher."""
        for change in changes(lines):
            self._percent = max(self._percent, change.percent)
            yield replace(change, percent=self._percent)


def _change(message: str) -> StageChange | None:
    if progress := OPERATORS.search(message):
        percent = OPERATORS_BEGIN + int(progress["percent"]) * (OPERATORS_END - OPERATORS_BEGIN) // 100
        return StageChange(stage="operators", percent=percent, message=message)
    mark = next((mark for mark in MARKS if mark.text in message), None)
    return StageChange(stage=mark.stage, percent=mark.percent, message=message) if mark else None
