"""Teardown verification: two searches in a row find nothing of an attempt."""

import time

from ocpctl_common.failpoints import Failpoint, reach
from ocpctl_common.telemetry import traces

from ocpctl_installer_runner.errors import RunFailed
from ocpctl_installer_runner.lease_grants import CleanupTarget
from ocpctl_installer_runner.lease_messages import VerificationCheck
from ocpctl_installer_runner.run import Run
from ocpctl_installer_runner.teardown.scope import scope_of

DESTROY = "DESTROY"  # the failure class of a destroy that has not reached its goal
CHECKS = 2
MAX_NAMED = 10


def search(run: Run, target: CleanupTarget) -> VerificationCheck:
    """What exists of an attempt now. Raises Unavailable, CloudRefused."""
    dependencies = run.dependencies
    started = dependencies.clock()
    with traces.span("search for what is left", infra_id=target.infra_id):
        found = run.cloud.remaining(scope_of(target, run.context.domain))
    return VerificationCheck(started=started, ended=dependencies.clock(), found=found)


def summary(check: VerificationCheck) -> str:
    """For users."""
    if not check.names:
        return "Nothing that is left was seen."
    return f"{len(check.names)} resources are left, among them {', '.join(check.names[:MAX_NAMED])}."


def verify(run: Run, target: CleanupTarget) -> list[VerificationCheck]:
    """The checks, none of which found anything. Raises RunFailed when one finds something, LeaseLost."""
    run.reporter.progress("verifying the teardown", 80, f"Looking for anything that is left of {target.infra_id}.")
    checks = [_empty_check(run, target)]
    while len(checks) < CHECKS:
        _wait(run)
        reach(Failpoint.DESTROY_BETWEEN_LOOKS)
        checks.append(_empty_check(run, target))
    return checks


def _empty_check(run: Run, target: CleanupTarget) -> VerificationCheck:
    check = search(run, target)
    if check.names:
        raise RunFailed(DESTROY, summary(check))
    return check


def _wait(run: Run) -> None:
    """The second check comes later, because listings are eventually consistent."""
    deadline = time.monotonic() + run.context.settings.teardown_interval_seconds
    while (left := deadline - time.monotonic()) > 0:
        run.lease.check()
        time.sleep(min(left, 1.0))
