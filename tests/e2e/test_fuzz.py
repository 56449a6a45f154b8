"""Requests made from the contract, right and wrong, against Envoy: every answer is one that the contract tells.

No 5xx, no status that is not documented, every error in the one shape. A seed makes the same requests again;
`SEED=n` makes others.
"""

import os
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, settings
from ocpctl_local.settings import ROOT
from ocpctl_local.stack import Stack
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", "12"))
SEED = int(os.environ.get("SEED", "1"))
DETAILS = {"ErrorInfo", "RequestInfo", "BadRequest", "RetryInfo"}

schema = schemathesis.openapi.from_path(ROOT / "docs" / "openapi.json")
schema.config.seed = SEED
schema.config.generation.update(modes=list(schemathesis.GenerationMode), max_examples=EXAMPLES)


def one_shape(_: Any, response: Any, __: Any) -> None:
    """An error is a google.rpc.Status with a reason of ours and the request's id."""
    if response.status_code < 400:
        return
    body = response.json()
    assert set(body) == {"code", "message", "details"}, body
    details = {detail["@type"].rpartition(".")[2]: detail for detail in body["details"]}
    assert details.keys() <= DETAILS, body
    assert details["ErrorInfo"]["domain"] == "ocpctl"
    assert details["ErrorInfo"]["reason"].isupper()
    assert body["message"]


CHECKS: list[Any] = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
    one_shape,
]


@pytest.mark.parametrize("principal", ["admin"])
@schema.parametrize()
@settings(
    phases=[Phase.explicit, Phase.generate],
    deadline=None,
    max_examples=EXAMPLES,
    suppress_health_check=list(HealthCheck),
)
def test_every_route(stack: Stack, principal: str, case: schemathesis.Case[Any]) -> None:
    """The admin may call everything, so that requests get as far as they can."""
    headers = {"authorization": f"Bearer {stack.token(principal)}"}
    case.call_and_validate(base_url=stack.url, headers=headers, checks=CHECKS)
