"""What the CloudFormation template and a real account set up, deployed to the local AWS endpoint."""

import base64
import json
import secrets
from dataclasses import dataclass

from ocpctl_local.moto.aws import BASE_DOMAIN, client, client_in
from ocpctl_local.settings import ROOT

PULL_SECRET = "ocpctl/pull-secret"  # noqa: S105 - its name
TEMPLATE = ROOT / "deploy" / "cloudformation" / "ocpctl.yaml"


@dataclass(frozen=True, slots=True, kw_only=True)
class AwsResources:
    """Outputs of the template."""

    queue_url: str
    destroy_queue_url: str
    dead_letter_queue_url: str
    bucket: str
    pull_secret_arn: str


def deploy(port: int, cluster_account: str = "") -> AwsResources:
    """Deploys the template and what it cannot say here: bucket versioning, and a zone for the base domain.

    The zone is where clusters are, in an account of theirs if there is one.
    """
    formation = client(port, "cloudformation")
    bucket = "ocpctl-artifacts-local"
    formation.create_stack(
        StackName="ocpctl",
        TemplateBody=TEMPLATE.read_text(),
        Parameters=[
            {"ParameterKey": "BucketName", "ParameterValue": bucket},
        ],
    )
    # The endpoint ignores bucket versioning and secrets in templates and names queues of a host that is not here:
    # these calls make up for it. On AWS the template is enough.
    s3 = client(port, "s3")
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    client(port, "secretsmanager").create_secret(Name=PULL_SECRET, SecretString=_pull_secret())
    zones = client_in(port, cluster_account, "route53") if cluster_account else client(port, "route53")
    zones.create_hosted_zone(Name=BASE_DOMAIN, CallerReference="ocpctl-local")
    return deployed(port)


def deployed(port: int) -> AwsResources:
    """What `deploy` has deployed there."""
    stack = client(port, "cloudformation").describe_stacks(StackName="ocpctl")["Stacks"][0]
    outputs = {output["OutputKey"]: output["OutputValue"] for output in stack["Outputs"]}
    sqs = client(port, "sqs")
    urls = {
        name: sqs.get_queue_url(QueueName=outputs[name].rpartition("/")[2])["QueueUrl"]
        for name in ("QueueUrl", "DestroyQueueUrl", "DeadLetterQueueUrl")
    }
    return AwsResources(
        queue_url=urls["QueueUrl"],
        destroy_queue_url=urls["DestroyQueueUrl"],
        dead_letter_queue_url=urls["DeadLetterQueueUrl"],
        bucket=outputs["Bucket"],
        pull_secret_arn=client(port, "secretsmanager").describe_secret(SecretId=PULL_SECRET)["ARN"],
    )


def _pull_secret() -> str:
    """A pull secret of the right shape with a value that tests can look for."""
    auth = base64.b64encode(f"ocpctl:{secrets.token_urlsafe(24)}".encode()).decode()
    return json.dumps({"auths": {"registry.example.com": {"auth": auth, "email": "a@b.example"}}})
