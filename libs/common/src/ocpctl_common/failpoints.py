"""Named lines at which a process can be made to die, for the fault tests (docs/reliability.md).

`OCPCTL_FAILPOINT=<name>` ends the process with SIGKILL when it first reaches that line: no handler runs, nothing is
flushed, as when a machine loses power. Without the variable at start, `reach` is a function that does nothing.
"""

import os
import signal
import sys
from collections.abc import Callable
from enum import StrEnum

VARIABLE = "OCPCTL_FAILPOINT"


class Failpoint(StrEnum):
    """Every line that can be chosen, in the order in which a cluster's life meets them."""

    ACCEPT_BEFORE_COMMIT = "accept.before-commit"
    ACCEPT_COMMITTED = "accept.committed"  # before the reply
    RELAY_CLAIMED = "relay.claimed"
    RELAY_SENT = "relay.sent"  # before the row is marked
    RUNNER_RECEIVED = "runner.received"
    ACQUIRE_COMMITTED = "acquire.committed"  # the reply is lost
    RUNNER_GRANTED = "runner.granted"  # before the message is deleted
    RUNNER_PREPARING = "runner.preparing"
    RUNNER_SNAPSHOT_STORED = "runner.snapshot-stored"  # before Authorize
    RUNNER_CREDENTIALS = "runner.credentials"  # after Authorize, before anything is made
    RUNNER_CREDENTIALS_MADE = "runner.credentials-made"
    AUTHORIZE_COMMITTED = "authorize.committed"  # the reply is lost
    RUNNER_CREATING = "runner.stage.infrastructure"  # amid the first calls of `create cluster`
    RUNNER_STAGE_NETWORK = "runner.stage.network ready"
    RUNNER_STAGE_API = "runner.stage.waiting for the API"
    RUNNER_STAGE_BOOTSTRAP = "runner.stage.bootstrap"
    RUNNER_STAGE_OPERATORS = "runner.stage.operators"
    RUNNER_INSTALLED = "runner.installed"  # before Report
    REPORT_COMMITTED = "report.committed"  # the reply is lost
    RUNNER_REPORTED = "runner.reported"  # before the directory is removed
    DESTROY_START = "destroy.start"
    DESTROY_HALF = "runner.stage.deleting"
    DESTROY_DONE = "destroy.done"  # exit 0, before the first check
    DESTROY_BETWEEN_LOOKS = "destroy.between-looks"
    JANITOR_TAKEOVER = "janitor.takeover"  # found, before asking
    TAKEOVER_COMMITTED = "takeover.committed"  # the reply is lost


def _nothing(name: str) -> None:
    """No failpoint is chosen in this process."""


def _armed(chosen: str) -> Callable[[str], None]:
    if chosen not in set(Failpoint):
        sys.exit(f"{VARIABLE}={chosen} is no failpoint; there are: {', '.join(Failpoint)}")

    def die_at(name: str) -> None:
        if name == chosen:
            os.kill(os.getpid(), signal.SIGKILL)

    return die_at


# The one switch that is not a setting: it must be decided before anything runs, and must not show up in production.
reach: Callable[[str], None] = _armed(os.environ[VARIABLE]) if os.environ.get(VARIABLE) else _nothing
