"""Follows an installer's log through a log reader process, which is started again when it is lost."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import structlog

from ocpctl_installer_runner.installer.log_reader import LogReader, LogReaderLost
from ocpctl_installer_runner.installer.log_stages import StageChange

MAX_RESTARTS = 5
LOST = 'time="" level=warning msg="[the process that reads the log was lost {times} times: no more lines are shown]"'
RESTARTED = 'time="" level=warning msg="[the process that reads the log was lost; it goes on where it was]"'

log = structlog.get_logger()


@dataclass(frozen=True, slots=True, kw_only=True)
class News:
    """What was read: redacted lines, stage changes, and how many lines are not kept."""

    lines: Sequence[str] = ()
    changes: Sequence[StageChange] = ()
    omitted: int = 0


class LogFollower:
    """What users learn of a running installer. Nothing here fails a run, and no line comes unredacted."""

    def __init__(self, path: Path, secrets: Sequence[str], *, shown: bool, characters: int = 0) -> None:
        """`characters`: how many were shown of earlier commands of the attempt."""
        self._task: dict[str, Any] = {"do": "follow", "log": str(path), "secrets": list(secrets), "shown": shown}
        self._task |= {"position": 0, "characters": characters, "omitted": 0}
        self._restarts = 0
        self._ending = False
        self.done = False
        self._reader = LogReader(self._task)

    @property
    def pid(self) -> int:
        """Of the log reader process."""
        return self._reader.pid

    def news(self, seconds: float) -> Iterator[News]:
        """What has come, waiting at most `seconds` for it."""
        if self.done:
            return
        try:
            for message in self._reader.messages(seconds):
                if "done" in message:
                    self.done = True
                    return
                yield self._news(message)
        except LogReaderLost:
            yield self._restart()

    def end(self) -> None:
        """The installer has ended: `done` when everything is read."""
        self._ending = True
        if not self.done:
            self._reader.end()

    def close(self) -> None:
        """No process is left."""
        self._reader.close()

    def _news(self, message: Any) -> News:
        self._task |= {name: message[name] for name in ("position", "characters", "omitted") if name in message}
        changes = [StageChange(**change) for change in message.get("changes", ())]
        return News(lines=message["lines"], changes=changes, omitted=self._task["omitted"])

    def _restart(self) -> News:
        log.warning("log reader process lost", restarts=self._restarts)
        self._reader.close()
        self._restarts += 1
        if self._restarts > MAX_RESTARTS:
            self.done = True
            return News(lines=[LOST.format(times=self._restarts)])
        self._reader = LogReader(self._task)
        if self._ending:
            self._reader.end()
        return News(lines=[RESTARTED])
