"""In whose name this process requests leases, and whether it may take work now."""

from dataclasses import dataclass

from ocpctl_common.lifecycle.pools import Pool
from ocpctl_common.providers.cloud import Account

from ocpctl_installer_runner.fitness import Fitness
from ocpctl_installer_runner.presence import Presence


@dataclass(frozen=True, slots=True, kw_only=True)
class LeaseRequester:
    """Thread-safe."""

    presence: Presence
    account: Account
    fitness: Fitness

    @property
    def instance_id(self) -> str:
        """UUID of this process."""
        return self.presence.instance_id

    @property
    def claim_seconds(self) -> int:
        """How long a received message may wait for its verdict."""
        return self.presence.claim_seconds

    def accepts(self, pool: Pool) -> bool:
        """Whether work of a pool may be taken now."""
        return self.presence.accepted and self.is_fit(pool)

    def is_fit(self, pool: Pool) -> bool:
        """Destroys are always taken."""
        return pool is not Pool.CREATES or self.fitness.is_fit()

    def account_id(self) -> str:
        """The account that its runs count for. Raises Unavailable."""
        return self.account.last_known()
