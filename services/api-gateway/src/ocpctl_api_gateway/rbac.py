"""Who may do what: one table, default deny. Clusters of other teams do not exist for a requester."""

from ocpctl_common.errors import FieldProblem, NotPermitted

from ocpctl_api_gateway.principal import Principal

REQUESTER, ADMIN, AUDITOR = "requester", "platform_admin", "auditor"

ALLOWED: dict[str, frozenset[str]] = {
    "CreateCluster": frozenset({REQUESTER, ADMIN}),
    "GetCluster": frozenset({REQUESTER, ADMIN, AUDITOR}),
    "ListClusters": frozenset({REQUESTER, ADMIN, AUDITOR}),
    "DestroyCluster": frozenset({REQUESTER, ADMIN}),
    "ExtendCluster": frozenset({REQUESTER, ADMIN}),
    "CancelCreate": frozenset({REQUESTER, ADMIN}),
    "ScaleWorkers": frozenset({REQUESTER, ADMIN}),
    "GetClusterOutputs": frozenset({REQUESTER, ADMIN}),
    "GetKubeconfig": frozenset({REQUESTER, ADMIN}),
    "GetDestroyReceipt": frozenset({REQUESTER, ADMIN, AUDITOR}),
    "ListClusterEvents": frozenset({REQUESTER, ADMIN, AUDITOR}),
    "ListJobs": frozenset({REQUESTER, ADMIN, AUDITOR}),
    "GetJob": frozenset({REQUESTER, ADMIN, AUDITOR}),
    "GetProfile": frozenset({REQUESTER, ADMIN, AUDITOR}),
    "ListProfiles": frozenset({REQUESTER, ADMIN, AUDITOR}),
    "ListLocks": frozenset({ADMIN, AUDITOR}),
    "GetQueue": frozenset({ADMIN, AUDITOR}),
    "ListRunners": frozenset({ADMIN, AUDITOR}),
    "RetryDestroy": frozenset({ADMIN}),
}


def check(caller: Principal, rpc: str) -> None:
    """Raises NotPermitted unless one of the caller's roles allows the call."""
    if not caller.roles & ALLOWED.get(rpc, frozenset()):
        roles = ", ".join(sorted(ALLOWED.get(rpc, frozenset())))
        raise NotPermitted(f"{rpc} needs one of the roles {roles}")


def sees_all_teams(caller: Principal) -> bool:
    """Whether the caller's reads are not limited to the own team."""
    return bool(caller.roles & {ADMIN, AUDITOR})


def sees(caller: Principal, team: str) -> bool:
    """Whether things of `team` exist for the caller."""
    return sees_all_teams(caller) or caller.team == team


def check_team(caller: Principal, team: str) -> None:
    """Raises NotPermitted when a requester asks for a cluster of another team."""
    if ADMIN not in caller.roles and caller.team != team:
        problem = FieldProblem(field="team", description=f"must be your team, {caller.team}", reason="TEAM_NOT_YOURS")
        raise NotPermitted(f"you may ask for clusters of the team {caller.team} only", problems=[problem])
