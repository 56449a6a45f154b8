"""Who may call what: a row for every RPC that a service offers, by the DNS name in the caller's certificate.

What has no row is refused. A test compares the rows with the contract.
"""

from collections.abc import Iterable, Mapping

ENVOY = "envoy"
GATEWAY = "api-gateway"
SCHEDULER = "scheduler"
RUNNER = "installer-runner"
JANITOR = "janitor"
NAMES = (ENVOY, GATEWAY, SCHEDULER, RUNNER, JANITOR)
KEDA = "keda"  # no part of ours: it asks the scheduler how many runners it is to start, and may call nothing else


def _only(name: str, *rpcs: str) -> Mapping[str, frozenset[str]]:
    return dict.fromkeys(rpcs, frozenset({name}))


ALLOWED: Mapping[str, Mapping[str, frozenset[str]]] = {
    # The gateway: its identity headers are believed because only Envoy can send them.
    "ocpctl.v1.ClusterService": _only(
        ENVOY,
        "CreateCluster",
        "GetCluster",
        "ListClusters",
        "DestroyCluster",
        "ExtendCluster",
        "CancelCreate",
        "ScaleWorkers",
        "KeepClusterAlive",
        "ListClusterEvents",
        "GetClusterOutputs",
        "GetKubeconfig",
        "GetKubeconfigFile",
        "GetDestroyReceipt",
    ),
    "ocpctl.v1.JobService": _only(ENVOY, "GetJob", "ListJobs", "StreamJobLog"),
    "ocpctl.v1.ProfileService": _only(ENVOY, "ListProfiles", "GetProfile"),
    "ocpctl.v1.AdminService": _only(
        ENVOY, "ListLocks", "GetQueue", "ListRunners", "ListOrphans", "ListStatesWithoutOwner", "RetryDestroy"
    ),
    "ocpctl.v1.AuditService": _only(ENVOY, "ListAuditEvents", "ExportAudit"),
    "ocpctl.v1.ReportService": _only(ENVOY, "GetUsage", "GetUsageCsv"),
    "ocpctl.v1.AuthService": _only(
        ENVOY, "BeginLogin", "CreateSession", "ListSessions", "ExtendSession", "RevokeSession", "GetMe", "GetKeys"
    ),
    "ocpctl.v1.AccessService": _only(
        ENVOY, "ListRbacMappings", "CreateRbacMapping", "UpdateRbacMapping", "DeleteRbacMapping"
    ),
    "ocpctl.edge.v1.EdgeService": _only(ENVOY, "CreateCluster"),
    "grpc.reflection.v1alpha.ServerReflection": _only(ENVOY, "ServerReflectionInfo"),
    "envoy.service.auth.v3.Authorization": _only(ENVOY, "Check"),
    # The scheduler: each of its services has one kind of caller.
    "ocpctl.internal.v1.RequestService": _only(
        GATEWAY,
        "CreateCluster",
        "CheckCreate",
        "DestroyCluster",
        "CancelCreate",
        "ScaleWorkers",
        "RetryDestroy",
        "ExtendCluster",
        "KeepClusterAlive",
        "RecordAudit",
    ),
    "ocpctl.internal.v1.IdentityService": _only(
        GATEWAY, "OpenSession", "ExtendSession", "RevokeSession", "CreateMapping", "UpdateMapping", "DeleteMapping"
    ),
    "ocpctl.internal.v1.LeaseService": _only(
        RUNNER,
        "Announce",
        "Acquire",
        "Heartbeat",
        "Authorize",
        "Progress",
        "AppendLog",
        "Snapshot",
        "CleanupVerified",
        "Resweep",
        "Report",
    ),
    "ocpctl.internal.v1.SweepService": _only(
        JANITOR,
        "ApplySweep",
        "TakeOver",
        "ExpireCluster",
        "RingJob",
        "SweepCluster",
        "RestoreOwner",
        "SampleUsage",
        "RecordOrphans",
    ),
    "externalscaler.ExternalScaler": _only(KEDA, "IsActive", "StreamIsActive", "GetMetricSpec", "GetMetrics"),
    # Every server has this one.
    "grpc.health.v1.Health": dict.fromkeys(("Check", "List", "Watch"), frozenset(NAMES)),
}


def is_allowed(path: str, names: Iterable[str]) -> bool:
    """Whether a peer with these names may call `/package.Service/Method`."""
    service, _, rpc = path.removeprefix("/").partition("/")
    return not ALLOWED.get(service, {}).get(rpc, frozenset()).isdisjoint(names)
