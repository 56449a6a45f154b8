"""Forty true causes, each as the installer of release 4.20 tells it, and what a failed install says besides."""

from tests.unit.runner.installer_logs import LOOKUP, Cause, Line

CLUSTER = 'failed to fetch Cluster: failed to generate asset "Cluster": failed to create cluster: '
MACHINES = f"{CLUSTER}failed to provision control-plane machines: "
CONFIG = (
    'failed to fetch Metadata: failed to load asset "Install Config": failed to create install config: '
    'invalid "install-config.yaml" file: '
)
PERMISSIONS = (
    'failed to fetch Cluster: failed to fetch dependency of "Cluster": failed to generate asset '
    '"Platform Permissions Check": validate AWS credentials: '
)
QUOTA = (
    'failed to fetch Cluster: failed to fetch dependency of "Cluster": failed to generate asset '
    '"Platform Quota Check": error(MissingQuota): ec2/L-1216C47A is not available in us-east-1 because the required '
    "number of resources (36) is more than the limit of 32"
)
API_ERROR = "operation error EC2: {}, https response error StatusCode: 400, RequestID: 0a1b-2c3d, api error {}"
NOT_READY = "within 15m0s: client rate limiter Wait returned an error: context deadline exceeded"
NO_STATUS: Line = (
    "error",
    f"Attempted to gather ClusterOperator status after installation failure: listing ClusterOperator objects: {LOOKUP}",
)
NO_BUNDLE: Line = (
    "error",
    (
        "Attempted to gather debug logs after installation failure: failed to connect to the bootstrap machine: "
        "dial tcp "
        "10.0.0.9:22: i/o timeout"
    ),
)
DEGRADED: Line = (
    "error",
    (
        "Cluster operator authentication Degraded is True with OAuthServerRouteEndpointAccessibleController_SyncError: "
        'Get "https://oauth-openshift.apps.team-a.labs.example.com/healthz": dial tcp: lookup '
        "oauth-openshift.apps.team-a."
        "labs.example.com on 172.30.0.10:53: no such host"
    ),
)
INGRESS: Line = (
    "error",
    (
        "Cluster operator ingress Degraded is True with IngressDegraded: The default ingress controller reports "
        "Degraded: "
        "LoadBalancerReady=False (SyncLoadBalancerFailed: AccessDenied)"
    ),
)
HELP: Line = (
    "error",
    (
        "Cluster initialization failed because one or more operators are not functioning properly.\nThe cluster "
        "should be "
        "accessible for troubleshooting as detailed in the documentation linked below"
    ),
)
OPERATORS: Line = (
    "error",
    "failed to initialize the cluster: Cluster operators authentication, console are not available",
)
TIMED_OUT: Line = ("error", "Bootstrap failed to complete: timed out waiting for the condition")
BOOTSTRAP: Line = (
    "error",
    (
        "Failed to wait for bootstrapping to complete. This error usually happens when there is a problem with "
        "control plane "
        "hosts that prevents the control plane operators from creating the control plane."
    ),
)
API: Line = (
    "error",
    (
        "Failed waiting for Kubernetes API. This error usually happens when there is a problem on the bootstrap "
        "host that "
        "prevents creating a temporary control plane."
    ),
)


def config(name: str, failure_class: str, message: str) -> Cause:
    """Refused before anything was made."""
    return Cause(name=name, failure_class=failure_class, stage="config", code=3, lines=[("error", CONFIG + message)])


def fatal(name: str, failure_class: str, message: str, *, code: int = 1) -> Cause:
    """The installer ends with a fatal record before it makes anything."""
    return Cause(name=name, failure_class=failure_class, stage="config", code=code, lines=[("fatal", message)])


def cloud(name: str, failure_class: str, call: str, error: str) -> Cause:
    """AWS refuses a call while the network or the machines are made."""
    stage, chain = ("machines", MACHINES) if call == "RunInstances" else ("infrastructure", CLUSTER)
    message = chain + API_ERROR.format(call, error)
    return Cause(name=name, failure_class=failure_class, stage=stage, code=4, lines=[("error", message)])


def bootstrap(name: str, failure_class: str, *lines: Line) -> Cause:
    """The control plane does not come up; the status and the bundle cannot be had either."""
    return Cause(
        name=name, failure_class=failure_class, stage="bootstrap", code=5, before=[NO_STATUS], lines=[*lines, NO_BUNDLE]
    )


def operators(name: str, *lines: Line, code: int = 6) -> Cause:
    """The control plane is up, but not the rest."""
    return Cause(name=name, failure_class="OPERATORS", stage="operators", code=code, lines=lines)


