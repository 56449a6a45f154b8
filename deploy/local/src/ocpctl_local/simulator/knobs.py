"""The knobs of the simulated installer, for all clusters or for one by name."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

# What destroy can be made to leave, by the words of deletion.py.
KINDS = (
    "ec2:instance",
    "elasticloadbalancing:classic",
    "elasticloadbalancing:network",
    "elasticloadbalancing:targetgroup",
    "route53:hostedzone",
    "iam:instance-profile",
    "iam:role",
    "iam:user",
    "s3:bucket",
    "ec2:snapshot",
    "ec2:volume",
    "ec2:natgateway",
    "ec2:elastic-ip",
    "ec2:vpc-endpoint",
    "ec2:network-interface",
    "ec2:internet-gateway",
    "ec2:security-group",
    "ec2:route-table",
    "ec2:subnet",
    "ec2:vpc",
)

OC_FAULTS = ("", "unauthorized", "hang", "die")
# The steps after which ccoctl can be told to fail, to die or to hang; roles are counted from 1.
STEPS = re.compile(
    "keys|bucket(-untagged)?|identity|distribution|objects|provider(-untagged)?|role-[1-9](-bare)?"
    "|delete-(objects|bucket|role-[1-9]|provider|distribution|identity)"
)
# What `ccoctl aws delete` deletes, in its order.
DELETED = ("objects", "bucket", "roles", "provider", "distribution", "identity")


@dataclass(frozen=True, slots=True, kw_only=True)
class Knobs:
    """What to do otherwise than well."""

    time_scale: float = 1.0  # 1: a create takes about ten seconds; 0: as fast as the endpoint answers
    fail_stage: str = ""  # a stage of stages.py
    fail_class: str = "BOOTSTRAP"  # a key of failures.py
    fail_times: int = 1_000_000  # how often, for a cluster name; later installs succeed
    ignore_sigterm: bool = False
    hang_stage: str = ""  # stays there for ever
    hang_until: str = ""  # or until this file exists
    leak_child: bool = False  # leaves a creating child behind when it ends
    print_secrets: bool = False  # prints every secret it knows, in many encodings
    destroy_wrong_account: bool = False  # destroy says it is done and deletes nothing
    destroy_blocked: bool = False  # destroy tries the network for ever and logs why it cannot
    leave: tuple[str, ...] = ()  # kinds of KINDS that destroy does not see: it says that it is done
    block_vpc: bool = False  # somebody else's interface and security group, untagged, in the cluster's VPC
    legacy_tags: bool = False  # one volume carries openshiftClusterID and no other mark
    late_tags: float = 0.0  # after the first destroy a volume becomes visible that late, in seconds
    refuse_scale: bool = False  # the cluster's API refuses another number of workers
    stall_scale: bool = False  # the cluster's machines never become ready
    log_megabytes: int = 0  # so much is written to the log when a create begins, one record in 40 at info
    journal: str = ""  # file for one line an operation
    omit: tuple[str, ...] = ()  # programs that releases lack: `ccoctl`, or `4.20.4/ccoctl` (of `default` only)
    oc_fault: str = ""  # one of OC_FAULTS
    key_bits: int = 4096  # of ccoctl's key pair: a smaller one takes less time
    ccoctl_fail: str = ""  # what ccoctl makes or deletes next after this step fails (STEPS)
    ccoctl_error: str = "AccessDenied"  # with this code of AWS
    ccoctl_die: str = ""  # kills itself after this step
    ccoctl_hang: str = ""  # hangs after this step, until the file `hang_until` exists
    ccoctl_times: int = 1_000_000  # how often these three happen, for a cluster name
    ccoctl_skip: tuple[str, ...] = ()  # parts of DELETED whose deletion fails: it still exits 0
    ccoctl_old: bool = False  # delete lists the first 100 roles only; a role used again gets no secret


def parse(document: Mapping[str, Any], cluster: str) -> Knobs:
    """The knobs for a cluster. Raises ValueError naming an unknown knob."""
    if unknown := set(document) - {"default", "clusters"}:
        raise ValueError(f"simulator.json: unknown keys {sorted(unknown)}; allowed: default, clusters")
    allowed = {field.name for field in fields(Knobs)}
    for part in (document.get("default", {}), *document.get("clusters", {}).values()):
        if unknown := set(part) - allowed:
            raise ValueError(f"simulator.json: unknown knobs {sorted(unknown)}; allowed: {sorted(allowed)}")
    words = {**document.get("default", {}), **document.get("clusters", {}).get(cluster, {})}
    for knob, known in (("leave", KINDS), ("ccoctl_skip", DELETED)):
        if unknown := set(words.get(knob, ())) - set(known):
            raise ValueError(f"simulator.json: {knob}: unknown kinds {sorted(unknown)}; allowed: {sorted(known)}")
    for knob in ("ccoctl_fail", "ccoctl_die", "ccoctl_hang"):
        if (step := words.get(knob, "")) and not STEPS.fullmatch(step):
            raise ValueError(f"simulator.json: {knob}: unknown step {step}; allowed: {STEPS.pattern}")
    if (fault := words.get("oc_fault", "")) not in OC_FAULTS:
        raise ValueError(f"simulator.json: oc_fault: unknown {fault}; allowed: {OC_FAULTS}")
    return Knobs(**words)
