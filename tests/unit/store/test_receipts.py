"""What proves that nothing is left, and what a row says of itself."""

import json
from dataclasses import replace

import pytest
from ocpctl_common.lifecycle.states import ClusterStatus
from ocpctl_common.store.verifications import is_receipt

from tests.unit.scheduler.scheduled import CLUSTER, FREE, LEASE

# What each look has found, by kind: the number, or none at all.
NOTHING: dict[str, int] = {"instances": 0, "volumes": 0}
LEFT = {"instances": 0, "volumes": 1}
RECEIPTS = [
    ([], False),
    ([NOTHING], False),
    ([NOTHING, NOTHING], True),
    ([{}, {}], True),
    ([LEFT, NOTHING], False),
    ([NOTHING, LEFT], False),
    ([LEFT, LEFT], False),
    ([LEFT, NOTHING, NOTHING], True),
    ([NOTHING, LEFT, NOTHING], False),
    ([NOTHING, NOTHING, LEFT], False),
    ([LEFT, LEFT, NOTHING, NOTHING], True),
]


@pytest.mark.parametrize(("looks", "proves"), RECEIPTS)
def test_only_two_empty_looks_at_the_end_prove(looks: list[dict[str, int]], proves: bool) -> None:
    assert is_receipt(json.dumps({"checks": [{"found": found} for found in looks]})) is proves


def test_a_receipt_without_looks_proves_nothing() -> None:
    assert not is_receipt("{}")


@pytest.mark.parametrize("status", ClusterStatus)
def test_only_a_failed_cluster_failed_clean(status: ClusterStatus) -> None:
    found = (replace(CLUSTER, status=status, resources_remaining=left).failed_clean for left in (True, False))
    assert tuple(found) == (False, status == "FAILED")


def test_a_lease_is_held_expired_or_not() -> None:
    assert (LEASE.held, replace(LEASE, expired=True).held, FREE.held) == (True, True, False)
