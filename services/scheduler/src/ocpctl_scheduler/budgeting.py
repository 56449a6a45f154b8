"""The budget of an account and region of a cloud: who may begin now, who is rung next, and what a throttle changes."""

from ocpctl_common.ids import JobId
from ocpctl_common.lifecycle.budget import creates_allowed, halved
from ocpctl_common.lifecycle.states import RunMode
from ocpctl_common.providers.registry import PROVIDERS
from ocpctl_common.store import budgets
from ocpctl_common.store.budgets import AccountPool, Budget
from ocpctl_common.store.engine import Database, Transaction, autocommit

from ocpctl_scheduler import sweeping
from ocpctl_scheduler.rules import LeaseRules

THROTTLE = "THROTTLE"


def pool_of(platform: str, account_id: str, region: str, mode: RunMode) -> AccountPool:
    """Where a run of this cloud is counted."""
    key = PROVIDERS[platform].concurrency_key(account_id, region)
    return AccountPool.of(key.account_id, key.region, mode)


def is_full(tx: Transaction, rules: LeaseRules, pool: AccountPool) -> bool:
    """Whether another run of the pool must wait. Locks the account's row until the transaction ends."""
    budget = budgets.lock(tx, pool)
    return budget.running >= (_creates(rules, budget) if pool.installs else rules.destroys)


def _creates(rules: LeaseRules, budget: Budget) -> int:
    return creates_allowed(rules.creates, budget.lowered_to, budget.seconds_since, rules.restore)


def lower(tx: Transaction, rules: LeaseRules, pool: AccountPool) -> None:
    """The cloud has throttled an install: half as many from now on."""
    budgets.lower(tx, pool, halved(_creates(rules, budgets.lock(tx, pool))))


def ring_next(engine: Database, pool: AccountPool) -> None:
    """A run of the pool has ended: whoever waits for it is rung. One that is missed is rung by the janitor later."""
    with autocommit(engine) as tx:
        waiting = budgets.next_waiting(tx, pool)
    if waiting:
        sweeping.ring(engine, JobId(waiting), waited_for=pool.key)
