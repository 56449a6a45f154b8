"""The times of the lease protocol, checked against each other before the service starts."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class LeaseRules:
    """Times in seconds. `backoff_unit` is one unit of `lifecycle.retries.pause` (a minute in production)."""

    lease: float
    trust: float
    kill: float
    quarantine: float
    backoff_unit: float

    def __post_init__(self) -> None:
        # The runner must have killed its own installer before anybody else may take the cluster over.
        if self.trust + self.kill >= self.lease:
            raise ValueError(
                f"trust ({self.trust} s) + kill ({self.kill} s) must be less than the lease ({self.lease} s)"
            )

    def seconds(self, units: float) -> float:
        """A pause in seconds."""
        return units * self.backoff_unit
