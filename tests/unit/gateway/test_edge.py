"""What Envoy passes on as it came means what a transcoder would make of it, or is refused."""

import json
from typing import Any

import pytest
from google.protobuf import json_format
from hypothesis import given
from hypothesis import strategies as st
from ocpctl.v1 import cluster_service_pb2 as pb
from ocpctl_api_gateway.servicers.edge import create_request
from ocpctl_common.errors import InvalidRequest

TEXT = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=8)
VALUES = {
    **dict.fromkeys(("name", "profile", "baseDomain", "owner", "team", "costCenter", "sshPublicKey"), TEXT),
    **dict.fromkeys(("ttlHours", "workerReplicas", "keepaliveSeconds"), st.integers(-(2**31), 2**31 - 1)),
    "validateOnly": st.booleans(),
    "tags": st.dictionaries(TEXT, TEXT, max_size=3),
}
BODIES = st.fixed_dictionaries({}, optional={name: st.none() | values for name, values in VALUES.items()})


@given(BODIES)
def test_a_body_means_what_its_json_says(body: dict[str, Any]) -> None:
    raw = json.dumps(body).encode()
    assert create_request(raw) == json_format.Parse(raw, pb.CreateClusterRequest())


def test_no_body_is_an_empty_one() -> None:
    assert create_request(b"") == pb.CreateClusterRequest() == create_request(b"{}")


@pytest.mark.parametrize(
    ("body", "field", "reason"),
    [
        ({"name": "a\0b"}, "name", "NUL_CHARACTER"),
        ({"tags": {"a": "\0"}}, "tags", "NUL_CHARACTER"),
        ({"profle": "x"}, "profle", "UNKNOWN_FIELD"),
        ({"ttlHours": "8"}, "ttlHours", "WRONG_TYPE"),
    ],
)
def test_what_breaks_the_contract_is_named(body: dict[str, Any], field: str, reason: str) -> None:
    with pytest.raises(InvalidRequest) as refused:
        create_request(json.dumps(body).encode())
    assert [(one.field, one.reason) for one in refused.value.problems] == [(field, reason)]
