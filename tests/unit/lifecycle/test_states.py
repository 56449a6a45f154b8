"""The named sets of the lifecycle, word by word."""

import pytest
from ocpctl_common.lifecycle import states

SETS = {
    "WAITING_JOBS": {"PENDING", "RETRYING"},
    "OPEN_JOBS": {"PENDING", "RUNNING", "RETRYING"},
    "EXPIRABLE": {"PENDING", "CREATING", "READY", "SCALING", "FAILED"},
    "EXTENDABLE": {"PENDING", "CREATING", "READY", "SCALING"},
    "CANCELLABLE": {"PENDING", "CREATING"},
    "RETRYABLE": {"FAILED", "DESTROYING"},
}


@pytest.mark.parametrize("name", SETS)
def test_set(name: str) -> None:
    assert getattr(states, name) == SETS[name]
