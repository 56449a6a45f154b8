"""What only this runner lacks hands the job back; what is the request's or the cloud's does not."""

from collections.abc import Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

import pytest
from ocpctl_common.errors import CloudRefused, CloudUnavailable
from ocpctl_common.lifecycle.retries import RUNNER
from ocpctl_installer_runner import runner_faults
from ocpctl_installer_runner.errors import RunFailed
from ocpctl_installer_runner.fitness import Fitness
from ocpctl_installer_runner.teardown.cleanup_failures import CleanupFailures
from ocpctl_installer_runner.teardown.verification import DESTROY

from tests.unit.granted import target

LACKS = RunFailed(RUNNER, "This runner has no installer.", rule="InstallerMissing")
LEFT = RunFailed(DESTROY, "An instance is left.", 4)
REFUSED = CloudRefused("AWS", operation="PutObject", code="AccessDenied", not_permitted=True)


def told(*errors: Exception) -> Exception:
    """What a run ends with whose attempts could not be cleaned up for these reasons."""
    failures = CleanupFailures()
    for number, error in enumerate(errors):
        with failures.collected(target(f"att_{number}")):
            raise error
    with pytest.raises(Exception, match=r".") as raised:
        failures.raise_if_any()
    return raised.value


@pytest.mark.parametrize(
    ("errors", "failure_class"),
    [((LACKS,), RUNNER), ((LACKS, LACKS), RUNNER), ((LACKS, LEFT), DESTROY), ((LEFT,), DESTROY)],
)
def test_clean_ups(errors: tuple[Exception, ...], failure_class: str) -> None:
    failure = told(*errors)
    assert isinstance(failure, RunFailed)
    assert failure.failure_class == failure_class
    assert failure.rule == ("InstallerMissing" if failure_class == RUNNER else "")


@contextmanager
def failing(error: Exception) -> Iterator[Any]:
    """An install that fails before anything is made: what it ends with, and the runner's fitness."""
    fitness = Fitness(list, interval=30)
    dependencies: Any = SimpleNamespace(fitness=fitness, settings=SimpleNamespace(pull_secret_arn="arn"))
    with pytest.raises(RunFailed) as raised, runner_faults.recorded(fitness), runner_faults.handed_back(dependencies):
        raise error
    yield raised.value, fitness


@pytest.mark.parametrize(
    ("error", "fault"),
    [
        (REFUSED, "Refused"),
        (OSError(28, "No space left on device"), "WorkFolder"),
        (CloudUnavailable("the artifact store does not answer"), "CloudUnreachable"),
        (RunFailed("UNKNOWN", "No space left on device.", 3, "DiskFull"), "DiskFull"),
        (RunFailed("CONFIG", "It does not run here.", 3, "InstallerNotRunnable"), "InstallerNotRunnable"),
        (RunFailed("UNKNOWN", "No memory.", 3, "RunnerResources"), "RunnerResources"),
        (RunFailed("CONFIG", "It is of another release.", 2, "ProgramOfAnotherRelease"), "ProgramOfAnotherRelease"),
        (RunFailed("UNKNOWN", "It does not answer.", 1, "RegistryUnreachable"), "RegistryUnreachable"),
        (RunFailed("CONFIG", "It is refused.", 1, "PullSecretRefused"), "PullSecretRefused"),
        (LACKS, "InstallerMissing"),
    ],
)
def test_a_runners_own_fault(error: Exception, fault: str) -> None:
    with failing(error) as (failure, fitness):
        assert (failure.failure_class, failure.rule) == (RUNNER, fault)
        assert [one.name for one in fitness.faults] == [fault]


def test_a_fault_of_the_request() -> None:
    with failing(RunFailed("CONFIG", "The name is refused.", 3, "InvalidClusterName")) as (failure, fitness):
        assert failure.failure_class == "CONFIG"
        assert fitness.is_fit()
