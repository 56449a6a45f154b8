"""What a failure of each class looks like: the line that the real installer prints, and the exit code.

What fails while the cluster is made is an error and ends with the code of its stage; the rest is fatal.
"""

CREATING = 'failed to fetch Cluster: failed to generate asset "Cluster": failed to create cluster: '
FATAL = ("CONFIG",)

FAILURES: dict[str, tuple[str, int]] = {
    "CONFIG": (
        'failed to fetch Master Machines: invalid "install-config.yaml" file: platform.aws.type: Invalid value',
        3,
    ),
    "AUTH": (
        f"{CREATING}error creating VPC: UnauthorizedOperation: You are not authorized to perform this operation",
        4,
    ),
    "QUOTA": (f"{CREATING}error creating VPC: VpcLimitExceeded: The maximum number of VPCs has been reached", 4),
    "CAPACITY": (f"{CREATING}InsufficientInstanceCapacity: We currently do not have sufficient m6i.xlarge capacity", 4),
    "THROTTLE": (f"{CREATING}RequestLimitExceeded: Request limit exceeded", 4),
    "DNS": (
        f"{CREATING}error creating Route53 Hosted Zone: HostedZoneAlreadyExists: conflicting record already exists",
        4,
    ),
    "BOOTSTRAP": ("Bootstrap failed to complete: timed out waiting for the condition", 5),
    "OPERATORS": ("failed to initialize the cluster: Cluster operators authentication, console are not available", 6),
}
