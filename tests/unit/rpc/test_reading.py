"""Bytes that are no message of the contract are the caller's mistake."""

import pytest
from ocpctl.v1.cluster_service_pb2 import CreateClusterRequest, ListClustersRequest
from ocpctl_common.errors import InvalidRequest
from ocpctl_common.rpc.reading import strict

READ = strict(CreateClusterRequest.FromString)


def test_a_message_is_read() -> None:
    message = CreateClusterRequest(name="a", tags={"a": "b"})
    assert READ(message.SerializeToString()) == message


@pytest.mark.parametrize(
    "raw",
    [b"\xff\xff\xff", b"\x0a\x02\xff\xfe", b"\x0a\x7f"],
    ids=["no message", "no UTF-8", "cut off"],
)
def test_what_is_no_message_is_refused(raw: bytes) -> None:
    assert isinstance(READ(raw), InvalidRequest)


@pytest.mark.parametrize(
    ("message", "fields"),
    [
        (CreateClusterRequest(name="a\0b"), ["name"]),
        (CreateClusterRequest(tags={"a": "\0"}), ["tags"]),
        (CreateClusterRequest(tags={"\0": "a"}, base_domain="\0"), ["baseDomain", "tags"]),
        (ListClustersRequest(owner=["a", "b\0"]), ["owner"]),
    ],
)
def test_a_text_with_nul_is_refused_by_name(
    message: CreateClusterRequest | ListClustersRequest, fields: list[str]
) -> None:
    """PostgreSQL knows no such text and would end the call as a defect of ours."""
    refused = strict(type(message).FromString)(message.SerializeToString())
    assert isinstance(refused, InvalidRequest)
    assert sorted(problem.field for problem in refused.problems) == fields
