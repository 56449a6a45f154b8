"""The ways in which a run ends without success."""

from dataclasses import dataclass


@dataclass
class RunFailed(Exception):
    """The run failed. `failure_class` decides about retries; `message` is for the user."""

    failure_class: str
    message: str
    exit_code: int = -1
    rule: str = ""
    log_tail: str = ""

    def __str__(self) -> str:
        return self.message


class RunStopped(Exception):
    """A destroy was requested, so the work was stopped."""


class RunInterrupted(Exception):
    """The runner itself shuts down, so the work was stopped."""


class LeaseLost(Exception):
    """The lease is lost: the process tree is killed, and nothing may be written any more."""
