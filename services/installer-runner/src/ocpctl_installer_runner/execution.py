"""One granted run from its start to its report."""

import os
from collections.abc import Callable, Mapping

import structlog
from ocpctl_common.errors import Fenced, OcpctlError
from ocpctl_common.failpoints import Failpoint, reach
from ocpctl_common.lifecycle.retries import RUNNER
from ocpctl_common.lifecycle.states import Outcome, RunMode

from ocpctl_installer_runner import install, runner_faults, worker_scaling
from ocpctl_installer_runner.errors import LeaseLost, RunInterrupted
from ocpctl_installer_runner.installer import process_tree
from ocpctl_installer_runner.lease_grants import CleanupTarget
from ocpctl_installer_runner.lease_messages import Report
from ocpctl_installer_runner.run import Run
from ocpctl_installer_runner.run_outcome import report_of
from ocpctl_installer_runner.teardown import cleanup

log = structlog.get_logger()


def execute(run: Run) -> None:
    """Does what was granted and reports it. When the lease is lost nothing more is written. Raises nothing expected."""
    try:
        report = _report(run)
        run.reporter.finish(report)
        reach(Failpoint.RUNNER_REPORTED)
        _log_end(report)
    except (LeaseLost, Fenced):
        log.warning("job abandoned: lease lost")
    except OcpctlError as error:
        log.warning("job not reported: the lease expires and another runner takes over", error=error.message)
    finally:
        process_tree.kill(run.context.grant.attempt_id)
        run.workspace.remove()


def _log_end(report: Report) -> None:
    event = "job failed" if report.outcome is Outcome.FAILED else "job finished"
    log.info(event, outcome=report.outcome, failure_class=report.failure_class)


def _report(run: Run) -> Report:
    try:
        with runner_faults.recorded(run.dependencies.fitness):
            run.secrets.add(*run.context.provider.secrets(os.environ))
            return _do(run)
    except (LeaseLost, Fenced):
        raise
    except Exception as error:  # noqa: BLE001 - every failure must end in a report
        return report_of(error)


def _do(run: Run) -> Report:
    mode = run.context.grant.mode
    report = RUNS[mode](run) if mode else _unknown(run)
    return Report(outcome=Outcome.SUCCEEDED) if report is None else report


def _unknown(_: Run) -> Report:
    """A newer scheduler grants a run mode that this runner does not know: the job is handed back, nothing was done."""
    message = "This runner is too old for this run mode. The job is handed back."
    return Report(outcome=Outcome.FAILED, failure_class=RUNNER, message=message)


def _clean_up(run: Run) -> None:
    cleanup.clean(run, run.context.grant.cleanup_targets)


def _verify_again(run: Run) -> None:
    cleanup.verify_again(run, run.context.grant.cleanup_targets)


def _install(run: Run) -> Report:
    with run.reporter.progress_limited(0):
        cleanup.clean(run, run.context.grant.cleanup_targets)
    with runner_faults.handed_back(run.dependencies):
        prepared = install.prepare(run)
        install.authorize(run, prepared)
    run.dependencies.fitness.clear_faults()
    return _created(run, prepared)


def _created(run: Run, prepared: install.Prepared) -> Report:
    try:
        return Report(outcome=Outcome.SUCCEEDED, outputs=install.create(run, prepared))
    except (LeaseLost, Fenced, RunInterrupted):
        raise  # the next runner cleans up
    except Exception as error:  # noqa: BLE001 - resources may exist now: they are destroyed while the lease is held
        report = report_of(error)
        _clean_own(run, prepared.target)
        return report


# What is done in each mode. A run that returns no report is a success without outputs.
RUNS: Mapping[RunMode, Callable[[Run], Report | None]] = {
    RunMode.INSTALL: _install,
    RunMode.CLEANUP: _clean_up,
    RunMode.SWEEP: _verify_again,
    RunMode.SCALE: worker_scaling.scale,
}


def _clean_own(run: Run, target: CleanupTarget) -> None:
    """A cleanup that fails does not prevent the report: the scheduler knows that the attempt needs cleanup."""
    try:
        cleanup.clean(run, [target])
    except (LeaseLost, Fenced):
        raise
    except Exception as error:  # noqa: BLE001 - see the docstring
        log.warning("cleanup after a failed install failed", error=run.secrets.redact(str(error)))
