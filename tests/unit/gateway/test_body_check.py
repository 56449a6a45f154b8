"""The strict reading of JSON bodies."""

import json
import re
import time

import pytest
from ocpctl_api_gateway.contract import BODIES, Route
from ocpctl_api_gateway.identity.body_check import check_body
from ocpctl_common.errors import InvalidRequest, NotFound
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
        (b'{"profle":null}', "profle: is not a field"),
        (b'{"tags":{"a":null}}', "tags: must be an object whose values are strings"),
        (b'{"tags":{"a":1}}', "tags: must be an object whose values are strings"),
        (b'{"validateOnly":"yes"}', "validateOnly: must be true or false"),
        (b"\xff\xfe", "not valid JSON"),
        (b'{"ttlHours":' + b"9" * 5_000 + b"}", "a number of 5000 digits"),
        (b'{"\\ud800":1}', "half a surrogate pair"),
        (b"[" * 100_000, "nested more than 16 levels deep"),
        (b'{"a":' * 100_000, "nested more than 16 levels deep"),
        (b'{"name":' + b"[" * 16 + b"]" * 16 + b"}", "nested more than 16 levels deep"),
        (b'{"name":' + b"[" * 15 + b"]" * 15 + b"}", "name: must be a string"),
    ],
)
def test_refused(body: bytes, words: str) -> None:
    with pytest.raises(InvalidRequest, match=re.escape(words)):
        check_body("/api/v1/clusters", body)


@pytest.mark.parametrize(
    ("body", "path"),
    [
        (b'{"name":"a","ttlHours":24,"tags":{"a":"b"},"validateOnly":true}', "/api/v1/clusters"),
        (b'{"name":"a","ttlHours":null,"tags":null,"validateOnly":null}', "/api/v1/clusters"),
        (b"", "/api/v1/clusters/clu_1/destroy"),
        (b"{}", "/api/v1/clusters/clu_1/extend"),
        (b"\0\0\0\0\x05abc", "/ocpctl.v1.ClusterService/CreateCluster"),
    ],
)
def test_passed(body: bytes, path: str) -> None:
    check_body(path, body)


@pytest.mark.parametrize("path", ["/api/v1/clusters/", "/api/v1/clusters;a", "/api/v1/not-a-route", "/"])
def test_a_body_where_we_know_of_none_is_refused(path: str) -> None:
    """The transcoder knows other spellings of a path: it takes the first one for a create."""
    with pytest.raises(NotFound):
        check_body(path, b'{"profle":"x"}')


def test_a_body_of_many_wrong_keys_is_answered_soon_and_briefly() -> None:
    """Each key once cost a search of all keys: a minute for 50,000 of them."""
    body = json.dumps({f"key-{number}": 1 for number in range(50_000)}).encode()
    began = time.process_time()
    with pytest.raises(InvalidRequest) as refused:
        check_body("/api/v1/clusters", body)
    assert time.process_time() - began < 2
    assert len(refused.value.message) < 20_000


def test_every_route_that_changes_something_is_read_strictly() -> None:
    """Envoy would drop the unknown keys of a forgotten one."""
    paths = json.loads((ROOT / "docs" / "openapi.json").read_text())["paths"]
    changing = {path for path, operations in paths.items() if set(operations) - {"get"}}
    read = {path for path in changing for route in BODIES if route.path.fullmatch(path)}
    assert read == changing != set()


@pytest.mark.parametrize("route", [route for route in BODIES if route.variables], ids=lambda route: route.path.pattern)
def test_a_body_names_nothing_that_the_path_names(route: Route) -> None:
    for name in route.variables:
        with pytest.raises(InvalidRequest, match=f"{name}: is not a field of this request"):
            check_body(route.path.pattern.replace("[^/]+", "one"), json.dumps({name: "other"}).encode())
