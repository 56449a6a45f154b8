"""Every state meets every event: allowed exactly as the rows say."""

from itertools import product

import pytest
from ocpctl_common.errors import WrongState
from ocpctl_common.lifecycle.states import ClusterStatus, JobStatus
from ocpctl_common.lifecycle.transitions import (
    CLUSTER_TRANSITIONS,
    JOB_TRANSITIONS,
    ClusterEvent,
    JobEvent,
    decide,
)

CLUSTER_MOVES = {
    ("PENDING", "ATTEMPT_AUTHORIZED"): "CREATING",
    ("CREATING", "ATTEMPT_AUTHORIZED"): "CREATING",
    ("CREATING", "INSTALL_SUCCEEDED"): "READY",
    ("PENDING", "INSTALL_GIVEN_UP"): "FAILED",
    ("CREATING", "INSTALL_GIVEN_UP"): "FAILED",
    ("READY", "SCALE_REQUESTED"): "SCALING",
    ("SCALING", "WORKERS_SCALED"): "READY",
    ("SCALING", "SCALE_GIVEN_UP"): "READY",
    ("SCALING", "DESTROY_REQUESTED"): "DESTROYING",
    ("PENDING", "DESTROY_REQUESTED"): "DESTROYING",
    ("CREATING", "DESTROY_REQUESTED"): "DESTROYING",
    ("READY", "DESTROY_REQUESTED"): "DESTROYING",
    ("FAILED", "DESTROY_REQUESTED"): "DESTROYING",
    ("DESTROYING", "DESTROY_REQUESTED"): "DESTROYING",
    ("DESTROYING", "DESTROY_PROVEN"): "DESTROYED",
    ("DESTROYED", "REMAINS_FOUND"): "DESTROYING",
    ("FAILED", "REMAINS_FOUND"): "DESTROYING",
}
JOB_MOVES = {
    ("PENDING", "ACQUIRED"): "RUNNING",
    ("RETRYING", "ACQUIRED"): "RUNNING",
    ("RUNNING", "SUCCEEDED"): "SUCCEEDED",
    ("RUNNING", "TO_BE_RETRIED"): "RETRYING",
    ("RUNNING", "GIVEN_UP"): "FAILED",
    ("PENDING", "CANCELLED"): "CANCELLED",
    ("RETRYING", "CANCELLED"): "CANCELLED",
    ("RUNNING", "CANCELLED"): "CANCELLED",
}


@pytest.mark.parametrize(("status", "event"), list(product(ClusterStatus, ClusterEvent)))
def test_cluster(status: ClusterStatus, event: ClusterEvent) -> None:
    target = CLUSTER_MOVES.get((status.value, event.value))
    if target is None:
        with pytest.raises(WrongState, match=f"the status is {status}; "):
            decide(CLUSTER_TRANSITIONS, event, status)
    else:
        assert decide(CLUSTER_TRANSITIONS, event, status) == target


@pytest.mark.parametrize(("status", "event"), list(product(JobStatus, JobEvent)))
def test_job(status: JobStatus, event: JobEvent) -> None:
    target = JOB_MOVES.get((status.value, event.value))
    if target is None:
        with pytest.raises(WrongState, match=f"the status is {status}; "):
            decide(JOB_TRANSITIONS, event, status)
    else:
        assert decide(JOB_TRANSITIONS, event, status) == target
