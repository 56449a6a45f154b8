"""The times of the lease protocol, the quarantine among them, checked against each other before the service starts."""

from dataclasses import dataclass

HEARTBEATS = 3  # so many may be lost before a lease or an id is


@dataclass(frozen=True, slots=True, kw_only=True)
class LeaseRules:
    """Times in seconds. `backoff_unit` is one unit of `lifecycle.retries.pause` (a minute in production).

    `creates` and `destroys` may run at once in an account and region; a throttled number comes back by one every
    `restore`. Runners are told `trust`, `kill`, `heartbeat` and `claim`: they have no such times of their own.
    `verification_pauses` are the times after teardown verification at which it is done once more. A team may create
    `creates_per_hour` clusters; 0 means no limit.
    """

    lease: float
    trust: float
    kill: float
    quarantine: float
    backoff_unit: float
    heartbeat: float = 20
    claim: int = 60
    creates: int = 5
    destroys: int = 10
    restore: float = 600
    verification_pauses: tuple[float, ...] = (900, 7_200, 86_400)
    creates_per_hour: int = 10

    def __post_init__(self) -> None:
        # The runner must have killed its own installer before anybody else may take the cluster over.
        if self.trust + self.kill >= self.lease:
            raise ValueError(
                f"trust ({self.trust} s) + kill ({self.kill} s) must be less than the lease ({self.lease} s)"
            )
        if HEARTBEATS * self.heartbeat > self.trust:
            raise ValueError(f"trust ({self.trust} s) must outlive {HEARTBEATS} heartbeats of {self.heartbeat} s")
        if not self.verification_pauses or list(self.verification_pauses) != sorted(self.verification_pauses):
            raise ValueError("verification_pauses must be growing times, at least one")

    @property
    def presence(self) -> float:
        """How long a runner's sign of life holds."""
        return HEARTBEATS * self.heartbeat

    def next_verification(self, done: int) -> float | None:
        """Seconds from teardown verification to the one after `done` further ones; None: there is no further one."""
        return self.verification_pauses[done] if done < len(self.verification_pauses) else None

    def seconds(self, units: float) -> float:
        """A pause in seconds."""
        return units * self.backoff_unit
