"""Whom a mapping means, and what it gives."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ocpctl_common.access import Caller, Grant, RoleMapping, grants, principal_arn
from ocpctl_common.errors import InvalidRequest
from ocpctl_common.ids import new_mapping_id

NOW = datetime(2026, 1, 31, 12, tzinfo=UTC)
ACCOUNT = "123456789012"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/ci"


def mapping(arn: str = ROLE, **changes: object) -> RoleMapping:
    values = {"account_id": ACCOUNT, "unique_id": None, "team": "team-a", "role": "requester", "scope": "team"}
    fixed = {"enabled": True, "expires_at": None, "created_at": NOW, "created_by": "x", "id": new_mapping_id()}
    return RoleMapping(**{"iam_principal_arn": arn} | values | fixed | changes)  # type: ignore[arg-type]


def caller(arn: str = ROLE, account: str = ACCOUNT, unique: str = "AROAONE") -> Caller:
    return Caller(arn=arn, account_id=account, unique_id=unique)


def test_an_unbound_mapping_means_its_arn() -> None:
    assert grants([mapping()], caller(), NOW) == (Grant(role="requester", team="team-a", all_teams=False),)


@pytest.mark.parametrize(
    ("changes", "who"),
    [
        ({}, caller(arn=f"arn:aws:iam::{ACCOUNT}:role/other")),
        ({}, caller(account="999999999999")),
        ({"unique_id": "AROATWO"}, caller()),
        ({"enabled": False}, caller()),
        ({"expires_at": NOW}, caller()),
        ({"expires_at": NOW - timedelta(seconds=1)}, caller()),
    ],
)
def test_it_means_nobody_else_and_ends(changes: dict[str, Any], who: Caller) -> None:
    assert grants([mapping(**changes)], who, NOW) == ()


def test_a_bound_mapping_follows_the_unique_id() -> None:
    renamed = caller(arn=f"arn:aws:iam::{ACCOUNT}:user/new-name", unique="AIDAONE")
    assert grants([mapping(unique_id="AIDAONE")], renamed, NOW)


def test_a_permission_set_of_identity_center() -> None:
    arn = f"arn:aws:iam::{ACCOUNT}:role/AWSReservedSSO_Developers_*"
    member = caller(arn=f"arn:aws:iam::{ACCOUNT}:role/AWSReservedSSO_Developers_0123456789abcdef")
    other = caller(arn=f"arn:aws:iam::{ACCOUNT}:role/AWSReservedSSO_Admins_0123456789abcdef")
    assert principal_arn(arn) == (arn, ACCOUNT)
    assert grants([mapping(arn)], member, NOW)
    assert grants([mapping(arn)], other, NOW) == ()


def test_the_path_of_a_role_is_left_out_and_that_of_a_user_kept() -> None:
    assert principal_arn(f"arn:aws:iam::{ACCOUNT}:role/a/b/ci") == (ROLE, ACCOUNT)
    user = f"arn:aws-cn:iam::{ACCOUNT}:user/a/ann"
    assert principal_arn(user) == (user, ACCOUNT)


@pytest.mark.parametrize(
    "text",
    ["", "*", "arn:aws:iam::1:role/x", f"arn:aws:iam::{ACCOUNT}:root", f"arn:aws:sts::{ACCOUNT}:assumed-role/a/b"]
    + [f"arn:aws:iam::{ACCOUNT}:role/{name}" for name in ("*", "a*", "AWSReservedSSO_*", "a*b", "ä", "a\n")],
)
def test_what_is_no_principal(text: str) -> None:
    with pytest.raises(InvalidRequest) as refused:
        principal_arn(text)
    assert refused.value.problems[0].field == "iamPrincipalArn"


@given(st.text(), st.text())
def test_no_unique_id_but_the_bound_one_is_let_in(bound: str, other: str) -> None:
    found = grants([mapping(unique_id=bound)], caller(unique=other), NOW)
    assert bool(found) == (bound == other)
