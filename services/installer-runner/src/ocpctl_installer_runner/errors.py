"""How a run ends other than well."""

from dataclasses import dataclass


@dataclass
class RunFailed(Exception):
    """The run did not work; the class decides about retries, the sentence is for the user."""

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
    """The lease is lost: the tree is dead, nothing may be written any more."""
