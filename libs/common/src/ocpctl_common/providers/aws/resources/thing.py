"""Whose a thing is by its tags or its name, and the words for its type."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ocpctl_common.providers.cloud import Scope, Thing

CLUSTER = "kubernetes.io/cluster/"
CAPA = "sigs.k8s.io/cluster-api-provider-aws/cluster/"
CREDENTIALS = "openshift.io/cloud-credential-operator/"  # what the credentials tool of OpenShift makes
UUID = "openshiftClusterID"
OWNED = "owned"
MARKS = (CLUSTER, CAPA, CREDENTIALS)  # each with an infra id behind it
# Other words for a type: of ARNs, and of EC2's own list of tags.
_KINDS = {
    "ec2:elastic-ip": "ec2:address",
    "ec2:vpc-elastic-ip": "ec2:address",
    "ec2:natgateway": "ec2:nat-gateway",
    "ec2:dedicated_host": "ec2:dedicated-host",
    "ec2:spot-instance-request": "ec2:spot-instances-request",
    "route53:hostedzone": "route53:hosted-zone",
    "elasticfilesystem:file-system": "efs:file-system",
    "elasticfilesystem:access-point": "efs:access-point",
}
# The end of an infra id: five characters of Kubernetes' random words, which have no vowels.
_RANDOM = re.compile(r"-[bcdfghjklmnpqrstvwxz2456789]{5}(?=[-.]|$)")
_BY_NAME = {"iam:role", "iam:user", "iam:instance-profile"}
_BY_ARN = {"iam", "elasticloadbalancing"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Owner:
    """One attempt in the cloud's words. `cluster_uuid` is the cluster id of its metadata; empty: not known."""

    infra_id: str
    cluster_uuid: str = ""

    @property
    def identifiers(self) -> Mapping[str, str]:
        """Each of these tags alone says whose a thing is."""
        marks = {f"{mark}{self.infra_id}": OWNED for mark in MARKS}
        return marks | ({UUID: self.cluster_uuid} if self.cluster_uuid else {})

    @property
    def credentials_tag(self) -> str:
        """The key on everything that gives the cluster its credentials; no cluster's installer deletes it."""
        return f"{CREDENTIALS}{self.infra_id}"

    @property
    def cut(self) -> str:
        """What every name that is made of the infra id begins with: the credential operator keeps 20 characters."""
        return self.infra_id[:20]

    def marks(self, tags: Mapping[str, str]) -> bool:
        """Whether the tags say that a thing is this attempt's."""
        return any(tags.get(key) == value for key, value in self.identifiers.items())

    def owns(self, tags: Mapping[str, str], name: str) -> bool:
        """By the tags, whatever the name; by the name only where there are no tags of any cluster."""
        if any((key.startswith(MARKS) and value == OWNED) or key == UUID for key, value in tags.items()):
            return self.marks(tags)
        return self.named(name)

    def named(self, name: str) -> bool:
        """Whether a name is made of this infra id, and of no longer one: a cluster may be named as another's infra id,
        and what is made for it has no tag for a moment.
        """
        return name.startswith(f"{self.infra_id}-") and not _RANDOM.search(name, len(self.infra_id))


def owner_of(scope: Scope) -> Owner:
    """An attempt in the cloud's words."""
    return Owner(infra_id=scope.infra_id, cluster_uuid=scope.cluster_uuid)


def infra_id_of(tags: Mapping[str, str]) -> str:
    """The infra id that the tags name as the owner; empty: none."""
    owned = sorted(key for key, value in tags.items() if value == OWNED)
    return next((key.removeprefix(mark) for mark in MARKS for key in owned if key.startswith(mark)), "")


def kind_of(service: str, resource_type: str) -> str:
    """The one word for a type."""
    kind = f"{service}:{resource_type}"
    return _KINDS.get(kind, kind)


def from_arn(arn: str, region: str, tags: Mapping[str, str]) -> Thing:
    """The thing that an ARN names."""
    _, _, service, _, _, resource = arn.split(":", 5)
    word, _, name = resource.partition("/")
    if service == "s3":
        return Thing(kind="s3:bucket", id=resource, region=region, tags=tags, arn=arn)
    if resource.startswith("loadbalancer/") and "/" not in name:
        return Thing(kind="elasticloadbalancing:classic", id=name, region=region, tags=tags, arn=arn)
    kind = kind_of(service, word if name else resource.partition(":")[0])
    if kind in _BY_NAME:
        name = name.rpartition("/")[2]
    elif service in _BY_ARN or not name:
        name = arn
    return Thing(kind=kind, id=name, region=region, tags=tags, arn=arn)


def tag_map(tags: Any) -> dict[str, str]:
    """Tags as most services write them."""
    return {tag["Key"]: tag["Value"] for tag in tags or ()}
