"""One granted run from beginning to report."""

import os
from collections.abc import Callable, Mapping

import structlog
from ocpctl.internal.v1 import lease_service_pb2 as pb
from ocpctl_common.errors import CloudRefused, Fenced, OcpctlError, Unavailable
from ocpctl_common.failpoints import Failpoint, reach
from ocpctl_common.lifecycle.retries import RUNNER

from ocpctl_installer_runner import fitness_checks, install, scaling
from ocpctl_installer_runner.attempt import Attempt
from ocpctl_installer_runner.errors import LeaseLost, RunFailed, RunInterrupted, RunStopped
from ocpctl_installer_runner.installer import process_tree
from ocpctl_installer_runner.teardown import cleanup

SUCCEEDED, FAILED = pb.Outcome.SUCCEEDED, pb.Outcome.FAILED
CANCELLED, INTERRUPTED = pb.Outcome.CANCELLED, pb.Outcome.INTERRUPTED

log = structlog.get_logger()


def run(attempt: Attempt) -> None:
    """Does what was granted and reports it, unless the lease is lost: then nothing is written any more."""
    try:
        report = _work(attempt)
        attempt.lease.check()
        attempt.flush_log()
        attempt.lease.settle()
        attempt.tools.port.report(report)
        reach(Failpoint.RUNNER_REPORTED)
        log.info("run ended", outcome=pb.Outcome.Value.Name(report.outcome), failure_class=report.failure_class)
    except (LeaseLost, Fenced):
        log.warning("run abandoned: the lease is lost")
    except OcpctlError as error:
        log.warning("run not reported; the lease runs out and another runner takes over", error=error.message)
    finally:
        process_tree.kill(attempt.grant.attempt_id)
        attempt.remove_folder()


def _work(attempt: Attempt) -> pb.ReportRequest:
    try:
        with fitness_checks.meeting(attempt.tools.fitness):
            attempt.know_secret(*attempt.provider.secrets(os.environ))
            return _done(attempt)
    except (LeaseLost, Fenced):
        raise
    except Exception as error:  # noqa: BLE001 - whatever goes wrong must end in a report
        return _report_of(attempt, error)


def _done(attempt: Attempt) -> pb.ReportRequest:
    report = RUNS.get(attempt.grant.mode, _unknown)(attempt)
    return _report(attempt, SUCCEEDED) if report is None else report


def _unknown(attempt: Attempt) -> pb.ReportRequest:
    """A newer scheduler grants a mode that this runner does not know: the job is handed back, nothing was done."""
    message = f"This runner is too old for a run of mode {attempt.grant.mode}. The job is handed back."
    return _report(attempt, FAILED, message, RUNNER)


def _clean_up(attempt: Attempt) -> None:
    cleanup.clean(attempt, attempt.grant.dirty)


def _verify_again(attempt: Attempt) -> None:
    cleanup.look_again(attempt, attempt.grant.dirty)


def _install(attempt: Attempt) -> pb.ReportRequest:
    attempt.most_percent = 0  # what goes first is no part of the way
    cleanup.clean(attempt, attempt.grant.dirty)
    attempt.most_percent = 100
    with fitness_checks.handing_back(attempt.tools):
        prepared = install.prepare(attempt)
        install.authorize(attempt, prepared)
    attempt.tools.fitness.passed()
    return _created(attempt, prepared)


def _created(attempt: Attempt, prepared: install.Prepared) -> pb.ReportRequest:
    try:
        return _report(attempt, SUCCEEDED, outputs=install.create(attempt, prepared))
    except (LeaseLost, Fenced, RunInterrupted):
        raise  # whoever comes next cleans up
    except Exception as error:  # noqa: BLE001 - something may exist now: it is destroyed while the lease is held
        report = _report_of(attempt, error)
        _clean_own(attempt, prepared.own)
        return report


# What is done in each mode. A report that is not returned is that of a success without outputs.
RUNS: Mapping[pb.RunMode.Value.ValueType, Callable[[Attempt], pb.ReportRequest | None]] = {
    pb.RunMode.INSTALL: _install,
    pb.RunMode.CLEANUP: _clean_up,
    pb.RunMode.SWEEP: _verify_again,
    pb.RunMode.SCALE: scaling.scale,
}


def _clean_own(attempt: Attempt, own: pb.DirtyAttempt) -> None:
    """A clean-up that fails is no reason not to report: the scheduler keeps the attempt dirty and tries again."""
    try:
        cleanup.clean(attempt, [own])
    except (LeaseLost, Fenced):
        raise
    except Exception as error:  # noqa: BLE001
        log.warning("clean-up after a failed install did not work", error=attempt.redactor.redact(str(error)))


def _report_of(attempt: Attempt, error: Exception) -> pb.ReportRequest:
    """What an error means to the scheduler and to the user."""
    if isinstance(error, RunStopped):
        return _report(attempt, CANCELLED, message="The work was stopped because a destroy was requested.")
    if isinstance(error, RunInterrupted):
        return _report(attempt, INTERRUPTED, message="The runner was shut down; the work is done again.")
    if isinstance(error, Unavailable):
        # The platform's fault, not the installer's: it does not burn the user's attempts.
        return _report(attempt, INTERRUPTED, message=f"A part of the platform did not answer: {error.message}")
    if isinstance(error, RunFailed):
        report = _report(attempt, FAILED, error.message, error.failure_class, error.exit_code)
        report.rule, report.log_tail = error.rule, error.log_tail
        return report
    failure_class, message = _explain(error)
    return _report(attempt, FAILED, message, failure_class)


def _explain(error: Exception) -> tuple[str, str]:
    """Class and sentence of an error that no rule of the installer's log names."""
    if isinstance(error, CloudRefused):
        return "AUTH" if error.not_permitted else "UNKNOWN", error.message
    if isinstance(error, OcpctlError):
        return "UNKNOWN", f"The platform refused a step: {error.message}"
    if isinstance(error, OSError):
        return "UNKNOWN", f"The runner's work directory failed: {error.strerror}."
    log.error("defect in a run", error_type=type(error).__name__, exc_info=error)
    return "UNKNOWN", "An unexpected error of the runner; the operators have a log of it."


def _report(
    attempt: Attempt,
    outcome: pb.Outcome.Value.ValueType,
    message: str = "",
    failure_class: str = "",
    exit_code: int = -1,
    outputs: pb.Outputs | None = None,
) -> pb.ReportRequest:
    return pb.ReportRequest(
        cluster_id=attempt.grant.cluster_id,
        fence=attempt.grant.fence,
        runner_id=attempt.tools.settings.runner_id,
        attempt_id=attempt.grant.attempt_id,
        outcome=outcome,
        exit_code=exit_code,
        failure_class=failure_class,
        message=attempt.redactor.redact(message),
        outputs=outputs,
    )
