"""Who may do what: one table, default deny. Clusters of other teams do not exist for a requester."""

from ocpctl_common.access import ADMIN, AUDITOR, REQUESTER
from ocpctl_common.errors import FieldProblem, NotPermitted

from ocpctl_api_gateway.principal import Principal

EVERYONE = frozenset({REQUESTER, ADMIN, AUDITOR})
CHANGING = frozenset({REQUESTER, ADMIN})
LOOKING = frozenset({ADMIN, AUDITOR})
ALLOWED: dict[str, frozenset[str]] = {
    "CreateCluster": CHANGING,
    "GetCluster": EVERYONE,
    "ListClusters": EVERYONE,
    "DestroyCluster": CHANGING,
    "ExtendCluster": CHANGING,
    "CancelCreate": CHANGING,
    "ScaleWorkers": CHANGING,
    "GetClusterOutputs": CHANGING,
    "GetKubeconfig": CHANGING,
    "GetKubeconfigFile": CHANGING,
    "GetDestroyReceipt": EVERYONE,
    "ListClusterEvents": EVERYONE,
    "ListJobs": EVERYONE,
    "GetJob": EVERYONE,
    "StreamJobLog": EVERYONE,
    "GetProfile": EVERYONE,
    "ListProfiles": EVERYONE,
    "ListLocks": LOOKING,
    "GetQueue": LOOKING,
    "ListRunners": LOOKING,
    "ListOrphans": LOOKING,
    "ListStatesWithoutOwner": LOOKING,
    "RetryDestroy": frozenset({ADMIN}),
    "ListAuditEvents": LOOKING,
    "ExportAudit": LOOKING,
    "GetUsage": EVERYONE,
    "GetUsageCsv": EVERYONE,
    "GetMe": EVERYONE,
    "ListSessions": EVERYONE,
    "ExtendSession": EVERYONE,
    "RevokeSession": EVERYONE,
    "ListRbacMappings": LOOKING,
    "CreateRbacMapping": frozenset({ADMIN}),
    "UpdateRbacMapping": frozenset({ADMIN}),
    "DeleteRbacMapping": frozenset({ADMIN}),
}
# How one comes by a session, and how Envoy comes by the keys.
WITHOUT_SESSION = frozenset({"BeginLogin", "CreateSession", "GetKeys"})


def narrowed(caller: Principal, rpc: str) -> Principal:
    """The caller with no more than the grants that allow the call. Raises NotPermitted when none does."""
    allowed = ALLOWED.get(rpc, frozenset())
    of_a_team = REQUESTER in allowed  # what requesters may not call is about the platform, not about a team
    fitting = tuple(grant for grant in caller.grants if grant.role in allowed and (grant.all_teams or of_a_team))
    if not fitting:
        raise NotPermitted(f"{rpc} needs one of the roles {', '.join(sorted(allowed))}")
    return caller.with_grants(fitting)


def teams(caller: Principal) -> frozenset[str] | None:
    """The teams whose things exist for the caller; None: all."""
    if any(grant.all_teams for grant in caller.grants):
        return None
    return frozenset(grant.team for grant in caller.grants)


def sees_all_teams(caller: Principal) -> bool:
    """Whether the caller is not limited to some teams."""
    return teams(caller) is None


def sees(caller: Principal, team: str) -> bool:
    """Whether things of `team` exist for the caller."""
    return any(grant.covers(team) for grant in caller.grants)


def is_admin(caller: Principal) -> bool:
    """Whether the caller may do to others what others may do to themselves."""
    return any(grant.role == ADMIN for grant in caller.grants)


def check_team(caller: Principal, team: str) -> None:
    """Raises NotPermitted when a requester asks for a cluster of another team."""
    if not sees(caller, team):
        own = ", ".join(sorted(teams(caller) or ()))
        problem = FieldProblem(field="team", description=f"must be your team, {own}", reason="TEAM_NOT_YOURS")
        raise NotPermitted(f"you may ask for clusters of the team {own} only", problems=[problem])
