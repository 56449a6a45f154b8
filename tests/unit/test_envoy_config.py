"""Envoy's configuration says what the settings say."""

from pathlib import Path
from typing import Any

import yaml
from ocpctl_local.envoy_config import EnvoySettings, render
from ocpctl_local.settings import Limits


def connections(**settings: Any) -> dict[str, Any]:
    """The settings of the edge's HTTP connections."""
    required: dict[str, Any] = {
        "listen_port": 1,
        "admin_port": 2,
        "gateway_ports": (3, 4),
        "tls_dir": Path("/tls"),
        "audience": "a",
    }
    document = yaml.safe_load(render(EnvoySettings(**required | settings), Path("/secrets")))
    found: dict[str, Any] = document["static_resources"]["listeners"][0]["filter_chains"][0]["filters"][0][
        "typed_config"
    ]
    return found


def buckets(found: dict[str, Any]) -> list[tuple[int, str]]:
    filters = {one["name"]: one["typed_config"] for one in found["http_filters"]}
    limit = filters["envoy.filters.http.local_ratelimit"]
    retry = limit["response_headers_to_add"][0]["header"]["value"]
    return [(one["token_bucket"]["max_tokens"], retry) for one in limit["descriptors"]]


def test_people_may_ask_a_hundred_times_a_minute_and_strangers_sixty() -> None:
    assert buckets(connections()) == [(100, "1"), (60, "1"), (600, "1")]


def test_the_limits_are_settings_and_the_slower_one_says_when_to_try_again() -> None:
    limits = Limits(requests_per_minute=600, unknown_requests_per_minute=7)
    assert buckets(connections(limits=limits)) == [(600, "9"), (7, "9"), (600, "9")]


def origins(found: dict[str, Any]) -> list[dict[str, str]]:
    host = found["route_config"]["virtual_hosts"][0]
    allowed: list[dict[str, str]] = host["typed_per_filter_config"]["envoy.filters.http.cors"][
        "allow_origin_string_match"
    ]
    return allowed


def test_no_origin_may_ask_unless_it_is_named() -> None:
    assert origins(connections()) == []
    assert origins(connections(console_origins=("https://a", "https://b"))) == [
        {"exact": "https://a"},
        {"exact": "https://b"},
    ]
