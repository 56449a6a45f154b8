"""How many workers a profile allows, and what they cost."""

from dataclasses import replace

import pytest
from ocpctl_common.errors import InvalidRequest
from ocpctl_common.profiles.catalogue import load_catalogue
from ocpctl_common.profiles.policy import CreateRequest, resolve
from ocpctl_common.profiles.workers import check_replicas, cost_now, limits_now
from ocpctl_local.settings import ROOT

CATALOGUE = load_catalogue(ROOT / "profiles")
NAME = "aws-minimal-test"


@pytest.mark.parametrize(("asked", "allowed"), [(-1, False), (0, True), (3, True), (4, False)])
def test_the_profiles_limits(asked: int, *, allowed: bool) -> None:
    problem = limits_now(CATALOGUE, NAME).problem(asked)
    assert (problem is None) == allowed
    if problem:
        assert (problem.field, problem.reason) == ("workerReplicas", "WORKERS_OUT_OF_RANGE")
        assert "0 to 3" in problem.description


def test_a_profile_that_is_gone_allows_nothing_and_says_so() -> None:
    problem = limits_now(CATALOGUE, "of-old").problem(0)
    assert problem is not None
    assert "of-old exists no longer" in problem.description
    assert cost_now(CATALOGUE, "of-old", 3) == 0


@pytest.mark.parametrize("replicas", [0, 1, 3])
def test_a_change_costs_what_a_create_of_that_size_costs(replicas: int) -> None:
    created = resolve(
        CreateRequest(
            name="a",
            profile=NAME,
            base_domain="labs.example.com",
            owner="a@example.com",
            team="t",
            cost_center="c",
            worker_replicas=replicas,
            tags={},
        ),
        CATALOGUE,
    )
    assert cost_now(CATALOGUE, NAME, replicas) == created.hourly_cost_micros


def test_every_worker_costs() -> None:
    costs = [cost_now(CATALOGUE, NAME, replicas) for replicas in (0, 1, 2)]
    assert costs == [2_500_000, 2_900_000, 3_300_000]


def test_a_profile_without_a_workers_price_keeps_its_estimate() -> None:
    profile = CATALOGUE.profiles[NAME]
    flat = profile.cost_controls.model_copy(update={"estimated_worker_hourly_cost": 0.0})
    catalogue = replace(CATALOGUE, profiles={NAME: profile.model_copy(update={"cost_controls": flat})})
    assert cost_now(catalogue, NAME, 3) == 2_500_000


def test_a_body_without_a_number_does_not_mean_none() -> None:
    assert check_replicas(0) == 0
    with pytest.raises(InvalidRequest) as caught:
        check_replicas(None)
    assert [(p.field, p.reason) for p in caught.value.problems] == [("workerReplicas", "FIELD_REQUIRED")]