CAUSES = (
    config(
        "tag value", "CONFIG", 'platform.aws.userTags[cost]: Invalid value: "a<b": value contains invalid characters'
    ),
    config("instance type", "CONFIG", 'platform.aws.type: Invalid value: "m6i.huge": instance type m6i.huge not found'),
    config("small machines", "CONFIG", "instance type does not meet minimum resource requirements of 4 vCPUs"),
    config("networks", "CONFIG", 'networking.serviceNetwork[0]: Invalid value: "10.0.0.0/16": must not overlap'),
    config("pull secret", "CONFIG", 'pullSecret: Invalid value: "*****": must have an auth'),
    config(
        "old records",
        "DNS",
        'baseDomain: Invalid value: "labs.example.com": the zone already has record sets for the domain of the '
        "cluster: [api.team-a.labs.example.com. (A)]",
    ),
    config("no zone", "DNS", "baseDomain: Invalid value: no public route53 zone found matching name labs.example.com"),
    fatal("quota check", "QUOTA", QUOTA),
    fatal(
        "cannot mint", "AUTH", f"{PERMISSIONS}AWS credentials cannot be used to either create new creds or use as-is"
    ),
    fatal("permissions", "AUTH", f"{PERMISSIONS}current credentials insufficient for performing cluster installation"),
    fatal(
        "credentials mode",
        "AUTH",
        'failed to fetch Openshift Manifests: failed to generate asset "Openshift Manifests": AWS credentials provided '
        "by EC2RoleProvider are not valid for default credentials mode",
    ),
    fatal("policy simulator", "THROTTLE", f"{PERMISSIONS}error simulating policy: Throttling: Rate exceeded"),
    fatal("clock", "AUTH", "failed to fetch Metadata: api error RequestTimeTooSkewed: The difference is too large"),
    fatal("crash", "UNKNOWN", "panic: runtime error: invalid memory address or nil pointer dereference", code=2),
    fatal(
        "disk", "UNKNOWN", "failed to write asset (Cluster) to disk: write terraform.tfvars: no space left on device"
    ),
    cloud("VPCs", "QUOTA", "CreateVpc", "VpcLimitExceeded: The maximum number of VPCs has been reached."),
    cloud("addresses", "QUOTA", "AllocateAddress", "AddressLimitExceeded: The maximum number has been reached."),
    cloud("vCPUs", "QUOTA", "RunInstances", "VcpuLimitExceeded: You have requested more vCPU capacity than your limit"),
    cloud("verification", "QUOTA", "RunInstances", "PendingVerification: Your request is being validated"),
    cloud("blocked", "AUTH", "RunInstances", "Blocked: This account is currently blocked and not recognized as valid"),
    cloud("denied", "AUTH", "CreateVpc", "UnauthorizedOperation: You are not authorized to perform this operation."),
    cloud("organisation", "AUTH", "CreateVpc", "AccessDenied: with an explicit deny in a service control policy"),
    cloud("expired", "AUTH", "CreateSubnet", "ExpiredToken: The security token included in the request is expired"),
    cloud("key", "AUTH", "RunInstances", "Client.InternalError: Client error on launch"),
    cloud("duplicate tags", "CONFIG", "CreateVpc", "InvalidParameterValue: Duplicate tag keys found. Please note that"),
    cloud("capacity", "CAPACITY", "RunInstances", "InsufficientInstanceCapacity: We currently do not have sufficient"),
    cloud("throttled", "THROTTLE", "CreateVpc", "RequestLimitExceeded: exceeded maximum number of attempts, 25"),
    cloud("AWS itself", "UNKNOWN", "CreateVpc", "InternalError: An internal error has occurred"),
    cloud("cleaner", "UNKNOWN", "RunInstances", "InvalidSubnetID.NotFound: The subnet ID 'subnet-0a1' does not exist"),
    Cause(
        name="infrastructure",
        failure_class="BOOTSTRAP",
        stage="infrastructure",
        code=4,
        lines=[("error", f"{CLUSTER}infrastructure was not ready {NOT_READY}")],
    ),
    Cause(
        name="machines",
        failure_class="BOOTSTRAP",
        stage="machines",
        code=4,
        before=[NO_BUNDLE],
        lines=[("error", f"{MACHINES}control-plane machines were not provisioned {NOT_READY}")],
    ),
    bootstrap("bootstrap", "BOOTSTRAP", TIMED_OUT, BOOTSTRAP),
    bootstrap(
        "release image",
        "BOOTSTRAP",
        TIMED_OUT,
        BOOTSTRAP,
        ("error", "The bootstrap machine failed to download the release image"),
    ),
    bootstrap(
        "API down", "BOOTSTRAP", ("error", "Bootstrap failed to complete: dial tcp 10.0.1.7:6443: i/o timeout"), API
    ),
    bootstrap("not delegated", "DNS", ("error", f"Bootstrap failed to complete: {LOOKUP}"), API),
    operators("operators", HELP, OPERATORS),
    operators("login", DEGRADED, HELP, OPERATORS),
    operators("ingress", DEGRADED, INGRESS, HELP, OPERATORS),
    operators(
        "still updating",
        ("error", "failed to initialize the cluster: Some cluster operators are still updating: monitoring"),
    ),
    operators(
        "unstable",
        ("error", 'Error checking cluster operator Progressing status: "context deadline exceeded"'),
        ("error", "These cluster operators were not stable: [console]"),
        code=7,
    ),
)
