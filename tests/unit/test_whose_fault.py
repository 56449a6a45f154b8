"""What only this runner lacks hands the job back; what is the request's or the cloud's does not."""

from collections.abc import Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

import pytest
from ocpctl.internal.v1 import lease_service_pb2 as pb
from ocpctl_common.errors import CloudRefused, CloudUnavailable
from ocpctl_common.lifecycle.retries import RUNNER
from ocpctl_installer_runner import fitness_checks
from ocpctl_installer_runner.errors import RunFailed
from ocpctl_installer_runner.fitness import Fitness
from ocpctl_installer_runner.teardown.cleanup_failures import Troubles
from ocpctl_installer_runner.teardown.verification import DESTROY

LACKS = RunFailed(RUNNER, "This runner has no installer.", rule="InstallerMissing")
LEFT = RunFailed(DESTROY, "An instance is left.", 4)
REFUSED = CloudRefused("AWS", operation="PutObject", code="AccessDenied", not_permitted=True)


def told(*errors: Exception) -> Exception:
    """What a run ends with whose attempts could not be cleaned up for these reasons."""
    troubles = Troubles()
    for number, error in enumerate(errors):
        with troubles.kept(pb.DirtyAttempt(attempt_id=f"att_{number}", infra_id=f"one-{number}")):
            raise error
    with pytest.raises(Exception, match=r".") as raised:
        troubles.tell()
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
    tools: Any = SimpleNamespace(fitness=fitness, settings=SimpleNamespace(pull_secret_arn="arn"))
    with pytest.raises(RunFailed) as raised, fitness_checks.meeting(fitness), fitness_checks.handing_back(tools):
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
        (LACKS, "InstallerMissing"),
    ],
)
def test_a_runners_own_fault(error: Exception, fault: str) -> None:
    with failing(error) as (failure, fitness):
        assert (failure.failure_class, failure.rule) == (RUNNER, fault)
        assert [trouble.name for trouble in fitness.troubles] == [fault]


def test_a_fault_of_the_request() -> None:
    with failing(RunFailed("CONFIG", "The name is refused.", 3, "InvalidClusterName")) as (failure, fitness):
        assert failure.failure_class == "CONFIG"
        assert fitness.is_fit()
