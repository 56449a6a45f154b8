"""Scaling a cluster's workers with its own kubeconfig. Done twice it is done once: a takeover begins it again.

The cluster's API knows no fence. So the lease is checked between reading a set and changing it, and a change names the
version that was read: a runner that slept through the loss of its lease cannot undo what came after it.
"""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import structlog

from ocpctl_installer_runner import fitness_checks
from ocpctl_installer_runner.attempt import Attempt
from ocpctl_installer_runner.cluster_api.kubeconfig import BadKubeconfig, parse
from ocpctl_installer_runner.cluster_api.machine_sets import SCALE, ApiAway, MachineSet, MachineSets
from ocpctl_installer_runner.errors import RunFailed
from ocpctl_installer_runner.lease import boottime

STAGE = "scaling workers"
BEGUN, ALMOST = 10, 95
MOST_KUBECONFIG_BYTES = 2**20

log = structlog.get_logger()


@dataclass(slots=True)
class _Watch:
    """What was seen so far: how many are ready, how far it was at first, and how far it is now."""

    ready: int | None = None
    first: int = 0
    told: tuple[int, int] | None = field(default=None)


def scale(attempt: Attempt) -> None:
    """Returns when the cluster says that exactly so many workers are ready.

    Raises RunFailed (also when the run's deadline has passed), RunStopped, RunInterrupted, LeaseLost.
    """
    attempt.progress(STAGE, 5, f"{attempt.grant.worker_replicas} workers are wanted.")
    give_up = boottime() + attempt.grant.deadline_seconds
    watch = _Watch()
    with _connect(attempt) as machine_sets:
        while not _step(attempt, machine_sets, watch):
            if boottime() > give_up:
                raise RunFailed(SCALE, _what_is_missing(attempt, watch))
            _wait(attempt)


def _connect(attempt: Attempt) -> MachineSets:
    """The exact version of the kubeconfig that the install has stored."""
    outputs = attempt.grant.outputs
    with fitness_checks.handing_back(attempt.tools):
        content = attempt.tools.artifacts.get(
            outputs.kubeconfig_s3_uri,
            outputs.kubeconfig_version_id,
            sha256=outputs.kubeconfig_sha256,
            most=MOST_KUBECONFIG_BYTES,
        )
    attempt.know_secret(content.decode(errors="replace"))
    try:
        access = parse(content)
        attempt.know_secret(access.key, access.token)
        return MachineSets(access, attempt.make_folder("scale"))
    except BadKubeconfig as error:
        raise RunFailed(SCALE, f"The cluster's kubeconfig cannot be used: {error}.") from error


def _step(attempt: Attempt, machine_sets: MachineSets, watch: _Watch) -> bool:
    """One look, and what has to be asked for; whether the goal is reached."""
    attempt.lease.check_wanted()
    try:
        found = machine_sets.workers()
        goals = distribute(attempt.grant.worker_replicas, found)
        _tell(attempt, found, goals, watch)
        for item in found:
            if item.replicas != goals[item.name]:
                attempt.lease.check_wanted()
                machine_sets.want(item, goals[item.name])
    except ApiAway as away:
        log.warning("the cluster's API is away", why=str(away))
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


def _tell(attempt: Attempt, found: Sequence[MachineSet], goals: Mapping[str, int], watch: _Watch) -> None:
    """A stage event whenever something has changed."""
    watch.ready = sum(item.ready for item in found)
    left = sum(abs(item.ready - goals[item.name]) for item in found)
    watch.first = max(watch.first, left)
    if (watch.ready, left) != watch.told:
        watch.told = (watch.ready, left)
        percent = BEGUN + (ALMOST - BEGUN) * (watch.first - left) // max(watch.first, 1)
        wanted = attempt.grant.worker_replicas
        attempt.progress(STAGE, percent, f"{watch.ready} workers are ready, {wanted} are wanted.")


def _what_is_missing(attempt: Attempt, watch: _Watch) -> str:
    minutes = attempt.grant.deadline_seconds / 60
    if watch.ready is None:
        return f"The cluster's API did not answer for {minutes:.0f} minutes; its workers are as they were."
    wanted = attempt.grant.worker_replicas
    return (
        f"After {minutes:.0f} minutes {watch.ready} workers are ready, {wanted} are wanted. The cluster works and goes "
        "on trying; scale it again to change that."
    )


def _wait(attempt: Attempt) -> None:
    give_up = time.monotonic() + attempt.tools.settings.scale_poll_seconds
    while (left := give_up - time.monotonic()) > 0:
        attempt.lease.check_wanted()
        time.sleep(min(left, 1.0))
