"""The providers. This is the one place that names them."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from ocpctl_common.providers.aws.provider import AWS
from ocpctl_common.providers.cloud import Cloud
from ocpctl_common.providers.ibmcloud.provider import IBM_CLOUD
from ocpctl_common.providers.protocol import ClusterRole, Provider

PROVIDERS: Mapping[str, Provider] = {one.name: one for one in (AWS, IBM_CLOUD)}


def enabled() -> Sequence[Provider]:
    """Those in whose clouds clusters are made."""
    return [one for one in PROVIDERS.values() if not one.disabled]


class Clouds:
    """The clouds that this process works in, each connected once."""

    def __init__(self, connected: dict[str, Cloud]) -> None:
        self.by_provider = MappingProxyType(connected)

    @classmethod
    def connect(cls, role: ClusterRole | None = None) -> "Clouds":
        """Of every enabled provider. Raises Unavailable, UnusableSource."""
        return cls({one.name: one.connect(role) for one in enabled()})

    def of(self, name: str) -> Cloud:
        """That of a provider. Raises ProviderDisabled."""
        return self.by_provider.get(name) or PROVIDERS[name].connect()

    @property
    def only(self) -> Cloud:
        """The one that there is: who asks for a lease names one account, whatever the cluster's cloud."""
        [cloud] = self.by_provider.values()
        return cloud
