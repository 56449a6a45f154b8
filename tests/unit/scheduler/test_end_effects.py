"""What the end of an attempt moves and redispatches."""

from dataclasses import replace
from typing import Any, cast

import pytest
from ocpctl_common.ids import JobId
from ocpctl_common.lifecycle.retries import Verdict
from ocpctl_common.lifecycle.states import JobStatus, Outcome
from ocpctl_common.lifecycle.transitions import ClusterEvent, JobEvent
from ocpctl_common.store import jobs, outbox, outputs
from ocpctl_common.store.attempts import End
from ocpctl_scheduler import lease_complete
from ocpctl_scheduler.lease_complete import Ended, _Completion

from tests.unit.scheduler.scheduled import ATTEMPT, CLUSTER, JOB, LEASE, TX

OUTPUTS = cast("Any", "outputs")
# Event, whether the runner has sent outputs: what is done.
EFFECTS = {
    (None, True): [],
    (ClusterEvent.INSTALL_SUCCEEDED, True): ["outputs", "INSTALL_SUCCEEDED"],
    (ClusterEvent.INSTALL_SUCCEEDED, False): ["INSTALL_SUCCEEDED"],
    (ClusterEvent.WORKERS_SCALED, True): ["WORKERS_SCALED"],
    (ClusterEvent.DESTROY_PROVEN, False): ["DESTROY_PROVEN"],
}


@pytest.mark.parametrize("row", EFFECTS)
def test_what_is_done_to_the_cluster(row: tuple[ClusterEvent | None, bool], monkeypatch: pytest.MonkeyPatch) -> None:
    event, has_outputs = row
    done: list[object] = []
    monkeypatch.setattr(outputs, "put", lambda tx, cluster_id, what: done.append(what))
    monkeypatch.setattr(lease_complete, "move_cluster", lambda tx, cluster, event, **words: done.append(event))
    how = End(outcome=Outcome.SUCCEEDED)
    ended = Ended(attempt_id=ATTEMPT.id, how=how, outputs=OUTPUTS if has_outputs else None)
    one = _Completion(lease=LEASE, cluster=CLUSTER, job=JOB, attempt=ATTEMPT, ended=ended, actor="x")
    lease_complete._apply_to_cluster(
        TX, one, Verdict(job_event=JobEvent.SUCCEEDED, cluster_event=event), needing_cleanup=0
    )
    assert done == EFFECTS[row]


def test_who_waited_is_redispatched(monkeypatch: pytest.MonkeyPatch) -> None:
    """The name says it: status, and whether it is due."""
    rows = [(status, due) for status in JobStatus for due in (True, False)]
    waiting = [replace(JOB, id=JobId(f"{status} {due}"), status=status, due=due) for status, due in rows]
    dispatched: list[str] = []
    monkeypatch.setattr(jobs, "open_jobs", lambda tx, cluster_id: waiting)
    monkeypatch.setattr(outbox, "redispatch", lambda tx, job: dispatched.append(job.id))
    lease_complete._redispatch_next(TX, CLUSTER.id)
    assert dispatched == ["PENDING True", "RETRYING True"]
