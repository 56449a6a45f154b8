"""The part of an installer's log that people watch: its records from level info on, redacted, numbered, bounded.

The process that reads the log has redacted and bounded them; the whole log, with what is meant for engineers, goes to
S3. Lines that are no record are left out: a record is one line, so no secret can hide behind the end of another.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ocpctl_common.telemetry.redaction import Redactor

from ocpctl_installer_runner.installer.log_stages import RECORD

NOT_SHOWN = ("debug", "trace")
LONGEST_LINE = 4000
MOST_AT_ONCE = 200
NOT_KEPT = "[{count} more lines were not kept here; the log that is kept with the attempt has them]"


@dataclass(frozen=True, slots=True)
class Batch:
    """Lines that are to be stored; `first` is the number of the first of them within the attempt."""

    first: int
    lines: Sequence[str]


class ShownLog:
    """Lines wait here until they are stored, under numbers that never change."""

    def __init__(self) -> None:
        self._waiting: list[str] = []
        self._stored = 0
        self.characters = 0
        self.left_out = 0

    def keep(self, lines: Iterable[str], redactor: Redactor) -> None:
        """Takes what is to be shown of new lines of the log."""
        for line in lines:
            record = RECORD.match(line)
            if record and record["level"] not in NOT_SHOWN:
                self._add(redactor.redact(line)[:LONGEST_LINE])

    def tell_left_out(self) -> None:
        """One more line, if lines are missing."""
        if self.left_out:
            self._waiting.append(NOT_KEPT.format(count=self.left_out))
            self.left_out = 0

    def next_batch(self) -> Batch | None:
        """What is to be stored next, if anything. The same again until it is `stored`."""
        return Batch(self._stored + 1, self._waiting[:MOST_AT_ONCE]) if self._waiting else None

    def stored(self, batch: Batch) -> None:
        """It need not be kept any more."""
        del self._waiting[: len(batch.lines)]
        self._stored += len(batch.lines)

    def _add(self, line: str) -> None:
        self.characters += len(line)
        self._waiting.append(line)
