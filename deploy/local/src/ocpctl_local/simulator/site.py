"""What one create has made so far: later steps build on the ids of the earlier ones."""

from dataclasses import dataclass, field
from typing import Any

from ocpctl_local.simulator.cloud import Cloud, Tags


@dataclass(frozen=True, slots=True, kw_only=True)
class Balancer:
    """What a record needs of a load balancer to point to it."""

    host: str
    zone: str


@dataclass(slots=True, kw_only=True)
class Site:
    """Grows while the stages create. `user_tags` are those of install-config.yaml."""

    cloud: Cloud
    domain: str
    cluster_uuid: str = ""
    user_tags: dict[str, str] = field(default_factory=dict)
    vpc: str = ""
    subnets: list[str] = field(default_factory=list)
    balancers: dict[str, Balancer] = field(default_factory=dict)
    zone: str = ""
    bootstrap: str = ""

    def installer_tags(self, name: str) -> Tags:
        """What the installer has made or ordered: both marks, the user's tags, a name."""
        marks = dict([self.cloud.owned, self.cloud.provider])
        return _tags({**self.user_tags, **marks, "Name": f"{self.cloud.infra_id}-{name}"})

    def provider_tags(self, name: str) -> Tags:
        """The Cluster API provider's mark only."""
        return _tags({**dict([self.cloud.provider]), "Name": f"{self.cloud.infra_id}-{name}"})

    def operator_tags(self, name: str, **more: str) -> Tags:
        """What an operator in the cluster makes: the cluster's mark and the user's tags."""
        return _tags({**self.user_tags, **dict([self.cloud.owned]), "Name": f"{self.cloud.infra_id}-{name}", **more})

    def service_tags(self, service: str) -> Tags:
        """What the cluster makes for a user's Service: the cluster's mark, none of ours."""
        return _tags(dict([self.cloud.owned, ("kubernetes.io/service-name", service)]))

    def legacy_tags(self, name: str) -> Tags:
        """The mark of old: the cluster's UUID and no infra id in any key."""
        return _tags({"openshiftClusterID": self.cluster_uuid, "Name": f"{self.cloud.infra_id}-{name}"})


def _tags(words: dict[str, str]) -> Tags:
    return [{"Key": key, "Value": value} for key, value in words.items()]


def spec(kind: str, tags: Tags) -> list[dict[str, Any]]:
    """Tags as EC2's create calls take them."""
    return [{"ResourceType": kind, "Tags": tags}]
