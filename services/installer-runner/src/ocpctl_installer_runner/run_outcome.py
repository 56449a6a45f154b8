"""What an error means to the scheduler and to the user."""

import structlog
from ocpctl_common.errors import CloudRefused, OcpctlError, Unavailable
from ocpctl_common.lifecycle.states import Outcome

from ocpctl_installer_runner.errors import RunFailed, RunInterrupted, RunStopped
from ocpctl_installer_runner.lease_messages import Report

log = structlog.get_logger()


def report_of(error: Exception) -> Report:
    """The report of a run that ended with this error. Its message is not redacted yet."""
    match error:
        case RunStopped():
            message = "The work was stopped because a destroy was requested."
            return Report(outcome=Outcome.CANCELLED, message=message)
        case RunInterrupted():
            return Report(outcome=Outcome.INTERRUPTED, message="The runner was shut down; the work is done again.")
        case Unavailable():
            # The platform's fault, not the installer's: it does not use up the user's attempts.
            message = f"A part of the platform did not answer: {error.message}"
            return Report(outcome=Outcome.INTERRUPTED, message=message)
        case RunFailed():
            return _failed(error)
    failure_class, message = _explain(error)
    return Report(outcome=Outcome.FAILED, message=message, failure_class=failure_class)


def _failed(failure: RunFailed) -> Report:
    return Report(
        outcome=Outcome.FAILED,
        message=failure.message,
        failure_class=failure.failure_class,
        exit_code=failure.exit_code,
        rule=failure.rule,
        log_tail=failure.log_tail,
    )


def _explain(error: Exception) -> tuple[str, str]:
    """Class and sentence of an error that no failure rule names."""
    if isinstance(error, CloudRefused):
        return "AUTH" if error.not_permitted else "UNKNOWN", error.message
    if isinstance(error, OcpctlError):
        return "UNKNOWN", f"The platform refused a step: {error.message}"
    if isinstance(error, OSError):
        return "UNKNOWN", f"The runner's work directory failed: {error.strerror}."
    log.error("unhandled exception in a run", error_type=type(error).__name__, exc_info=error)
    return "UNKNOWN", "An unexpected error of the runner; the operators have a log of it."
