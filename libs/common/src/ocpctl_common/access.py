"""Which mapping gives whom which role. Pure.

A mapping names an IAM user or role by ARN until that principal signs in; from then on by AWS's unique id, so that a
role that was deleted and made again under the same name is a stranger. STS leaves out the path of a role, so do we.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from fnmatch import fnmatchcase

from ocpctl_common.errors import FieldProblem, InvalidRequest
from ocpctl_common.ids import MappingId

REQUESTER, ADMIN, AUDITOR = "requester", "platform_admin", "auditor"
ROLES = (REQUESTER, ADMIN, AUDITOR)
TEAM, ALL = "team", "all"
FOREVER = datetime.max.replace(tzinfo=UTC)

_ARN = re.compile(
    r"(?P<head>arn:aws(?:-cn|-us-gov)?:iam::(?P<account>\d{12})):(?P<kind>user|role)/(?P<path>(?:[\w+=,.@-]+/)*)(?P<name>[\w+=,.@-]{1,128}\*?)",
    re.ASCII,
)
_SSO = re.compile(r"AWSReservedSSO_[\w+=,.@-]{1,32}_\*", re.ASCII)
ARN_RULE = (
    "must be the ARN of an IAM user or role, like arn:aws:iam::123456789012:role/ci, or of a permission set of "
    "IAM Identity Center, like arn:aws:iam::123456789012:role/AWSReservedSSO_Developers_*"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """A principal that has proven who it is."""

    arn: str
    account_id: str
    unique_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleMapping:
    """A row of `rbac_mappings`. `iam_principal_arn` may end in `*` for a permission set."""

    id: MappingId
    iam_principal_arn: str
    account_id: str
    unique_id: str | None
    team: str
    role: str
    scope: str
    enabled: bool
    expires_at: datetime | None
    created_at: datetime
    created_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """A role for a team, or for all."""

    role: str
    team: str
    all_teams: bool

    def covers(self, team: str) -> bool:
        """Whether it holds for things of `team`."""
        return self.all_teams or self.team == team


def principal_arn(text: str) -> tuple[str, str]:
    """The ARN that a mapping is stored under, and its account. Raises InvalidRequest."""
    found = _ARN.fullmatch(text)
    if found is None or (found["name"].endswith("*") and not _SSO.fullmatch(found["name"])):
        problem = FieldProblem(field="iamPrincipalArn", description=ARN_RULE, reason="ARN_INVALID")
        raise InvalidRequest(f"iamPrincipalArn {ARN_RULE}", problems=[problem])
    path = found["path"] if found["kind"] == "user" else ""
    return f"{found['head']}:{found['kind']}/{path}{found['name']}", found["account"]


def names(mapping: RoleMapping, caller: Caller) -> bool:
    """Whether the mapping means this principal: by unique id once it is bound, by ARN before."""
    if mapping.account_id != caller.account_id:
        return False
    if mapping.unique_id is not None:
        return mapping.unique_id == caller.unique_id
    return fnmatchcase(caller.arn, mapping.iam_principal_arn)


def grants(mappings: Iterable[RoleMapping], caller: Caller, now: datetime) -> tuple[Grant, ...]:
    """What the caller may do now. Disabled and expired mappings give nothing."""
    return tuple(
        Grant(role=mapping.role, team=mapping.team, all_teams=mapping.scope == ALL)
        for mapping in mappings
        if holds_until(mapping) > now and names(mapping, caller)
    )


def holds_until(mapping: RoleMapping) -> datetime:
    """When it ends; one that is disabled has ended long ago."""
    if not mapping.enabled:
        return datetime.min.replace(tzinfo=UTC)
    return mapping.expires_at or FOREVER


def administered_until(mappings: Iterable[RoleMapping], now: datetime) -> datetime:
    """Until when there is a platform admin: `now` when there is none, FOREVER when one has no end."""
    return max([now, *(holds_until(mapping) for mapping in mappings if mapping.role == ADMIN)])
