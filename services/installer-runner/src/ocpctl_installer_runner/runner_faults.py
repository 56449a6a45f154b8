"""Faults of this runner that a run meets: its job is handed back, and this runner takes no creates for a while."""

from collections.abc import Iterator
from contextlib import contextmanager

from ocpctl_common.errors import CloudRefused, CloudUnavailable
from ocpctl_common.lifecycle.retries import RUNNER

from ocpctl_installer_runner.errors import RunFailed
from ocpctl_installer_runner.fitness import Fault, Fitness
from ocpctl_installer_runner.pull_secret import BadPullSecret
from ocpctl_installer_runner.run_dependencies import Dependencies
from ocpctl_installer_runner.settings import RunnerSettings

# The failure rules that fit when the runner lacks something, before anything is created.
OWN_RULES = frozenset(
    {
        "DiskFull",
        "RunnerResources",
        "InstallerNotRunnable",
        "ProgramOfAnotherRelease",
        "RegistryUnreachable",
        "PullSecretRefused",
    }
)


def bad_pull_secret(settings: RunnerSettings, error: BadPullSecret) -> Fault:
    """What is wrong with it."""
    return Fault("PullSecret", f"The pull secret {settings.pull_secret_arn} cannot be used: {error}.")


def call_refused(error: CloudRefused) -> Fault:
    """A cloud refused this runner a call that it needs before anything is created."""
    sentence = f"{error.cloud} refused this runner the call {error.operation}: {error.code}. {error.advice}"
    return Fault("Refused", sentence.rstrip())


def cloud_unreachable(error: CloudUnavailable) -> Fault:
    """A part of the cloud does not answer this runner."""
    return Fault("CloudUnreachable", f"This runner does not reach what creates need: {error.message}.")


@contextmanager
def recorded(fitness: Fitness) -> Iterator[None]:
    """A fault of the runner that ends the block is recorded in its fitness, and raised further."""
    try:
        yield
    except RunFailed as failure:
        if failure.failure_class == RUNNER:
            fitness.record_fault(Fault(failure.rule, failure.message))
        raise


@contextmanager
def handed_back(dependencies: Dependencies) -> Iterator[None]:
    """What fails in the block for the runner's own fault hands the job back. Raises RunFailed of class RUNNER."""
    try:
        yield
    except BadPullSecret as error:
        raise _handed_back(bad_pull_secret(dependencies.settings, error)) from error
    except CloudRefused as error:
        raise _handed_back(call_refused(error)) from error
    except CloudUnavailable as error:
        raise _handed_back(cloud_unreachable(error)) from error
    except OSError as error:
        raise _handed_back(Fault("WorkFolder", f"The work folder failed: {error.strerror}.")) from error
    except RunFailed as failure:
        if failure.rule in OWN_RULES:
            raise _handed_back(Fault(failure.rule, failure.message)) from failure
        raise


def _handed_back(fault: Fault) -> RunFailed:
    return RunFailed(RUNNER, f"{fault.sentence} The job is handed back. ({fault.name})", rule=fault.name)
