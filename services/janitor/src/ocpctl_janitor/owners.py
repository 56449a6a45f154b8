"""Counts the states that nobody works on, and has the scheduler give each an owner."""

from collections import Counter

import structlog
from ocpctl_common.store.engine import Transaction
from ocpctl_common.store.queries import invariants
from ocpctl_common.store.queries.janitor import Candidate
from ocpctl_common.telemetry import metrics

from ocpctl_janitor.settings import JanitorSettings

log = structlog.get_logger()


def find(tx: Transaction, _: JanitorSettings, *, limit: int) -> list[Candidate]:
    """Clusters with a state that has no owner, each once. Sets the gauge of every rule, also to zero."""
    found = invariants.breaches(tx, limit=limit)
    counts = Counter(breach.invariant for breach in found)
    for rule in invariants.INVARIANTS:
        metrics.states_without_owner.labels(invariant=rule.name).set(counts[rule.name])
    for breach in found:
        log.error("state without owner", invariant=breach.invariant, cluster_id=breach.cluster_id, found=breach.found)
    return [Candidate(cluster_id=cluster_id) for cluster_id in dict.fromkeys(breach.cluster_id for breach in found)]
