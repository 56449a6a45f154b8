"""Whole logs of the installer: what a good install says, troubles that pass among it, and one true cause.

The lines are those of release 4.20. A seed makes the same log again.
"""

import json
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

Line = tuple[str, str]  # level, message

API = "https://api.team-a.labs.example.com:6443"
LOOKUP = f'Get "{API}/version": dial tcp: lookup api.team-a.labs.example.com on 10.0.0.2:53: no such host'
REFUSED = f'Get "{API}/version": dial tcp 10.0.1.7:6443: connect: connection refused'
RECONCILER = (
    'I1125 10:00:00.000000   77 recorder.go:104] "{}" logger="events" type="Normal" object={{"kind":"AWSCluster"}}'
)

# What every good install says in each of its stages.
STAGES: dict[str, tuple[Line, ...]] = {
    "config": (
        ("debug", "OpenShift Installer 4.20.3"),
        ("debug", "Built from commit 0a1b2c3d"),
        ("info", 'Credentials loaded from the AWS config using "SharedConfigCredentials" provider'),
        ("warning", "Found override for release image (quay.io/openshift-release-dev/ocp-release:4.20.3-x86_64)."),
        ("debug", "  Fetching Install Config..."),
        ("info", "Consuming Install Config from target directory"),
        ("warning", "Making control-plane schedulable by setting MastersSchedulable to true"),
    ),
    "infrastructure": (
        ("debug", "Loading Platform Quota Check..."),
        ("info", "Creating infrastructure resources..."),
        ("info", "Creating IAM roles for control-plane and compute nodes"),
        ("info", "Started local control plane with envtest"),
        ("info", "Created manifest *v1beta2.AWSCluster, namespace=openshift-cluster-api-guests name=team-a-x7k2p"),
        ("info", "Waiting up to 15m0s (until 10:15AM UTC) for network infrastructure to become ready..."),
    ),
    "machines": (
        ("info", "Network infrastructure is ready"),
        ("debug", "Creating private Hosted Zone"),
        ("info", "Waiting up to 15m0s (until 10:25AM UTC) for machines [a-bootstrap a-master-0] to provision..."),
        ("debug", "Checking that machine a-master-0 has provisioned..."),
    ),
    "api": (
        ("info", "Control-plane machines are ready"),
        ("info", "Cluster API resources have been created. Waiting for cluster to become ready..."),
        ("info", f"Waiting up to 20m0s (until 10:40AM UTC) for the Kubernetes API at {API}..."),
        ("debug", f"Still waiting for the Kubernetes API: {LOOKUP}"),
        ("debug", f"Still waiting for the Kubernetes API: {REFUSED}"),
    ),
    "bootstrap": (
        ("info", "API v1.33.5 up"),
        ("info", "Waiting up to 45m0s (until 11:20AM UTC) for bootstrapping to complete..."),
        ("debug", "No status found in bootstrap configmap"),
    ),
    "operators": (
        ("debug", "Bootstrap status: complete"),
        ("info", "Destroying the bootstrap resources..."),
        ("warning", "Timeout deleting bootstrap machine: context deadline exceeded"),
        ("info", f"Waiting up to 40m0s (until 11:40AM UTC) for the cluster at {API} to initialize..."),
        (
            "debug",
            "Still waiting for the cluster to initialize: Working towards 4.20.3: 412 of 959 done (42% complete)",
        ),
        (
            "debug",
            (
                "Still waiting for the cluster to initialize: Multiple errors are preventing progress:\n"
                "* Cluster operators authentication, console, ingress are not available\n"
                "* Could not update role: resource may have been deleted"
            ),
        ),
    ),
    "end": (
        ("info", "Waiting up to 30m0s (until 12:05PM UTC) to ensure each cluster operator has finished progressing..."),
        ("info", "All cluster operators have completed progressing"),
        ("info", "Checking to see if there is a route at openshift-console/console..."),
    ),
}
# Troubles that pass: each may be in any log, at any stage, and none is why an install failed.
PASSING: tuple[Line, ...] = (
    ("debug", "api error RequestLimitExceeded: Request limit exceeded., will retry in 2.1s"),
    ("debug", "api error Throttling: Rate exceeded (attempt 3 of 25), retrying"),
    ("debug", "failed to load limits for servicequotas: AccessDeniedException: not authorized, skipping quota check"),
    ("debug", "error getting VPC: InvalidVpcID.NotFound: The vpc ID 'vpc-0a1' does not exist"),
    (
        "debug",
        'E1125 10:01:02.000000 77 controller.go:324] "Reconciler error" err="DependencyViolation: has a dependent"',
    ),
    ("debug", "failed to create instance: InsufficientInstanceCapacity in us-east-1a, trying us-east-1b"),
    ("debug", "Invalid IAM Instance Profile name, the role is not yet seen"),
    ("debug", "dial tcp 52.1.1.1:443: i/o timeout"),
    ("debug", 'etcd: {"level":"warn","msg":"apply request took too long","error":"context deadline exceeded"}'),
    ("debug", "api error InternalError: An internal error has occurred"),
    ("debug", "x509: certificate signed by unknown authority"),
    ("debug", "HostedZoneAlreadyExists: conflicting RRset, using the zone that exists"),
    ("debug", "UnauthorizedOperation: not authorized to describe capacity reservations"),
    ("debug", "ErrImagePull: toomanyrequests"),
    ("debug", "ExpiredToken: refreshing credentials"),
    ("info", "Cluster operator insights SCAAvailable is False with NotFound: Failed to pull SCA certs: AccessDenied"),
    ("info", "Cluster operator etcd Progressing is True with NodeInstaller: EtcdMembersDegraded: 1 of 3 members"),
    ("warning", "api error RequestLimitExceeded: Request limit exceeded; will retry"),
    ("warning", "Failed to list zones: AccessDenied, skipping local zones"),
)
DRONE: tuple[Line, ...] = (
    ("debug", RECONCILER.format("Created subnet")),
    ("debug", RECONCILER.format("Successfully attached internet gateway")),
    ("debug", "I1125 10:00:01.000000   77 awscluster_controller.go:301] Reconciling AWSCluster"),
    ("debug", "Time elapsed per stage:"),
    ("debug", "Loading Master Machines..."),
    ("debug", "  Reusing previously-fetched Root CA"),
)
AFTER: tuple[Line, ...] = (
    ("debug", "Collecting applied cluster api manifests..."),
    ("info", "Shutting down local Cluster API controllers..."),
    ("info", "Stopped controller: Cluster API"),
    ("debug", "dial tcp 127.0.0.1:37021: connect: connection refused"),
    ("info", "Local Cluster API system has completed operations"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """Why an install fails: in which stage, what the installer says then, and its exit code."""

    name: str
    failure_class: str
    stage: str
    code: int
    lines: Sequence[Line]
    before: Sequence[Line] = field(default_factory=tuple)


def log_of(cause: Cause, seed: int) -> str:
    """The whole log of an install that failed for this cause."""
    chance = random.Random(f"{cause.name} {seed}")
    lines = [*_until(cause.stage, chance), *cause.before, *_noise(chance, 5), *cause.lines]
    lines += [line for line in AFTER if chance.random() < 0.7]
    return "".join(record(number, level, message) for number, (level, message) in enumerate(lines))


def noise(seed: int) -> str:
    """A log that goes on to the end and names no cause."""
    chance = random.Random(seed)
    lines = [*_until("end", chance), *_noise(chance, 20)]
    return "".join(record(number, level, message) for number, (level, message) in enumerate(lines))


def record(number: int, level: str, message: str) -> str:
    """One line of the log file, quoted as logrus quotes it."""
    text = message if message.isalnum() else json.dumps(message, ensure_ascii=False)
    return f'time="2026-01-01T10:{number // 60 % 60:02}:{number % 60:02}Z" level={level} msg={text}\n'


def _until(stage: str, chance: random.Random) -> Iterator[Line]:
    for name, lines in STAGES.items():
        for line in lines:
            yield line
            yield from _noise(chance, 6)
        if name == stage:
            return


def _noise(chance: random.Random, limit: int) -> Iterator[Line]:
    for _ in range(chance.randint(0, limit)):
        yield chance.choice(PASSING if chance.random() < 0.3 else DRONE)
