"""Counts clusters for ocpctl_clusters_total. Every janitor does: docs/operations.md has the query for many."""

from ocpctl_common.errors import OcpctlError
from ocpctl_common.store.engine import Database, autocommit
from ocpctl_common.store.queries import janitor
from ocpctl_common.telemetry import metrics

from ocpctl_janitor.passes import Report


class ClusterGauge:
    """What is not there any more is shown as zero."""

    def __init__(self, engine: Database) -> None:
        self._engine = engine
        self._known: set[tuple[str, str]] = set()

    def run_once(self) -> Report:
        """One count. Raises Unavailable, and shows nothing then."""
        try:
            with autocommit(self._engine) as tx:
                counts = janitor.cluster_counts(tx)
        except OcpctlError:
            metrics.clusters_total.clear()
            self._known.clear()
            raise
        counted = {(count.platform, count.status): count.clusters for count in counts}
        self._known |= counted.keys()
        for platform, status in self._known:
            metrics.clusters_total.labels(platform=platform, status=status).set(counted.get((platform, status), 0))
        return Report(found=len(counts), applied=0, failed=0)
