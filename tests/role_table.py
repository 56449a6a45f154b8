"""Who may call what of the public contract: written out here, so that no test takes it from the code itself."""

ROLES = ("requester", "platform_admin", "auditor")
YES, NO = True, False
# Service and RPC: whether each of ROLES may call it.
ALLOWED = {
    "ClusterService.CreateCluster": (YES, YES, NO),
    "ClusterService.GetCluster": (YES, YES, YES),
    "ClusterService.ListClusters": (YES, YES, YES),
    "ClusterService.DestroyCluster": (YES, YES, NO),
    "ClusterService.CancelCreate": (YES, YES, NO),
    "ClusterService.ScaleWorkers": (YES, YES, NO),
    "ClusterService.ExtendCluster": (YES, YES, NO),
    "ClusterService.KeepClusterAlive": (YES, YES, NO),
    "ClusterService.ListClusterEvents": (YES, YES, YES),
    "ClusterService.GetClusterOutputs": (YES, YES, NO),
    "ClusterService.GetKubeconfig": (YES, YES, NO),
    "ClusterService.GetKubeconfigFile": (YES, YES, NO),
    "ClusterService.GetDestroyReceipt": (YES, YES, YES),
    "JobService.GetJob": (YES, YES, YES),
    "JobService.ListJobs": (YES, YES, YES),
    "JobService.StreamJobLog": (YES, YES, YES),
    "ProfileService.ListProfiles": (YES, YES, YES),
    "ProfileService.GetProfile": (YES, YES, YES),
    "ReportService.GetUsage": (YES, YES, YES),
    "ReportService.GetUsageCsv": (YES, YES, YES),
    "AuditService.ListAuditEvents": (NO, YES, YES),
    "AuditService.ExportAudit": (NO, YES, YES),
    "AdminService.ListLocks": (NO, YES, YES),
    "AdminService.GetQueue": (NO, YES, YES),
    "AdminService.ListRunners": (NO, YES, YES),
    "AdminService.ListOrphans": (NO, YES, YES),
    "AdminService.ListStatesWithoutOwner": (NO, YES, YES),
    "AdminService.RetryDestroy": (NO, YES, NO),
    "AccessService.ListRbacMappings": (NO, YES, YES),
    "AccessService.CreateRbacMapping": (NO, YES, NO),
    "AccessService.UpdateRbacMapping": (NO, YES, NO),
    "AccessService.DeleteRbacMapping": (NO, YES, NO),
    "AuthService.ListSessions": (YES, YES, YES),
    "AuthService.RevokeSession": (YES, YES, YES),
    "AuthService.ExtendSession": (YES, YES, YES),
    "AuthService.GetMe": (YES, YES, YES),
}
WITHOUT_SESSION = ("AuthService.BeginLogin", "AuthService.CreateSession", "AuthService.GetKeys")


def may(role: str, rpc: str) -> bool:
    """Whether a role may call an RPC, named as above."""
    return ALLOWED[rpc][ROLES.index(role)]
