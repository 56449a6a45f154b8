"""The user-visible log: the part of an installer's log that users watch.

It has the records from level info on, redacted, numbered, bounded.

The process that reads the log has redacted and bounded them; the whole log, with what is meant for engineers, goes to
S3. Lines that are no record are omitted: a record is one line, so no secret can hide behind the end of another.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ocpctl_installer_runner.installer.log_stages import RECORD
from ocpctl_installer_runner.known_secrets import KnownSecrets

HIDDEN_LEVELS = ("debug", "trace")
MAX_LINE_CHARACTERS = 4000
MAX_BATCH_LINES = 200
OMITTED = "[{count} more lines were not kept here; the log that is kept with the attempt has them]"
UNREAD = "[the end of the log was not read in time; the log that is kept with the attempt has it]"


@dataclass(frozen=True, slots=True)
class Batch:
    """Lines to be stored; `first` is the number of the first of them within the attempt."""

    first: int
    lines: Sequence[str]


class UserVisibleLog:
    """Lines wait here until they are stored, under numbers that never change."""

    def __init__(self) -> None:
        self._waiting: list[str] = []
        self._stored = 0
        self.characters = 0
        self.omitted = 0

    def add(self, lines: Iterable[str], secrets: KnownSecrets) -> None:
        """Takes the new lines that users may see."""
        for line in lines:
            record = RECORD.match(line)
            if record and record["level"] not in HIDDEN_LEVELS:
                visible = secrets.redact(line)[:MAX_LINE_CHARACTERS]
                self.characters += len(visible)
                self._waiting.append(visible)

    def add_what_is_missing(self, *, unread: bool) -> None:
        """Adds a line for each reason that lines are missing."""
        if self.omitted:
            self._waiting.append(OMITTED.format(count=self.omitted))
            self.omitted = 0
        if unread:
            self._waiting.append(UNREAD)

    @property
    def waiting_characters(self) -> int:
        """How much waits to be stored."""
        return sum(map(len, self._waiting))

    def next_batch(self) -> Batch | None:
        """What is to be stored next, if anything. The same again until it is `stored`."""
        return Batch(self._stored + 1, self._waiting[:MAX_BATCH_LINES]) if self._waiting else None

    def stored(self, batch: Batch) -> None:
        """Forgets the lines of a batch."""
        del self._waiting[: len(batch.lines)]
        self._stored += len(batch.lines)
