"""Until when a mapping holds, whom it names, and which ARNs are taken: every limit from both sides."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from ocpctl_common.access import (
    FOREVER,
    Caller,
    Grant,
    RoleMapping,
    administered_until,
    grants,
    holds_until,
    names,
    principal_arn,
)
from ocpctl_common.errors import InvalidRequest
from ocpctl_common.ids import MappingId

NOW = datetime(2026, 1, 31, 12, tzinfo=UTC)
SOON, BEFORE, NEVER = NOW + timedelta(microseconds=1), NOW - timedelta(microseconds=1), datetime.min.replace(tzinfo=UTC)
ACCOUNT = "123456789012"
CI = f"arn:aws:iam::{ACCOUNT}:role/ci"
MAPPING = RoleMapping(
    id=MappingId("map_1"),
    iam_principal_arn=CI,
    account_id=ACCOUNT,
    unique_id=None,
    team="a",
    role="platform_admin",
    scope="team",
    enabled=True,
    expires_at=None,
    created_at=NOW,
    created_by="x",
)
CALLER = Caller(arn=CI, account_id=ACCOUNT, unique_id="AROA1")
# Whether it is enabled, its end: when it ends, whether it gives something now.
ENDS = {
    (True, None): (FOREVER, True),
    (True, SOON): (SOON, True),
    (True, NOW): (NOW, False),
    (True, BEFORE): (BEFORE, False),
    (False, None): (NEVER, False),
    (False, SOON): (NEVER, False),
}


@pytest.mark.parametrize("row", ENDS)
def test_until_when_it_holds(row: tuple[bool, datetime | None]) -> None:
    mapping = replace(MAPPING, enabled=row[0], expires_at=row[1])
    until, gives = ENDS[row]
    assert holds_until(mapping) == until
    assert bool(grants([mapping], CALLER, NOW)) is gives
    assert administered_until([mapping], NOW) == max(NOW, until)


def test_until_when_somebody_administers() -> None:
    other = replace(MAPPING, role="auditor")
    assert administered_until([], NOW) == NOW
    assert administered_until([other], NOW) == NOW
    assert administered_until([other, replace(MAPPING, expires_at=SOON), replace(MAPPING, enabled=False)], NOW) == SOON


@pytest.mark.parametrize(
    ("unique_id", "account", "arn", "named"),
    [
        (None, ACCOUNT, CI, True),
        (None, "1" * 12, CI, False),
        (None, ACCOUNT, f"{CI}2", False),
        ("AROA1", ACCOUNT, f"{CI}2", True),
        ("AROA1", "1" * 12, CI, False),
        ("AROA2", ACCOUNT, CI, False),
        ("", ACCOUNT, CI, False),
    ],
)
def test_whom_it_names(unique_id: str | None, account: str, arn: str, named: bool) -> None:
    assert names(replace(MAPPING, unique_id=unique_id), replace(CALLER, account_id=account, arn=arn)) is named


@pytest.mark.parametrize(("scope", "everywhere"), [("team", False), ("all", True), ("ALL", False), ("", False)])
def test_what_it_gives(scope: str, everywhere: bool) -> None:
    expected = Grant(role="platform_admin", team="a", all_teams=everywhere)
    assert grants([replace(MAPPING, scope=scope)], CALLER, NOW) == (expected,)
    assert (expected.covers("a"), expected.covers("b")) == (True, everywhere)


SSO = f"arn:aws:iam::{ACCOUNT}:role/AWSReservedSSO_"


@pytest.mark.parametrize(
    ("arn", "taken"),
    [
        (f"arn:aws:iam::{ACCOUNT}:role/{'a' * 128}", True),
        (f"arn:aws:iam::{ACCOUNT}:role/{'a' * 129}", False),
        (f"arn:aws:iam::{ACCOUNT}:role/", False),
        (f"arn:aws:iam::{ACCOUNT}:role/a", True),
        (f"arn:aws:iam::{'1' * 11}:role/ci", False),
        (f"arn:aws:iam::{'1' * 13}:role/ci", False),
        (f"arn:aws-us-gov:iam::{ACCOUNT}:role/ci", True),
        (f"{SSO}{'a' * 32}_*", True),
        (f"{SSO}{'a' * 33}_*", False),
        (f"{SSO}_*", False),
        (f"{SSO}a_*", True),
        (f"{SSO}a_b", True),
        (f"arn:aws:iam::{ACCOUNT}:role/ci*", False),
    ],
)
def test_which_arns_are_taken(arn: str, taken: bool) -> None:
    if taken:
        assert principal_arn(arn) == (arn, ACCOUNT)
    else:
        with pytest.raises(InvalidRequest) as refused:
            principal_arn(arn)
        assert [(problem.field, problem.reason) for problem in refused.value.problems] == [
            ("iamPrincipalArn", "ARN_INVALID")
        ]


@pytest.mark.parametrize(("kind", "kept"), [("role", "role/ci"), ("user", "user/a/b/ci")])
def test_only_a_users_path_is_kept(kind: str, kept: str) -> None:
    assert principal_arn(f"arn:aws:iam::{ACCOUNT}:{kind}/a/b/ci") == (f"arn:aws:iam::{ACCOUNT}:{kept}", ACCOUNT)
