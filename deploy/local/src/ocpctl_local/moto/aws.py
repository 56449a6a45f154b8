"""How to start the local AWS endpoint (moto's server), and how to reach it."""

import sys
import threading
import time
from functools import cache
from pathlib import Path
from typing import Any

import boto3
import urllib3

REGION = "us-east-1"
KEY = "local"
ACCOUNT = "123456789012"
BASE_DOMAIN = "labs.example.com"
READY_SECONDS = 60.0
_MAKING = threading.Lock()  # clients are safe to share between threads, making them is not


def command(port: int, faults: Path) -> list[str]:
    """How to start the endpoint; `faults` is the file of its rules (ocpctl_local.moto.faults)."""
    return [sys.executable, "-m", "ocpctl_local.moto", str(port), str(faults)]


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
    deadline = time.monotonic() + READY_SECONDS
    while time.monotonic() < deadline:
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


def cluster_role(account: str) -> str:
    """The role by which clusters are made in another account. The endpoint takes every role for one that exists."""
    return f"arn:aws:iam::{account}:role/ocpctl-clusters"


def client_in(port: int, account: str, service: str) -> Any:
    """A client of the endpoint that acts in another account, as that role. Whoever keeps it shares it."""
    role = {"RoleArn": cluster_role(account), "RoleSessionName": "local"}
    keys = client(port, "sts").assume_role(**role)["Credentials"]
    with _MAKING:
        made = boto3.Session(keys["AccessKeyId"], keys["SecretAccessKey"], keys["SessionToken"], region_name=REGION)
        return made.client(service, endpoint_url=env(port)["AWS_ENDPOINT_URL"])  # type: ignore[call-overload]


@cache
def _client(port: int, service: str) -> Any:
    return _session().client(service, endpoint_url=env(port)["AWS_ENDPOINT_URL"])  # type: ignore[call-overload]


_session = cache(session)
