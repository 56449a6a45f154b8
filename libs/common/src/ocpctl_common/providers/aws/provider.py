"""What AWS makes of requests, installers and metadata. Pure: boto3 is imported when somebody connects."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ocpctl_common.providers.aws.resources.thing import CAPA, CLUSTER, OWNED
from ocpctl_common.providers.cloud import Cloud
from ocpctl_common.providers.protocol import ClusterIdentity, ConcurrencyKey, Provider, TagRules

VARIABLES = "AWS_"
FILES = {"AWS_SHARED_CREDENTIALS_FILE": ".aws/credentials", "AWS_CONFIG_FILE": ".aws/config"}
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

    def child_environment(self, own: Mapping[str, str]) -> Mapping[str, str]:
        """See Provider: all variables of AWS, and the files that the runner finds by its home."""
        files = {name: Path(own.get("HOME", "/nonexistent"), below) for name, below in FILES.items()}
        found = {name: str(path) for name, path in files.items() if path.is_file()}
        # Go's older library reads the file of the profiles only with this.
        fixed = {"AWS_SDK_LOAD_CONFIG": "1"}
        return fixed | found | {name: value for name, value in own.items() if name.startswith(VARIABLES)}

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

    def connect(self) -> Cloud:
        """See Provider."""
        from ocpctl_common.providers.aws.cloud import AwsCloud  # noqa: PLC0415 - keeps boto3 out of what is pure

        return AwsCloud.connect()


AWS: Provider = AwsProvider()
