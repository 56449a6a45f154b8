"""The strict reading of JSON bodies."""

import json
import re

import pytest
from ocpctl_api_gateway.body_check import check_body
from ocpctl_api_gateway.contract import BODIES
from ocpctl_common.errors import InvalidRequest
from ocpctl_local.settings import ROOT


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b'{"name":', "not valid JSON"),
        (b'{"name":"a","name":"b"}', "duplicate keys name"),
        (b"[1]", "must be a JSON object"),
        (b'{"profle":"x"}', "profle: is not a field of this request; allowed: name, platform"),
        (b'{"base_domain":"x"}', "base_domain: is not a field"),
        (b'{"ttlHours":"24"}', "ttlHours: must be a whole number"),
        (b'{"ttlHours":true}', "ttlHours: must be a whole number"),
        (b'{"ttlHours":99999999999}', "ttlHours: must be a whole number"),
        (b'{"ttlHours":NaN}', "NaN is not JSON"),
        (b'{"name":null}', "name: must be a string"),
        (b'{"tags":{"a":1}}', "tags: must be an object whose values are strings"),
        (b'{"validateOnly":"yes"}', "validateOnly: must be true or false"),
        (b"\xff\xfe", "not valid JSON"),
        (b"[" * 100_000, "nested too deeply"),
    ],
)
def test_refused(body: bytes, words: str) -> None:
    with pytest.raises(InvalidRequest, match=re.escape(words)):
        check_body("/api/v1/clusters", body)


@pytest.mark.parametrize(
    ("body", "path"),
    [
        (b'{"name":"a","ttlHours":24,"tags":{"a":"b"},"validateOnly":true}', "/api/v1/clusters"),
        (b"", "/api/v1/clusters/clu_1/destroy"),
        (b"{}", "/api/v1/clusters/clu_1/extend"),
        (b'{"whatever":1}', "/api/v1/not-a-route"),
    ],
)
def test_passed(body: bytes, path: str) -> None:
    check_body(path, body)


def test_every_route_that_changes_something_is_read_strictly() -> None:
    """Envoy would drop the unknown keys of a forgotten one."""
    paths = json.loads((ROOT / "docs" / "openapi.json").read_text())["paths"]
    changing = {path for path, operations in paths.items() if set(operations) - {"get"}}
    read = {path for path in changing for pattern, _ in BODIES if pattern.fullmatch(path)}
    assert read == changing != set()
