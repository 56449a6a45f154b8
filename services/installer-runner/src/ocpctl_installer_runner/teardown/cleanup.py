"""Destroys what attempts made, each in its own account, and verifies that nothing of it is left."""

from collections.abc import Sequence

from ocpctl_common.lifecycle.retries import RUNNER

from ocpctl_installer_runner import admin_password
from ocpctl_installer_runner.errors import RunFailed
from ocpctl_installer_runner.lease_grants import CleanupTarget
from ocpctl_installer_runner.run import Run
from ocpctl_installer_runner.teardown import destroy, verification
from ocpctl_installer_runner.teardown.cleanup_failures import CleanupFailures


def clean(run: Run, targets: Sequence[CleanupTarget]) -> None:
    """Destroys what every attempt made, in their order, then verifies each and records it at once.

    One that fails prevents no other from being destroyed or verified. Raises LeaseLost, Fenced at once. At the end it
    raises the only failure, or RunFailed that names every attempt that is not verified, what is left of it, and what
    the cloud says.
    """
    failures = CleanupFailures()
    for target in targets:
        with failures.collected(target):
            _check_account(run, target)
            destroy.destroy(run, target)
    for target in targets:
        if target.attempt_id not in failures:
            with failures.collected(target):
                _verify(run, target)
    failures.raise_if_any()


def _verify(run: Run, target: CleanupTarget) -> None:
    try:
        checks = verification.verify(run, target)
    except RunFailed as failure:
        message = f"{failure.message} {destroy.cloud_errors(run, target)}"
        raise RunFailed(failure.failure_class, message) from failure
    admin_password.delete(run, target.attempt_id)
    run.reporter.record_verified(target, checks)


def _check_account(run: Run, target: CleanupTarget) -> None:
    """With credentials of another account destroy finds nothing and says that it is done."""
    account = run.cloud.account.ask()
    if account != target.account_id:
        message = f"The runner acts in account {account}, the resources are in {target.account_id}: nothing was done."
        raise RunFailed(RUNNER, message, rule="OtherAccount")


def verify_again(run: Run, targets: Sequence[CleanupTarget]) -> None:
    """Post-destroy verification: what is found, now or before, is destroyed and verified again.

    A search that fails prevents neither the other searches nor the cleanup of what they find. Raises RunFailed,
    LeaseLost.
    """
    failures, needing_cleanup = CleanupFailures(), list[CleanupTarget]()
    for target in targets:
        with failures.collected(target):
            _check_account(run, target)
            if _needs_cleanup(run, target):
                needing_cleanup.append(target)
    with failures.merged():
        clean(run, needing_cleanup)
    failures.raise_if_any()


def _needs_cleanup(run: Run, target: CleanupTarget) -> bool:
    """Whether something is found, or was found before and is not verified since."""
    run.reporter.progress("verifying again", 50, f"Looking again for anything that is left of {target.infra_id}.")
    found = verification.search(run, target).names
    needs_cleanup = run.reporter.record_found(target, found)
    return bool(found) or needs_cleanup
