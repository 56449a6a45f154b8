"""Follows an installer's log through a process of its own, which is started again where it was lost."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import structlog

from ocpctl_installer_runner.installer.log_reader import Digesting, DigestLost
from ocpctl_installer_runner.installer.log_stages import StageChange

MOST_RESTARTS = 5
LOST = 'time="" level=warning msg="[the process that reads the log was lost {times} times: no more lines are shown]"'
AGAIN = 'time="" level=warning msg="[the process that reads the log was lost; it goes on where it was]"'

log = structlog.get_logger()


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What was read: redacted lines, stages, and how many lines are not kept."""

    lines: Sequence[str] = ()
    changes: Sequence[StageChange] = ()
    left_out: int = 0


class Following:
    """What people learn of a running installer. Nothing here fails a run, and no line comes unredacted."""

    def __init__(self, path: Path, secrets: Sequence[str], *, shown: bool, characters: int = 0) -> None:
        """`characters`: so many are shown of earlier commands of the attempt."""
        self._task: dict[str, Any] = {"do": "follow", "log": str(path), "secrets": list(secrets), "shown": shown}
        self._task |= {"position": 0, "characters": characters, "left_out": 0}
        self._restarts = 0
        self._ending = False
        self.done = False
        self._digesting = Digesting(self._task)

    @property
    def pid(self) -> int:
        """Of the process that reads."""
        return self._digesting.pid

    def told(self, seconds: float) -> Iterator[Told]:
        """What has come, waiting at most `seconds` for it."""
        if self.done:
            return
        try:
            for message in self._digesting.messages(seconds):
                if "done" in message:
                    self.done = True
                    return
                yield self._told(message)
        except DigestLost:
            yield self._again()

    def end(self) -> None:
        """The installer has ended: `done` when everything is read."""
        self._ending = True
        if not self.done:
            self._digesting.end()

    def close(self) -> None:
        """No process is left."""
        self._digesting.close()

    def _told(self, message: Any) -> Told:
        self._task |= {name: message[name] for name in ("position", "characters", "left_out") if name in message}
        changes = [StageChange(**change) for change in message.get("changes", ())]
        return Told(lines=message["lines"], changes=changes, left_out=self._task["left_out"])

    def _again(self) -> Told:
        log.warning("the process that reads the log was lost", restarts=self._restarts)
        self._digesting.close()
        self._restarts += 1
        if self._restarts > MOST_RESTARTS:
            self.done = True
            return Told(lines=[LOST.format(times=self._restarts)])
        self._digesting = Digesting(self._task)
        if self._ending:
            self._digesting.end()
        return Told(lines=[AGAIN])
