"""How many workers a profile allows, and what they cost. Pure; a create and a later change ask the same functions."""

from dataclasses import dataclass

from ocpctl_common.errors import FieldProblem, InvalidRequest
from ocpctl_common.profiles.catalogue import Catalogue
from ocpctl_common.profiles.model import Profile

MICROS = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerLimits:
    """From `minimum` to `maximum` workers; no number at all when the profile exists no longer."""

    profile: str
    minimum: int = 0
    maximum: int = -1

    def problem(self, asked: int) -> FieldProblem | None:
        """What is wrong with a number of workers, if anything is."""
        if self.minimum <= asked <= self.maximum:
            return None
        rule = f"{asked} is not within {self.minimum} to {self.maximum} of {self.profile}"
        if self.maximum < self.minimum:
            rule = f"cannot be changed: the profile {self.profile} exists no longer"
        return FieldProblem(field="workerReplicas", description=rule, reason="WORKERS_OUT_OF_RANGE")


def worker_limits(profile: Profile) -> WorkerLimits:
    """What a profile allows."""
    workers = profile.compute.workers
    return WorkerLimits(profile=profile.name, minimum=workers.min_replicas, maximum=workers.max_replicas)


def hourly_cost_micros(profile: Profile, worker_replicas: int) -> int:
    """The estimated price of an hour with so many workers, in micro-dollars."""
    costs = profile.cost_controls
    more = worker_replicas - profile.compute.workers.replicas
    return max(0, round((costs.estimated_hourly_cost + more * costs.estimated_worker_hourly_cost) * MICROS))


def limits_now(catalogue: Catalogue, profile: str) -> WorkerLimits:
    """What the profile of a cluster allows now."""
    found = catalogue.profiles.get(profile)
    return worker_limits(found) if found else WorkerLimits(profile=profile)


def cost_now(catalogue: Catalogue, profile: str, worker_replicas: int) -> int:
    """The price of a cluster with so many workers; 0 when its profile, and so any change, exists no longer."""
    found = catalogue.profiles.get(profile)
    return hourly_cost_micros(found, worker_replicas) if found else 0


def check_replicas(worker_replicas: int | None) -> int:
    """The number. Raises InvalidRequest when there is none: a body that lacks it must not mean 0."""
    if worker_replicas is None:
        problem = FieldProblem(field="workerReplicas", description="is required", reason="FIELD_REQUIRED")
        raise InvalidRequest("workerReplicas is required", problems=[problem])
    return worker_replicas
