"""The local AWS endpoint (moto server) and what the template and a real account would have set up in it."""

import json
import secrets
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import boto3
import urllib3

REGION = "us-east-1"
ACCOUNT = "123456789012"
BASE_DOMAIN = "labs.example.com"
TEMPLATE = Path(__file__).resolve().parents[3] / "cloudformation" / "ocpctl.yaml"
READY_SECONDS = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class AwsResources:
    """Outputs of the template."""

    queue_url: str
    dead_letter_queue_url: str
    bucket: str
    pull_secret_arn: str


def command(port: int, faults: Path) -> list[str]:
    """How to start the endpoint; `faults` is the file of its rules (ocpctl_local.faults)."""
    return [sys.executable, "-m", "ocpctl_local.endpoint", str(port), str(faults)]


def env(port: int) -> dict[str, str]:
    """The standard AWS variables; the endpoint accepts any credentials."""
    return {
        "AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}",
        "AWS_REGION": REGION,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_ACCESS_KEY_ID": "local",
        "AWS_SECRET_ACCESS_KEY": "local",
    }


def wait(port: int) -> None:
    """Returns when the endpoint answers; ends the program when it does not."""
    http = urllib3.PoolManager(retries=False, timeout=2)
    give_up = time.monotonic() + READY_SECONDS
    while time.monotonic() < give_up:
        try:
            if http.request("GET", f"http://127.0.0.1:{port}/moto-api/").status < 500:  # noqa: PLR2004
                return
        except urllib3.exceptions.HTTPError:
            time.sleep(0.1)
    raise SystemExit("the local AWS endpoint did not start; see its log")


def session(variables: Mapping[str, str]) -> boto3.Session:
    """A session for `client(...)`, with an explicit endpoint; the environment of this process stays as it is."""
    return boto3.Session(
        aws_access_key_id=variables["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=variables["AWS_SECRET_ACCESS_KEY"],
        region_name=variables["AWS_REGION"],
    )


def deploy(variables: Mapping[str, str]) -> AwsResources:
    """Deploys the template and what it cannot say here: a zone for the base domain, bucket versioning."""
    aws, url = session(variables), variables["AWS_ENDPOINT_URL"]
    formation = aws.client("cloudformation", endpoint_url=url)
    bucket = "ocpctl-artifacts-local"
    formation.create_stack(
        StackName="ocpctl",
        TemplateBody=TEMPLATE.read_text(),
        Parameters=[
            {"ParameterKey": "BucketName", "ParameterValue": bucket},
        ],
    )
    stack = formation.describe_stacks(StackName="ocpctl")["Stacks"][0]
    outputs = {output["OutputKey"]: output["OutputValue"] for output in stack["Outputs"]}
    # The endpoint ignores bucket versioning and secrets in templates and names queues of a host that is not here:
    # these calls make up for it. On AWS the template is enough.
    s3 = aws.client("s3", endpoint_url=url)
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    secret = aws.client("secretsmanager", endpoint_url=url).create_secret(
        Name="ocpctl/pull-secret", SecretString=_pull_secret()
    )
    aws.client("route53", endpoint_url=url).create_hosted_zone(Name=BASE_DOMAIN, CallerReference="ocpctl-local")
    sqs = aws.client("sqs", endpoint_url=url)
    urls = {
        name: sqs.get_queue_url(QueueName=outputs[name].rpartition("/")[2])["QueueUrl"]
        for name in ("QueueUrl", "DeadLetterQueueUrl")
    }
    return AwsResources(
        queue_url=urls["QueueUrl"],
        dead_letter_queue_url=urls["DeadLetterQueueUrl"],
        bucket=outputs["Bucket"],
        pull_secret_arn=secret["ARN"],
    )


def _pull_secret() -> str:
    """A pull secret of the right shape with a value that tests can look for."""
    return json.dumps({"auths": {"registry.example.com": {"auth": secrets.token_urlsafe(32), "email": "a@b.example"}}})
