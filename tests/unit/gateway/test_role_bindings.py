"""Which role bindings may be asked for, and for whom they hold."""

import pytest
from ocpctl.internal.v1 import request_service_pb2 as request_pb
from ocpctl.v1 import access_service_pb2 as access_pb
from ocpctl.v1 import types_pb2
from ocpctl_api_gateway.translation import role_binding_messages
from ocpctl_common.errors import InvalidRequest

ARN = "arn:aws:iam::123456789012:role/ci"
YEAR = 366 * 24


def asked(role: str = "AUDITOR", *, all_teams: bool = False, hours: int = 0) -> str:
    """The scope of the binding, or the fields that are refused."""
    request = access_pb.CreateRbacMappingRequest(
        iam_principal_arn=ARN,
        team="red",
        role=types_pb2.Role.Value.Value(role),
        all_teams=all_teams,
        expires_in_hours=hours,
    )
    try:
        return role_binding_messages.create_command(request, request_pb.RequestContext()).scope
    except InvalidRequest as refused:
        return " ".join(problem.field for problem in refused.problems)


@pytest.mark.parametrize(
    ("role", "all_teams", "expected"),
    [
        ("REQUESTER", False, "team"),
        ("REQUESTER", True, "allTeams"),
        ("AUDITOR", False, "team"),
        ("AUDITOR", True, "all"),
        ("PLATFORM_ADMIN", False, "all"),
        ("PLATFORM_ADMIN", True, "all"),
    ],
)
def test_for_which_teams_a_role_binding_holds(role: str, all_teams: bool, expected: str) -> None:
    """A platform admin is one for all teams, whether that was asked or not."""
    assert asked(role, all_teams=all_teams) == expected


def test_a_role_is_required() -> None:
    assert asked("UNSPECIFIED") == "role"


@pytest.mark.parametrize(("team", "problem"), [("red", False), ("", True), ("Red!", True)])
def test_a_team_is_a_label(team: str, problem: bool) -> None:
    assert bool(role_binding_messages._team_problem(team)) is problem


@pytest.mark.parametrize(
    ("hours", "expected"),
    [(-1, "expiresInHours"), (0, "team"), (1, "team"), (YEAR, "team"), (YEAR + 1, "expiresInHours")],
)
def test_a_role_binding_holds_for_a_leap_year_at_most_or_for_ever(hours: int, expected: str) -> None:
    assert asked(hours=hours) == expected
