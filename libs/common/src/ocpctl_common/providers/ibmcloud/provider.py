"""What IBM Cloud makes of requests. Nothing is installed there in this phase."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Never

from ocpctl_common.errors import ProviderDisabled
from ocpctl_common.providers.protocol import ClusterIdentity, ConcurrencyKey, Provider, TagRules


class IbmCloudProvider:
    """See Provider."""

    name = "ibmcloud"
    label = "IBM Cloud"
    disabled = True
    # The installer tags nothing of its own accord there; what is kept is held to the limit of the other clouds.
    tag_rules = TagRules(limit=25, one_case="IBM Cloud")

    def install_config(self, *, region: str, tags: Mapping[str, str]) -> Mapping[str, Any]:
        """See Provider. The installer's platform knows no tags; credentials are made by hand, with ccoctl."""
        return {"platform": {"ibmcloud": {"region": region}}, "credentialsMode": "Manual"}

    def concurrency_key(self, account_id: str, region: str) -> ConcurrencyKey:
        """See Provider."""
        return ConcurrencyKey(account_id=account_id, region=region)

    @property
    def api_errors(self) -> re.Pattern[str]:
        """See Provider."""
        self._refuse()

    def child_environment(self, own: Mapping[str, str]) -> Mapping[str, str]:
        """See Provider."""
        self._refuse()

    def secrets(self, own: Mapping[str, str]) -> tuple[str, ...]:
        """See Provider."""
        self._refuse()

    def credentials_command(
        self, *, name: str, region: str, requests: Path, output: Path, private: bool
    ) -> Sequence[str]:
        """See Provider."""
        self._refuse()

    def rebuilt_metadata(self, cluster: ClusterIdentity) -> Mapping[str, Any]:
        """See Provider."""
        self._refuse()

    def connect(self) -> Never:
        """See Provider."""
        self._refuse()

    def _refuse(self) -> Never:
        raise ProviderDisabled(self.label)


IBM_CLOUD: Provider = IbmCloudProvider()
