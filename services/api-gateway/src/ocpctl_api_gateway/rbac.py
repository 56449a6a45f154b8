"""Authorize a call: the RPCs that each role may call.

An RPC that is not in the table is denied. A requester sees own teams only.
"""

from ocpctl_common.access import ADMIN, AUDITOR, REQUESTER
from ocpctl_common.errors import FieldProblem, NotPermitted

from ocpctl_api_gateway.principal import Principal

EVERYONE = frozenset({REQUESTER, ADMIN, AUDITOR})
CLUSTER_USERS = frozenset({REQUESTER, ADMIN})
PLATFORM_READERS = frozenset({ADMIN, AUDITOR})
ALLOWED: dict[str, frozenset[str]] = {
    "CreateCluster": CLUSTER_USERS,
    "GetCluster": EVERYONE,
    "ListClusters": EVERYONE,
    "DestroyCluster": CLUSTER_USERS,
    "ExtendCluster": CLUSTER_USERS,
    "CancelCreate": CLUSTER_USERS,
    "ScaleWorkers": CLUSTER_USERS,
    "KeepClusterAlive": CLUSTER_USERS,
    "GetClusterOutputs": CLUSTER_USERS,
    "GetKubeconfig": CLUSTER_USERS,
    "GetKubeconfigFile": CLUSTER_USERS,
    "GetDestroyReceipt": EVERYONE,
    "ListClusterEvents": EVERYONE,
    "ListJobs": EVERYONE,
    "GetJob": EVERYONE,
    "StreamJobLog": EVERYONE,
    "GetProfile": EVERYONE,
    "ListProfiles": EVERYONE,
    "ListLocks": PLATFORM_READERS,
    "GetQueue": PLATFORM_READERS,
    "ListRunners": PLATFORM_READERS,
    "ListOrphans": PLATFORM_READERS,
    "ListStatesWithoutOwner": PLATFORM_READERS,
    "RetryDestroy": frozenset({ADMIN}),
    "ListAuditEvents": PLATFORM_READERS,
    "ExportAudit": PLATFORM_READERS,
    "GetUsage": EVERYONE,
    "GetUsageCsv": EVERYONE,
    "GetMe": EVERYONE,
    "ListSessions": EVERYONE,
    "ExtendSession": EVERYONE,
    "RevokeSession": EVERYONE,
    "ListRbacMappings": PLATFORM_READERS,
    "CreateRbacMapping": frozenset({ADMIN}),
    "UpdateRbacMapping": frozenset({ADMIN}),
    "DeleteRbacMapping": frozenset({ADMIN}),
}
# RPCs to get a session, and Envoy's RPC to get the public keys.
WITHOUT_SESSION = frozenset({"BeginLogin", "CreateSession", "GetKeys"})


def scoped(caller: Principal, rpc: str) -> Principal:
    """The caller, limited to the grants that allow the call. Raises NotPermitted when no grant does."""
    allowed = ALLOWED.get(rpc, frozenset())
    of_a_team = REQUESTER in allowed  # an RPC that requesters may not call is about the platform
    fitting = tuple(grant for grant in caller.grants if grant.role in allowed and (grant.all_teams or of_a_team))
    if not fitting:
        raise NotPermitted(f"{rpc} needs one of the roles {', '.join(sorted(allowed))}")
    return caller.with_grants(fitting)


def teams(caller: Principal) -> frozenset[str] | None:
    """The teams that the caller sees; None means all teams."""
    if any(grant.all_teams for grant in caller.grants):
        return None
    return frozenset(grant.team for grant in caller.grants)


def sees_all_teams(caller: Principal) -> bool:
    """Whether no team is hidden from the caller."""
    return teams(caller) is None


def sees(caller: Principal, team: str) -> bool:
    """Whether the caller sees the things of `team`."""
    return any(grant.covers(team) for grant in caller.grants)


def is_admin(caller: Principal) -> bool:
    """Whether the caller may also act on the sessions of others."""
    return any(grant.role == ADMIN for grant in caller.grants)


def check_team(caller: Principal, team: str) -> None:
    """Raises NotPermitted when a requester asks for a cluster of another team."""
    if not sees(caller, team):
        own = ", ".join(sorted(teams(caller) or ()))
        problem = FieldProblem(field="team", description=f"must be your team, {own}", reason="TEAM_NOT_YOURS")
        raise NotPermitted(f"you may ask for clusters of the team {own} only", problems=[problem])
