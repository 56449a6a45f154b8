"""The strict reading of queries."""

import re

import pytest
from ocpctl_api_gateway.contract import ROUTES, Route
from ocpctl_api_gateway.identity.query_check import check_query
from ocpctl_common.errors import InvalidRequest, NotFound

CLUSTER = "/api/v1/clusters/clu_1"


def target(route: Route, query: str) -> str:
    return f"{route.path.pattern.replace('[^/]+', 'one')}?{query}"


@pytest.mark.parametrize("route", [route for route in ROUTES if route.takes_body], ids=lambda r: r.path.pattern)
def test_a_route_with_a_body_takes_no_query(route: Route) -> None:
    for name in (*(field.json_name for field in route.message.fields), "anything", "", "%20"):
        with pytest.raises(InvalidRequest, match="takes no query"):
            check_query(route.method, target(route, f"{name}=1"))


@pytest.mark.parametrize("route", [route for route in ROUTES if route.variables], ids=lambda r: r.path.pattern)
def test_no_route_takes_what_its_path_has_named(route: Route) -> None:
    for name in route.variables:
        encoded = "".join(f"%{ord(character):02x}" for character in name)
        for spelt in (name, encoded, f"{name}.x", name.replace("_", "%5F")):
            with pytest.raises(InvalidRequest, match="stands in the path already"):
                check_query(route.method, target(route, f"pageSize=1&{spelt}=other"))


@pytest.mark.parametrize("query", ["name=a&name=b", "pageSize=1&page_size=2", "n%61me=a&name=a"])
def test_what_has_one_value_is_given_once(query: str) -> None:
    with pytest.raises(InvalidRequest, match="may be given once"):
        check_query("GET", f"/api/v1/clusters?{query}")


@pytest.mark.parametrize("path", ["/api/v1/clusters/", f"{CLUSTER}/", f"{CLUSTER}//events", "/api/v1/other"])
def test_a_path_that_we_do_not_know_takes_no_query(path: str) -> None:
    with pytest.raises(NotFound):
        check_query("GET", f"{path}?pageSize=1")


@pytest.mark.parametrize(
    ("method", "asked"),
    [
        ("GET", "/api/v1/clusters?status=READY&name=a"),
        ("GET", f"{CLUSTER}/events?pageSize=2&pageToken=x"),
        ("GET", "/api/v1/jobs?clusterId=clu_1"),  # a filter there, no variable
        ("POST", f"{CLUSTER}/destroy"),
        ("POST", f"{CLUSTER}/destroy?"),
        ("DELETE", CLUSTER),
        ("POST", "/ocpctl.v1.ClusterService/GetCluster?cluster_id=x"),
    ],
)
def test_passed(method: str, asked: str) -> None:
    check_query(method, asked)


def test_the_answer_is_brief() -> None:
    with pytest.raises(InvalidRequest) as refused:
        check_query("POST", "/api/v1/clusters?" + "&".join(f"{'n' * 500}{number}=1" for number in range(1000)))
    assert len(refused.value.message) < 10_000
    assert re.match("n+: goes into the JSON body", refused.value.message)
