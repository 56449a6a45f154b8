"""How many workers and at what price, in numbers."""

import pytest
from ocpctl_common.profiles.catalogue import Catalogue, load_catalogue
from ocpctl_common.profiles.workers import WorkerLimits, cost_now, limits_now
from ocpctl_local.settings import ROOT

CATALOGUE = load_catalogue(ROOT / "profiles")
STANDARD = CATALOGUE.profiles["aws-standard"]
GONE = "cannot be changed: the profile p exists no longer"
# Least and most: what is said of each number of workers; None: nothing is wrong.
LIMITS: dict[tuple[int, int], dict[int, str | None]] = {
    (0, -1): {-1: GONE, 0: GONE, 1: GONE},
    (0, 0): {-1: "-1 is not within 0 to 0 of p", 0: None, 1: "1 is not within 0 to 0 of p"},
    (2, 2): {1: "1 is not within 2 to 2 of p", 2: None, 3: "3 is not within 2 to 2 of p"},
    (2, 3): {1: "1 is not within 2 to 3 of p", 2: None, 3: None, 4: "4 is not within 2 to 3 of p"},
}


@pytest.mark.parametrize("limits", LIMITS)
def test_how_many(limits: tuple[int, int]) -> None:
    allowed = WorkerLimits(profile="p", minimum=limits[0], maximum=limits[1])
    found = {asked: allowed.problem(asked) for asked in LIMITS[limits]}
    assert {asked: problem and problem.description for asked, problem in found.items()} == LIMITS[limits]


def test_of_a_profile_and_of_none() -> None:
    assert limits_now(CATALOGUE, "aws-standard") == WorkerLimits(profile="aws-standard", minimum=2, maximum=10)
    assert limits_now(CATALOGUE, "p") == WorkerLimits(profile="p", minimum=0, maximum=-1)


# Price of an hour with the default of three workers, and of each more or less: micro-dollars by number of workers.
PRICES = {
    (4.80, 0.40): {0: 3_600_000, 2: 4_400_000, 3: 4_800_000, 4: 5_200_000},
    (1.20, 0.40): {0: 0, 1: 400_000},
    (0.40, 0.40): {0: 0, 1: 0, 2: 0, 3: 400_000},
    (0.0000014, 0.0): {3: 1},
    (0.0000016, 0.0): {3: 2},
}


@pytest.mark.parametrize("prices", PRICES)
def test_what_they_cost(prices: tuple[float, float]) -> None:
    costs = {"estimated_hourly_cost": prices[0], "estimated_worker_hourly_cost": prices[1]}
    profile = STANDARD.model_copy(update={"cost_controls": STANDARD.cost_controls.model_copy(update=costs)})
    catalogue = Catalogue({"p": profile})
    assert {replicas: cost_now(catalogue, "p", replicas) for replicas in PRICES[prices]} == PRICES[prices]
    assert cost_now(catalogue, "gone", 3) == 0
