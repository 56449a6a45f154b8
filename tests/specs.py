"""A specification as the gateway sends it, for tests that begin behind the gateway."""

from functools import cache

from ocpctl_common.profiles.catalogue import load_catalogue
from ocpctl_common.profiles.policy import CreateRequest, resolve
from ocpctl_common.profiles.spec import ResolvedSpec
from ocpctl_local.settings import ROOT


def spec(name: str = "one", team: str = "t", note: str = "") -> ResolvedSpec:
    """Of the smallest cluster; `note` makes it another one."""
    changes = {"name": name, "team": team, "tags": {"note": note} if note else {}}
    return _smallest().model_copy(update=changes)


@cache
def _smallest() -> ResolvedSpec:
    request = CreateRequest(
        name="one",
        profile="aws-minimal-test",
        base_domain="labs.example.com",
        owner="user@example.com",
        team="team-a",
        cost_center="sandbox",
        tags={},
    )
    return resolve(request, load_catalogue(ROOT / "profiles"))
