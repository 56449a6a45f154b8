"""What a post-destroy verification records, and what it answers."""

from contextlib import nullcontext
from dataclasses import replace
from typing import Any

import pytest
from ocpctl_common.lifecycle.states import Cleanup
from ocpctl_common.store import attempts, leases, verifications
from ocpctl_scheduler import lease_renew
from ocpctl_scheduler.lease_renew import Holder

from tests.unit.scheduler.scheduled import ATTEMPT, CLUSTER, LEASE, RULES, TX

INCIDENT = ["found", "REMAINS_FOUND", "reopened"]


@pytest.mark.parametrize(
    ("cleanup", "done_before", "found", "new", "answer", "recorded"),
    [
        ("REQUIRED", 0, ["vpc-1"], True, True, []),
        ("REQUIRED", 0, [], True, True, []),
        ("VERIFIED", 0, [], True, False, [7_200]),
        ("VERIFIED", 1, [], True, False, [86_400]),
        ("VERIFIED", 2, [], True, False, [None]),
        ("VERIFIED", 0, ["vpc-1"], True, True, INCIDENT),
        ("VERIFIED", 0, ["vpc-1"], False, True, ["found"]),
    ],
)
def test_a_find_is_recorded_once(
    cleanup: str,
    done_before: int,
    found: list[str],
    new: bool,
    answer: bool,
    recorded: list[object],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """An attempt that needs cleanup already is answered so, and nothing more is recorded."""
    done: list[object] = []
    attempt = replace(ATTEMPT, cleanup=Cleanup(cleanup), resweeps=done_before)

    def found_again(tx: Any, attempt: Any) -> bool:
        done.append("found")
        return new

    monkeypatch.setattr(lease_renew, "transaction", nullcontext)
    monkeypatch.setattr(leases, "lock_held", lambda tx, cluster_id, **words: LEASE)
    monkeypatch.setattr(attempts, "get", lambda tx, cluster_id, attempt_id: attempt)
    monkeypatch.setattr(verifications, "verified_again", lambda tx, attempt, pause: done.append(pause))
    monkeypatch.setattr(verifications, "found_again", found_again)
    monkeypatch.setattr(lease_renew, "_audit_attempt", lambda tx, lease, attempt_id, action, by: done.append(action))
    monkeypatch.setattr(lease_renew, "_reopen", lambda tx, lease, by: done.append("reopened"))
    holder = Holder(cluster_id=CLUSTER.id, fence=3, runner="runner-1")
    assert lease_renew.verify_again(TX, RULES, holder, attempt.id, found) is answer
    assert done == recorded
