"""The concurrency limit of an account and region: who may begin, who is dispatched next, what a throttle changes."""

from ocpctl_common.ids import JobId
from ocpctl_common.lifecycle.states import RunMode
from ocpctl_common.lifecycle.throttling import creates_allowed, halved
from ocpctl_common.providers.registry import PROVIDERS
from ocpctl_common.store import concurrency_limits
from ocpctl_common.store.concurrency_limits import ConcurrencyLoad, ConcurrencyPool
from ocpctl_common.store.engine import Database, Transaction, autocommit

from ocpctl_scheduler import redispatch
from ocpctl_scheduler.rules import LeaseRules

THROTTLE = "THROTTLE"


def pool_of(platform: str, account_id: str, region: str, mode: RunMode) -> ConcurrencyPool:
    """Where a run of this cloud is counted."""
    key = PROVIDERS[platform].concurrency_key(account_id, region)
    return ConcurrencyPool.of(key.account_id, key.region, mode)


def is_full(tx: Transaction, rules: LeaseRules, pool: ConcurrencyPool) -> bool:
    """Whether another run of the pool must wait. Locks the account's row until the transaction ends."""
    return not _free(rules, pool, concurrency_limits.lock(tx, pool))


def free(tx: Transaction, rules: LeaseRules, pool: ConcurrencyPool) -> int:
    """How many more runs of the pool may begin. Locks nothing: another run may begin meanwhile."""
    return _free(rules, pool, concurrency_limits.load(tx, pool))


def _free(rules: LeaseRules, pool: ConcurrencyPool, load: ConcurrencyLoad) -> int:
    return max(0, (_creates(rules, load) if pool.installs else rules.destroys) - load.running)


def _creates(rules: LeaseRules, load: ConcurrencyLoad) -> int:
    return creates_allowed(rules.creates, load.lowered_to, load.seconds_since, rules.restore)


def lower(tx: Transaction, rules: LeaseRules, pool: ConcurrencyPool) -> None:
    """The cloud has throttled an install: half as many from now on."""
    concurrency_limits.lower(tx, pool, halved(_creates(rules, concurrency_limits.lock(tx, pool))))


def redispatch_next(engine: Database, pool: ConcurrencyPool) -> None:
    """A run of the pool has ended: whoever waits for it is dispatched. The janitor redispatches one that is missed."""
    with autocommit(engine) as tx:
        waiting = concurrency_limits.next_waiting(tx, pool)
    if waiting:
        redispatch.redispatch(engine, JobId(waiting), waited_for=pool.key)
