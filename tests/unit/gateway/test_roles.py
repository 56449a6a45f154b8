"""Role × RPC: every cell as the table says, with one team and with all; and what exists for whom."""

from itertools import product

import pytest
from ocpctl_api_gateway import contract, rbac
from ocpctl_api_gateway.principal import Claims, Principal
from ocpctl_common import access
from ocpctl_common.access import Caller, Grant
from ocpctl_common.errors import NotPermitted

from tests.role_table import ALLOWED, ROLES, WITHOUT_SESSION, may

ABOUT_THE_PLATFORM = {rpc for rpc, (requester, *_) in ALLOWED.items() if not requester}
CLAIMS = Claims(caller=Caller(arn="arn", account_id="1", unique_id="A"), session_name="s")


def holding(*grants: tuple[str, str]) -> Principal:
    """Who holds each role for a team, or for `*`: all."""
    made = (Grant(role=role, team=team, all_teams=team == "*") for role, team in grants)
    return Principal(claims=CLAIMS, grants=tuple(made))


def held(caller: Principal, rpc: str) -> list[tuple[str, str]] | None:
    """The grants that are left for a call; None: it is refused."""
    try:
        left = rbac.scoped(caller, rpc.rpartition(".")[2])
    except NotPermitted:
        return None
    return [(grant.role, grant.team) for grant in left.grants]


def test_the_table_names_every_rpc_of_the_contract() -> None:
    services = [service for file in contract.FILES for service in file.DESCRIPTOR.services_by_name.values()]
    public = [f"{service.name}.{method.name}" for service in services for method in service.methods]
    assert sorted([*ALLOWED, *WITHOUT_SESSION]) == sorted(public)
    assert {rpc.rpartition(".")[2] for rpc in WITHOUT_SESSION} == rbac.WITHOUT_SESSION


def test_the_table_has_every_role() -> None:
    assert set(ROLES) == set(access.ROLES)


@pytest.mark.parametrize(("rpc", "role"), list(product(ALLOWED, ROLES)))
def test_with_the_role_for_all_teams(rpc: str, role: str) -> None:
    assert held(holding((role, "*")), rpc) == ([(role, "*")] if may(role, rpc) else None)


@pytest.mark.parametrize(("rpc", "role"), list(product(ALLOWED, ROLES)))
def test_with_the_role_for_a_team(rpc: str, role: str) -> None:
    """What is about the platform needs all teams."""
    allowed = may(role, rpc) and rpc not in ABOUT_THE_PLATFORM
    assert held(holding((role, "a")), rpc) == ([(role, "a")] if allowed else None)


@pytest.mark.parametrize("rpc", [*WITHOUT_SESSION, "Nothing.DropTable", "Nothing.createcluster"])
def test_what_is_not_named_is_refused(rpc: str) -> None:
    assert held(holding(*((role, "*") for role in ROLES)), rpc) is None


@pytest.mark.parametrize(
    ("rpc", "left"),
    [
        ("CreateCluster", [("requester", "a")]),
        ("GetCluster", [("requester", "a"), ("auditor", "b"), ("auditor", "*")]),
        ("ListAuditEvents", [("auditor", "*")]),
        ("RetryDestroy", None),
    ],
)
def test_only_the_grants_that_allow_a_call_count_for_it(rpc: str, left: list[tuple[str, str]] | None) -> None:
    assert held(holding(("requester", "a"), ("auditor", "b"), ("auditor", "*")), rpc) == left


@pytest.mark.parametrize(
    ("grants", "teams", "sees_b"),
    [
        ((), [], False),
        ((("requester", "a"),), ["a"], False),
        ((("requester", "a"), ("auditor", "b")), ["a", "b"], True),
        ((("requester", "a"), ("auditor", "*")), None, True),
        ((("requester", "*"),), None, True),
    ],
)
def test_whose_things_exist(grants: tuple[tuple[str, str], ...], teams: list[str] | None, sees_b: bool) -> None:
    caller = holding(*grants)
    assert rbac.teams(caller) == (None if teams is None else set(teams))
    assert (rbac.sees_all_teams(caller), rbac.sees(caller, "b")) == (teams is None, sees_b)
    if sees_b:
        rbac.check_team(caller, "b")
    else:
        with pytest.raises(NotPermitted, match=f"the team {', '.join(teams or ())} only") as refused:
            rbac.check_team(caller, "b")
        assert [(problem.field, problem.reason) for problem in refused.value.problems] == [("team", "TEAM_NOT_YOURS")]


@pytest.mark.parametrize(
    ("roles", "expected"),
    [((), False), (("requester",), False), (("auditor", "platform_admin"), True), (("auditor", "requester"), False)],
)
def test_who_is_admin(roles: tuple[str, ...], expected: bool) -> None:
    assert rbac.is_admin(holding(*((role, "*") for role in roles))) is expected
