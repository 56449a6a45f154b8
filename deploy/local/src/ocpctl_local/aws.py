"""The local AWS endpoint (moto server) and what the template and a real account would have set up in it."""

import base64
import json
import secrets
import sys
import threading
import time
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import boto3
import urllib3

REGION = "us-east-1"
KEY = "local"
ACCOUNT = "123456789012"
BASE_DOMAIN = "labs.example.com"
TEMPLATE = Path(__file__).resolve().parents[3] / "cloudformation" / "ocpctl.yaml"
READY_SECONDS = 60.0
_MAKING = threading.Lock()  # clients are safe to share between threads, making them is not


@dataclass(frozen=True, slots=True, kw_only=True)
class AwsResources:
    """Outputs of the template."""

    queue_url: str
    destroy_queue_url: str
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
        "AWS_ACCESS_KEY_ID": KEY,
        "AWS_SECRET_ACCESS_KEY": KEY,
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


def session() -> boto3.Session:
    """Credentials for the endpoint; its address has to be given to each client, unless the environment names it."""
    return boto3.Session(aws_access_key_id=KEY, aws_secret_access_key=KEY, region_name=REGION)


def client(port: int, service: str) -> Any:
    """A client of the endpoint, made once a process: to read the description of a service takes up to half a second."""
    with _MAKING:
        return _client(port, service)


@cache
def _client(port: int, service: str) -> Any:
    return _session().client(service, endpoint_url=env(port)["AWS_ENDPOINT_URL"])  # type: ignore[call-overload]


_session = cache(session)


def deploy(port: int) -> AwsResources:
    """Deploys the template and what it cannot say here: a zone for the base domain, bucket versioning."""
    formation = client(port, "cloudformation")
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
    s3 = client(port, "s3")
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    secret = client(port, "secretsmanager").create_secret(Name="ocpctl/pull-secret", SecretString=_pull_secret())
    client(port, "route53").create_hosted_zone(Name=BASE_DOMAIN, CallerReference="ocpctl-local")
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
        pull_secret_arn=secret["ARN"],
    )


def _pull_secret() -> str:
    """A pull secret of the right shape with a value that tests can look for."""
    auth = base64.b64encode(f"ocpctl:{secrets.token_urlsafe(24)}".encode()).decode()
    return json.dumps({"auths": {"registry.example.com": {"auth": auth, "email": "a@b.example"}}})
