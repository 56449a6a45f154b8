"""How far a time to live may be extended."""

from dataclasses import replace

import pytest
from ocpctl_common.errors import InvalidRequest
from ocpctl_common.profiles.catalogue import load_catalogue
from ocpctl_common.profiles.extension import check_extension, longest_ttl
from ocpctl_local.settings import ROOT

CATALOGUE = load_catalogue(ROOT / "profiles")
NAME = "aws-minimal-test"


@pytest.mark.parametrize("hours", [0, -5])
def test_at_least_an_hour(hours: int) -> None:
    assert check_extension(1) == 1
    with pytest.raises(InvalidRequest) as caught:
        check_extension(hours)
    assert [problem.reason for problem in caught.value.problems] == ["TTL_INVALID"]


def test_up_to_the_profiles_maximum() -> None:
    assert longest_ttl(CATALOGUE, NAME) == CATALOGUE.profiles[NAME].lifecycle.max_ttl_hours


def test_a_profile_that_fixes_the_time_to_live_allows_no_more() -> None:
    profile = CATALOGUE.profiles[NAME]
    life = profile.lifecycle.model_copy(update={"allow_custom_ttl": False})
    fixed = replace(CATALOGUE, profiles={NAME: profile.model_copy(update={"lifecycle": life})})
    assert longest_ttl(fixed, NAME) == life.default_ttl_hours


def test_a_profile_that_is_gone_allows_nothing() -> None:
    assert longest_ttl(CATALOGUE, "of-old") == 0
