"""One granted run from its start to its report."""

import structlog
from ocpctl_common.errors import Fenced, OcpctlError
from ocpctl_common.failpoints import Failpoint, reach
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
            return _do(run)
    except (LeaseLost, Fenced):
        raise
    except Exception as error:  # noqa: BLE001 - every failure must end in a report
        return report_of(error)


def _do(run: Run) -> Report:
    grant = run.context.grant
    match grant.mode:
        case RunMode.INSTALL:
            with run.reporter.progress_limited(0):
                cleanup.clean(run, grant.cleanup_targets)
            return _install(run)
        case RunMode.SCALE:
            worker_scaling.scale(run)
        case RunMode.SWEEP:
            cleanup.verify_again(run, grant.cleanup_targets)
        case RunMode.CLEANUP:
            cleanup.clean(run, grant.cleanup_targets)
    return Report(outcome=Outcome.SUCCEEDED)


def _install(run: Run) -> Report:
    with runner_faults.handed_back(run.dependencies):
        prepared = install.prepare(run)
        install.authorize(run, prepared)
    run.dependencies.fitness.clear_faults()
    try:
        return Report(outcome=Outcome.SUCCEEDED, outputs=install.create(run, prepared))
    except (LeaseLost, Fenced, RunInterrupted):
        raise  # the next runner cleans up
    except Exception as error:  # noqa: BLE001 - resources may exist now: they are destroyed while the lease is held
        report = report_of(error)
        _clean_own(run, prepared.target)
        return report


def _clean_own(run: Run, target: CleanupTarget) -> None:
    """A cleanup that fails does not prevent the report: the scheduler knows that the attempt needs cleanup."""
    try:
        cleanup.clean(run, [target])
    except (LeaseLost, Fenced):
        raise
    except Exception as error:  # noqa: BLE001 - see the docstring
        log.warning("cleanup after a failed install failed", error=run.secrets.redact(str(error)))
