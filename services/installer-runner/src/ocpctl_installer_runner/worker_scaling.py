"""Scaling a cluster's workers with its own kubeconfig. It may be repeated: after a takeover it starts again.

The cluster's API knows no fence. So the lease is checked between reading a machine set and changing it, and a change
names the version that was read: a runner that slept through the loss of its lease cannot undo what came after it.
"""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import structlog

from ocpctl_installer_runner import runner_faults
from ocpctl_installer_runner.cluster_api.kubeconfig import BadKubeconfig, parse
from ocpctl_installer_runner.cluster_api.machine_sets import SCALE, ApiUnavailable, MachineSet, MachineSets
from ocpctl_installer_runner.errors import RunFailed
from ocpctl_installer_runner.lease import boottime
from ocpctl_installer_runner.run import Run

STAGE = "scaling workers"
FIRST_PERCENT, LAST_PERCENT = 10, 95
MAX_KUBECONFIG_BYTES = 2**20

log = structlog.get_logger()


@dataclass(slots=True)
class _Progress:
    """How many workers are ready, how many were missing at first, and what the last update said."""

    ready: int | None = None
    missing_at_first: int = 0
    last_update: tuple[int, int] | None = None


def scale(run: Run) -> None:
    """Returns when the cluster says that exactly so many workers are ready.

    Raises RunFailed (also when the run's deadline has passed), RunStopped, RunInterrupted, LeaseLost.
    """
    grant = run.context.grant
    run.reporter.progress(STAGE, 5, f"{grant.worker_replicas} workers are wanted.")
    deadline = boottime() + grant.deadline_seconds
    progress = _Progress()
    with _connect(run) as machine_sets:
        while not _step(run, machine_sets, progress):
            if boottime() > deadline:
                raise RunFailed(SCALE, _what_is_missing(run, progress))
            _wait(run)


def _connect(run: Run) -> MachineSets:
    content = _kubeconfig(run)
    run.secrets.add(content.decode(errors="replace"))
    try:
        access = parse(content)
        run.secrets.add(access.key, access.token)
        return MachineSets(access, run.workspace.make_folder("scale"))
    except BadKubeconfig as error:
        raise RunFailed(SCALE, f"The cluster's kubeconfig cannot be used: {error}.") from error


def _kubeconfig(run: Run) -> bytes:
    """The exact version that the install has stored."""
    outputs = run.context.grant.outputs
    if outputs is None:
        raise RunFailed(SCALE, "The scheduler did not say where the cluster's kubeconfig is.")
    with runner_faults.handed_back(run.dependencies):
        return run.dependencies.artifacts.get(
            outputs.kubeconfig_s3_uri,
            outputs.kubeconfig_version_id,
            sha256=outputs.kubeconfig_sha256,
            limit=MAX_KUBECONFIG_BYTES,
        )


def _step(run: Run, machine_sets: MachineSets, progress: _Progress) -> bool:
    """Reads the machine sets and requests what is missing; whether the goal is reached."""
    run.lease.check_wanted()
    try:
        found = machine_sets.workers()
        goals = distribute(run.context.grant.worker_replicas, found)
        _update(run, found, goals, progress)
        for item in found:
            if item.replicas != goals[item.name]:
                run.lease.check_wanted()
                machine_sets.set_replicas(item, goals[item.name])
    except ApiUnavailable as error:
        log.warning("cluster API unavailable", error=str(error))
        return False
    return all(item.replicas == item.ready == goals[item.name] for item in found)


def distribute(wanted: int, machine_sets: Sequence[MachineSet]) -> Mapping[str, int]:
    """As evenly as possible, the first by name one more: what the installer does, and the same every time.

    Raises RunFailed when there is no set that could hold the workers.
    """
    if not machine_sets:
        if wanted:
            raise RunFailed(SCALE, "The cluster has no machine sets for workers.")
        return {}
    each, more = divmod(wanted, len(machine_sets))
    names = sorted(item.name for item in machine_sets)
    return {name: each + int(number < more) for number, name in enumerate(names)}


def _update(run: Run, found: Sequence[MachineSet], goals: Mapping[str, int], progress: _Progress) -> None:
    """Sends a progress update whenever something has changed."""
    progress.ready = sum(item.ready for item in found)
    missing = sum(abs(item.ready - goals[item.name]) for item in found)
    progress.missing_at_first = max(progress.missing_at_first, missing)
    if (progress.ready, missing) != progress.last_update:
        progress.last_update = (progress.ready, missing)
        done = progress.missing_at_first - missing
        percent = FIRST_PERCENT + (LAST_PERCENT - FIRST_PERCENT) * done // max(progress.missing_at_first, 1)
        wanted = run.context.grant.worker_replicas
        run.reporter.progress(STAGE, percent, f"{progress.ready} workers are ready, {wanted} are wanted.")


def _what_is_missing(run: Run, progress: _Progress) -> str:
    grant = run.context.grant
    minutes = grant.deadline_seconds / 60
    if progress.ready is None:
        return f"The cluster's API did not answer for {minutes:.0f} minutes; its workers are as they were."
    return (
        f"After {minutes:.0f} minutes {progress.ready} workers are ready, {grant.worker_replicas} are wanted. The "
        "cluster works and goes on trying; scale it again to change that."
    )


def _wait(run: Run) -> None:
    deadline = time.monotonic() + run.context.settings.scale_poll_seconds
    while (left := deadline - time.monotonic()) > 0:
        run.lease.check_wanted()
        time.sleep(min(left, 1.0))
