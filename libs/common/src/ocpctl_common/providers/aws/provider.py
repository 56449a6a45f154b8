"""What AWS makes of requests, installers and metadata. Pure: boto3 is imported when somebody connects."""

import os
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ocpctl_common.providers.aws import role_config
from ocpctl_common.providers.aws.resources.thing import CAPA, CLUSTER, OWNED
from ocpctl_common.providers.cloud import Cloud
from ocpctl_common.providers.protocol import ClusterIdentity, ClusterRole, ConcurrencyKey, Provider, TagRules

VARIABLES = "AWS_"
MIN_CHARACTERS = 16  # AWS's own secrets have 40 and more; a word of a test's endpoint is none
SECRETS = ("AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_CONTAINER_AUTHORIZATION_TOKEN")


class AwsProvider:
    """See Provider."""

    name = "aws"
    label = "AWS"
    disabled = False
    # The installer takes 25 tags at most. IAM refuses two keys that differ only in capitals.
    tag_rules = TagRules(limit=25, reserved=("aws:",), one_case="IAM")
    api_errors = re.compile(
        r"\b[A-Z]\w+(?:Violation|InUse|Exception|Denied|NotEmpty|Conflict|Operation)\b[^\"\\\n]{0,200}"
    )

    def install_config(self, *, region: str, tags: Mapping[str, str]) -> Mapping[str, Any]:
        """See Provider."""
        return {"platform": {"aws": {"region": region, "userTags": dict(tags), "propagateUserTags": True}}}

    def concurrency_key(self, account_id: str, region: str) -> ConcurrencyKey:
        """See Provider: AWS limits the rate of calls by account and region."""
        return ConcurrencyKey(account_id=account_id, region=region)

    def child_environment(self, own: Mapping[str, str], role: ClusterRole | None = None) -> Mapping[str, str]:
        """See Provider: all variables of AWS, and the files that the runner finds by its home.

        With a role none that an SDK would prefer to the file of the installer's own home.
        """
        # Go's older library reads the file of the profiles only with this.
        fixed = {"AWS_SDK_LOAD_CONFIG": "1"}
        passed = {name: value for name, value in own.items() if name.startswith(VARIABLES)}
        if role:
            return {name: value for name, value in passed.items() if name not in role_config.PREFERRED} | fixed
        return fixed | role_config.files_of_home(own) | passed

    def child_files(self, own: Mapping[str, str], role: ClusterRole | None = None) -> Mapping[str, str]:
        """See Provider."""
        return {role_config.PATH: role_config.text(own, role)} if role else {}

    def secrets(self, own: Mapping[str, str]) -> tuple[str, ...]:
        """See Provider."""
        return tuple(own[name] for name in SECRETS if len(own.get(name, "")) >= MIN_CHARACTERS)

    def credentials_command(
        self, *, name: str, region: str, requests: Path, output: Path, private: bool
    ) -> Sequence[str]:
        """See Provider: a bucket with discovery documents, an identity provider, and a role for each request."""
        return (
            *("aws", "create-all", "--name", name, "--region", region),
            *("--credentials-requests-dir", str(requests), "--output-dir", str(output)),
            *(("--create-private-s3-bucket",) if private else ()),
        )

    def rebuilt_metadata(self, cluster: ClusterIdentity) -> Mapping[str, Any]:
        """See Provider: `destroy cluster` finds by tags."""
        identifier = [{f"{mark}{cluster.infra_id}": OWNED} for mark in (CLUSTER, CAPA)]
        aws = {"region": cluster.region, "identifier": identifier, "clusterDomain": cluster.domain}
        return {"clusterName": cluster.name, "infraID": cluster.infra_id, "aws": aws}

    def connect(self, role: ClusterRole | None = None) -> Cloud:
        """See Provider."""
        from ocpctl_common.providers.aws.cloud import AwsCloud  # noqa: PLC0415 - keeps boto3 out of what is pure

        if role:
            role_config.check(os.environ)
        return AwsCloud.connect(role_config.text(os.environ, role) if role else "")


AWS: Provider = AwsProvider()
