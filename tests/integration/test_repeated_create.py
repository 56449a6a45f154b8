"""A create is repeated after its profile has changed: the first answer, as it was given, and not today's policy."""

import json
from contextlib import contextmanager
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest
from ocpctl.v1 import cluster_service_pb2 as pb
from ocpctl_api_gateway import rbac
from ocpctl_api_gateway.dependencies import Dependencies
from ocpctl_api_gateway.reads.cluster_reads import ClusterReads
from ocpctl_api_gateway.scheduler_client import SchedulerClient
from ocpctl_api_gateway.servicers.clusters import ClusterServicer
from ocpctl_common.clock import utc_now
from ocpctl_common.errors import PolicyRefused
from ocpctl_common.profiles.catalogue import Catalogue, load_catalogue
from ocpctl_common.rpc import context as call_context
from ocpctl_common.store.engine import make_engine
from ocpctl_local.client import GUIDE_REQUEST
from ocpctl_local.settings import ROOT

from tests.conftest import Database
from tests.integration.protocol import Protocol

CATALOGUE = load_catalogue(ROOT / "profiles")
NAME = "aws-minimal-test"
REQUEST = pb.CreateClusterRequest(
    name="again",
    profile=NAME,
    base_domain=GUIDE_REQUEST["baseDomain"],
    owner="a@example.com",
    team="team-a",
    cost_center="c",
)


class NoAuthentication:
    """Authorizes every call."""

    @contextmanager
    def authorize(self, context: Any, rpc: str) -> Any:
        yield SimpleNamespace(arn="arn:aws:iam::123456789012:role/r")


class Context:
    """A call with a key; keeps the headers of its answer."""

    def __init__(self) -> None:
        self.headers: dict[str, str] = {}

    def invocation_metadata(self) -> tuple[tuple[str, str], ...]:
        return (("idempotency-key", "k"),)

    def send_initial_metadata(self, headers: tuple[tuple[str, str], ...]) -> None:
        self.headers = dict(headers)


def gateway(protocol: Protocol, database: Database, catalogue: Catalogue) -> ClusterServicer:
    engine = make_engine(database.url("ocpctl_reader"), pool_size=2, application_name="test")
    others: Any = SimpleNamespace()
    authentication: Any = NoAuthentication()
    scheduler = SchedulerClient(protocol.requests)
    dependencies = Dependencies(
        authentication=authentication,
        clusters=ClusterReads(engine, scheduler),
        scheduler=scheduler,
        artifacts=others,
        catalogue=catalogue,
        clock=utc_now,
    )
    return ClusterServicer(dependencies)


def changed(**costs: float) -> Catalogue:
    """The profile with another price."""
    profile = CATALOGUE.profiles[NAME]
    new = profile.cost_controls.model_copy(update=costs)
    return replace(CATALOGUE, profiles={NAME: profile.model_copy(update={"cost_controls": new})})


def ask(servicer: ClusterServicer) -> tuple[pb.CreateClusterResponse, dict[str, str]]:
    context: Any = Context()
    with call_context.bind("test"):
        answer = servicer.CreateCluster(REQUEST, context)
    return answer, context.headers


@pytest.mark.parametrize(
    "today", [changed(estimated_hourly_cost=9.0), Catalogue({})], ids=["another price", "the profile is gone"]
)
def test_the_first_answer(database: Database, today: Catalogue, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rbac, "check_team", lambda caller, team: None)
    protocol = Protocol(database)
    first, headers = ask(gateway(protocol, database, CATALOGUE))
    assert "idempotent-replayed" not in headers
    again, headers = ask(gateway(protocol, database, today))
    assert again == first
    assert (headers["idempotent-replayed"], headers["x-http-status"]) == ("true", "202")
    [(spec,)] = protocol.sql("SELECT spec::text FROM clusters")
    assert json.loads(spec)["hourlyCostMicros"] == first.resolved.hourly_cost_micros == 2_500_000


def test_a_new_create_is_measured(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rbac, "check_team", lambda caller, team: None)
    with pytest.raises(PolicyRefused):
        ask(gateway(Protocol(database), database, Catalogue({})))
