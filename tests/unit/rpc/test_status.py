"""Errors travel as google.rpc.Status and come back as what they were."""

from typing import Any
from unittest.mock import create_autospec

import grpc
import pytest
from google.protobuf import json_format
from grpc_status import rpc_status
from ocpctl_common import errors
from ocpctl_common.errors import FieldProblem, OcpctlError, StaleState
from ocpctl_common.rpc.status import NEVER_SENT, TABLE, from_rpc_error, http_override, internal_status, to_status

LEAVES = [
    leaf
    for leaf in vars(errors).values()
    if isinstance(leaf, type) and OcpctlError in leaf.__mro__[1:] and leaf not in NEVER_SENT
]
PROBLEM = FieldProblem(field="ttlHours", description="is too long", reason="TTL_ABOVE_MAXIMUM")


def test_every_leaf_has_a_row() -> None:
    assert set(TABLE) == set(LEAVES)


def failed_call(rich: grpc.Status) -> Any:
    """A failed call as grpc hands it out."""
    call = create_autospec(grpc.Call, instance=True)
    call.code.return_value = rich.code
    call.details.return_value = rich.details
    call.trailing_metadata.return_value = rich.trailing_metadata
    return call


@pytest.mark.parametrize("leaf", [leaf for leaf in LEAVES if leaf is not StaleState], ids=lambda leaf: leaf.__name__)
def test_there_and_back(leaf: type[OcpctlError]) -> None:
    timed = issubclass(leaf, (errors.Unavailable, errors.RateLimited))
    details: dict[str, Any] = {"retry_after_seconds": 7.5} if timed else {"problems": (PROBLEM,), "reason": "WORD"}
    error = leaf("a sentence", **details)
    back = from_rpc_error(failed_call(rpc_status.to_status(to_status(error, "req-1"))))
    assert type(back) is leaf
    assert (back.message, back.reason, back.problems) == (error.message, error.reason, error.problems)
    assert back.retry_after_seconds == error.retry_after_seconds


def test_the_wire_form_names_the_field() -> None:
    status = json_format.MessageToDict(to_status(errors.PolicyRefused("no", problems=(PROBLEM,)), "req-1"))
    info, request, bad = status["details"]
    assert (info["reason"], info["domain"], request["requestId"]) == ("POLICY_REFUSED", "ocpctl", "req-1")
    assert bad["fieldViolations"] == [
        {"field": "ttlHours", "description": "is too long", "reason": "TTL_ABOVE_MAXIMUM"}
    ]


@pytest.mark.parametrize(
    ("error", "status"),
    [(errors.PolicyRefused("x"), "422"), (errors.WrongState("x"), "409"), (errors.NotFound("x"), None)],
)
def test_the_http_status_is_forced_only_where_it_differs(error: OcpctlError, status: str | None) -> None:
    assert http_override(error) == status


def test_a_defect_says_nothing_but_its_id() -> None:
    assert internal_status("req-7").message == "internal error; the operators find it under req-7"
