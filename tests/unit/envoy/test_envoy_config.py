"""Envoy's configuration says what the settings say."""

import subprocess
import sys
from ipaddress import ip_address
from pathlib import Path
from socket import has_dualstack_ipv6
from typing import Any

import pytest
import yaml
from ocpctl_envoy.rendering import render
from ocpctl_envoy.settings import EnvoySettings
from pydantic import ValidationError

REQUIRED: dict[str, Any] = {
    "envoy_dir": Path("/envoy"),
    "gateways": ("gateways.internal:7010", "[fd00::1]:7010"),
    "tls_dir": Path("/tls"),
    "audience": "https://a",
}


def rendered(**settings: Any) -> dict[str, Any]:
    document: dict[str, Any] = yaml.safe_load(render(EnvoySettings(**REQUIRED | settings)))
    return document


def edge(**settings: Any) -> dict[str, Any]:
    listener: dict[str, Any] = rendered(**settings)["static_resources"]["listeners"][0]
    return listener


def connections(**settings: Any) -> dict[str, Any]:
    """The settings of the edge's HTTP connections."""
    found: dict[str, Any] = edge(**settings)["filter_chains"][0]["filters"][0]["typed_config"]
    return found


def socket_address(address: dict[str, Any]) -> tuple[str, int]:
    return address["socket_address"]["address"], address["socket_address"]["port_value"]


def buckets(found: dict[str, Any]) -> list[tuple[int, str]]:
    filters = {one["name"]: one["typed_config"] for one in found["http_filters"]}
    limits = [filters[f"envoy.filters.http.local_ratelimit{name}"] for name in ("", ".strangers")]
    return [
        (one["token_bucket"]["max_tokens"], limit["response_headers_to_add"][0]["header"]["value"])
        for limit in limits
        for one in limit["descriptors"]
    ]


def test_people_may_ask_a_hundred_times_a_minute_and_strangers_sixty() -> None:
    assert buckets(connections()) == [(100, "1"), (600, "1"), (60, "1")]


def test_the_limits_are_settings_and_the_slower_one_says_when_to_try_again() -> None:
    found = connections(requests_per_minute=600, signed_requests_per_minute=900, unknown_requests_per_minute=7)
    assert buckets(found) == [(600, "9"), (900, "9"), (7, "9")]


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


def test_every_gateway_is_an_endpoint_by_name_or_address() -> None:
    gateway = rendered()["static_resources"]["clusters"][0]
    endpoints = gateway["load_assignment"]["endpoints"][0]["lb_endpoints"]
    assert [socket_address(one["endpoint"]["address"]) for one in endpoints] == [
        ("gateways.internal", 7010),
        ("fd00::1", 7010),
    ]
    assert (gateway["type"], gateway["dns_lookup_family"]) == ("STRICT_DNS", "ALL")


@pytest.mark.parametrize(("listen", "host"), [("10.0.0.1:80", "10.0.0.1"), ("[::1]:80", "::1")])
def test_it_listens_where_it_is_told(listen: str, host: str) -> None:
    assert socket_address(edge(listen=listen)["address"]) == (host, 80)


def test_without_a_host_all_addresses_of_both_kinds_are_meant() -> None:
    address = edge(listen=":80")["address"]["socket_address"]
    assert (ip_address(address["address"]).is_unspecified, address["ipv4_compat"]) == (True, has_dualstack_ipv6())


def test_clients_get_tls_when_there_are_files_for_it() -> None:
    assert "transport_socket" not in edge()["filter_chains"][0]
    assert "transport_socket" in edge(public_tls_dir=Path("/public"))["filter_chains"][0]


def test_what_is_set_is_text_whatever_it_holds() -> None:
    document = rendered(audience='https://a#b: "c"', console_origins=("https://x, y]",))
    chain = document["static_resources"]["listeners"][0]["filter_chains"][0]
    found = chain["filters"][0]["typed_config"]
    assert origins(found) == [{"exact": "https://x, y]"}]
    filters = {one["name"]: one["typed_config"] for one in found["http_filters"]}
    provider = filters["envoy.filters.http.jwt_authn"]["providers"]["sessions"]
    assert provider["audiences"] == ['https://a#b: "c"']


def test_a_front_has_a_name_and_an_address_or_neither() -> None:
    for half in ({"front_peer": "front"}, {"front_listen": "127.0.0.1:1"}):
        with pytest.raises(ValidationError, match="OCPCTL_FRONT_LISTEN and OCPCTL_FRONT_PEER go together"):
            EnvoySettings(**REQUIRED | half)


@pytest.mark.parametrize("name", ["listen", "admin_listen", "front_listen"])
def test_envoy_listens_at_no_name(name: str) -> None:
    front = {"front_peer": "front"} if name == "front_listen" else {}
    with pytest.raises(ValidationError, match="not at the name localhost"):
        EnvoySettings(**REQUIRED | front | {name: "localhost:8443"})


@pytest.mark.parametrize("name", ["listen", "front_listen"])
def test_the_admin_page_is_elsewhere(name: str) -> None:
    given = {"front_listen": "127.0.0.1:1", "front_peer": "front", "admin_listen": "127.0.0.1:2", name: "127.0.0.1:2"}
    with pytest.raises(ValidationError, match="OCPCTL_ADMIN_LISTEN must be another address"):
        EnvoySettings(**REQUIRED | given)


def test_files_of_tls_that_are_not_there_are_told(tmp_path: Path) -> None:
    env = {
        "OCPCTL_GATEWAYS": '["127.0.0.1:7010"]',
        "OCPCTL_AUDIENCE": "https://a",
        "OCPCTL_ENVOY_DIR": str(tmp_path / "envoy"),
        "OCPCTL_TLS_DIR": str(tmp_path),
        "OCPCTL_PUBLIC_TLS_DIR": "/nonexistent",
    }
    for name in ("tls.crt", "tls.key"):
        (tmp_path / name).touch()
    done = subprocess.run([sys.executable, "-m", "ocpctl_envoy"], env=env, capture_output=True, text=True, check=False)
    told = [
        f"there is no file {tmp_path}/ca.crt (OCPCTL_TLS_DIR)",
        "there is no file /nonexistent/tls.crt (OCPCTL_PUBLIC_TLS_DIR)",
        "there is no file /nonexistent/tls.key (OCPCTL_PUBLIC_TLS_DIR)",
    ]
    assert (done.returncode, done.stderr.splitlines()) == (1, told)
    assert not (tmp_path / "envoy").exists()


def test_two_envoys_of_a_machine_fetch_keys_by_sockets_of_their_own() -> None:
    names = {
        rendered(listen=listen)["static_resources"]["listeners"][1]["address"]["pipe"]["path"]
        for listen in (":1", ":2")
    }
    assert len(names) == 2


def routes(found: object) -> list[dict[str, Any]]:
    """Wherever they are in a document: what leads to gateways."""
    if isinstance(found, list):
        return [route for one in found for route in routes(one)]
    if not isinstance(found, dict):
        return []
    own = [found] if found.get("cluster") == "gateway" and "timeout" in found else []
    return own + [route for one in found.values() for route in routes(one)]


def test_a_stream_that_a_gateway_refuses_is_asked_for_again() -> None:
    """On every route: logs, exports and keys, too. Nothing of it was begun."""
    found = routes(rendered())
    assert len(found) > 5
    assert [route for route in found if "refused-stream" not in route.get("retry_policy", {}).get("retry_on", "")] == []
