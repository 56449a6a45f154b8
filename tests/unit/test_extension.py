"""How far a time to live may be extended."""

from pathlib import Path

import pytest
from ocpctl_common.errors import InvalidRequest, OcpctlError, PolicyRefused
from ocpctl_common.profiles.catalogue import load_catalogue
from ocpctl_common.profiles.extension import extended_ttl
from ocpctl_local.settings import ROOT

PROFILES = load_catalogue(Path(ROOT / "profiles")).profiles
MINIMAL = PROFILES["aws-minimal-test"]


def test_up_to_the_maximum() -> None:
    assert extended_ttl(MINIMAL, 24, MINIMAL.lifecycle.max_ttl_hours - 24) == MINIMAL.lifecycle.max_ttl_hours


@pytest.mark.parametrize(
    ("known", "hours", "error", "reason"),
    [
        (True, 0, InvalidRequest, "TTL_INVALID"),
        (True, -5, InvalidRequest, "TTL_INVALID"),
        (True, MINIMAL.lifecycle.max_ttl_hours, PolicyRefused, "TTL_ABOVE_MAXIMUM"),
        (False, 1, PolicyRefused, "PROFILE_UNKNOWN"),
    ],
)
def test_refusals(known: bool, hours: int, error: type[OcpctlError], reason: str) -> None:
    with pytest.raises(error) as caught:
        extended_ttl(MINIMAL if known else None, 1, hours)
    assert [problem.reason for problem in caught.value.problems] == [reason]


def test_a_profile_that_fixes_the_time_to_live() -> None:
    fixed = MINIMAL.model_copy(update={"lifecycle": MINIMAL.lifecycle.model_copy(update={"allow_custom_ttl": False})})
    with pytest.raises(PolicyRefused, match="allows only"):
        extended_ttl(fixed, 1, 1)
