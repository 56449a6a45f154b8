"""Each log stage with its percentage, from the installer's log: what a user watches for 45 minutes."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

LOG_NAME = ".openshift_install.log"
RECORD = re.compile(r'time="[^"]*" level=(?P<level>\w+) msg=(?P<message>"(?:[^"\\]|\\.)*"|\S+)')
OPERATORS = re.compile(r"\d+ of \d+ done \((?P<percent>\d+)% complete\)")


@dataclass(frozen=True, slots=True)
class Stage:
    """A stage that begins at `percent` when a record holds `text`."""

    text: str
    name: str
    percent: int


STAGES = (
    Stage("Creating infrastructure resources", "infrastructure", 8),
    Stage("for network infrastructure to become ready", "network", 10),
    Stage("Network infrastructure is ready", "network ready", 15),
    Stage(" to provision", "machines", 20),
    Stage("Control-plane machines are ready", "control plane", 30),
    Stage("for the Kubernetes API", "waiting for the API", 35),
    Stage("for bootstrapping to complete", "bootstrap", 45),
    Stage("Destroying the bootstrap resources", "bootstrap done", 60),
    Stage("Finished destroying bootstrap resources", "bootstrap done", 63),
    Stage("to initialize", "operators", 65),
    Stage("has finished progressing", "operators come to rest", 94),
    Stage("All cluster operators have completed progressing", "operators come to rest", 96),
    Stage("Checking to see if there is a route at", "console", 97),
    Stage("Install complete!", "installed", 98),
    Stage("Uninstallation complete!", "destroyed, checking", 60),
)
OPERATORS_BEGIN, OPERATORS_END = 65, 93
# `destroy cluster` logs one of these words for each resource that is gone; the record's fields name the resource.
DONE = re.compile(r"(?:Deleted|Terminated|Disassociated|Released|Detached|Removed)(?:$| )")
FIELD = re.compile(r'\b(id|name|resourceType)=(?:"([^"]*)"|(\S+))')
DELETING, DELETING_BEGIN, DELETING_END = "deleting", 10, 58
HALF = 25  # after so many deletions half of the progress is shown; their total is unknown


@dataclass(frozen=True, slots=True, kw_only=True)
class StageChange:
    """What a log line means to a person."""

    stage: str
    percent: int
    message: str


def changes(lines: list[str]) -> Iterator[StageChange]:
    """The stage changes in some log lines."""
    for line in lines:
        if record := RECORD.match(line):
            message = record["message"].strip('"')
            if found := _deleted(message, line[record.end() :]) or _change(message):
                yield found


class Progress:
    """What the log of one command means to a person, with a percentage that never falls."""

    def __init__(self) -> None:
        self._percent = 0
        self._deleted = 0

    def changes(self, lines: list[str]) -> Iterator[StageChange]:
        """The stage changes in the next log lines. A stage of a lower percentage keeps the higher."""
        for change in changes(lines):
            self._percent = max(self._percent, self._percent_of(change))
            yield replace(change, percent=self._percent)

    def _percent_of(self, change: StageChange) -> int:
        """A destroy comes nearer to its end with everything that it deletes, and reaches it only when it says so."""
        if change.stage != DELETING:
            return change.percent
        self._deleted += 1
        return DELETING_BEGIN + (DELETING_END - DELETING_BEGIN) * self._deleted // (self._deleted + HALF)


def _deleted(message: str, rest: str) -> StageChange | None:
    if not DONE.match(message):
        return None
    fields = {name: quoted or bare for name, quoted, bare in FIELD.findall(rest)}
    what = " ".join(filter(None, (fields.get("resourceType"), fields.get("id") or fields.get("name"))))
    return StageChange(stage=DELETING, percent=DELETING_BEGIN, message=f"{message} {what}".strip())


def _change(message: str) -> StageChange | None:
    if progress := OPERATORS.search(message):
        percent = OPERATORS_BEGIN + int(progress["percent"]) * (OPERATORS_END - OPERATORS_BEGIN) // 100
        return StageChange(stage="operators", percent=percent, message=message)
    stage = next((stage for stage in STAGES if stage.text in message), None)
    return StageChange(stage=stage.name, percent=stage.percent, message=message) if stage else None
