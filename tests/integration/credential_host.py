"""The host of a runner, with any source of credentials that a runner may have, and a process as its installer is."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import botocore.utils
import pytest
from ocpctl_common.providers.protocol import ClusterRole
from ocpctl_common.providers.registry import PROVIDERS
from ocpctl_installer_runner.installer import environment
from ocpctl_local.moto import aws

from tests.integration import credential_endpoints
from tests.integration.credential_endpoints import CredentialEndpoints, arn

AWS = PROVIDERS["aws"]
SECRET_KEY = "k" * 40
# Says who it is whenever it reads a line, and with which key.
PROBE = """
import json, sys, boto3
{patch}
aws = boto3.Session()
sts = aws.client("sts")
for _ in sys.stdin:
    arn = sts.get_caller_identity()["Arn"]
    print(json.dumps([arn, aws.get_credentials().get_frozen_credentials().access_key]), flush=True)
"""
# The address of the container's endpoint that a relative path belongs to is fixed in every SDK.
PATCH = "import botocore.utils; botocore.utils.ContainerMetadataFetcher.IP_ADDRESS = '{host}'"
WRAPPED = (
    "{patch}\nimport runpy, sys\nsys.argv.pop(0)\nrunpy.run_module(sys.argv[0], run_name='__main__', alter_sys=True)"
)


@dataclass(frozen=True, kw_only=True)
class Host:
    """A runner's host: its variables are those of this process."""

    folder: Path
    given: CredentialEndpoints
    patch: pytest.MonkeyPatch

    def source(self, name: str) -> None:
        """From now on this is what gives credentials here."""
        url = os.environ["AWS_ENDPOINT_URL"]
        for variable in [variable for variable in os.environ if variable.startswith("AWS_")]:
            self.patch.delenv(variable)
        common = {"AWS_ENDPOINT_URL": url, "AWS_ENDPOINT_URL_STS": self.given.url, "AWS_EC2_METADATA_DISABLED": "false"}
        common |= dict.fromkeys(("AWS_REGION", "AWS_DEFAULT_REGION"), aws.REGION)
        for variable, value in {**common, "HOME": str(self.folder), **SOURCES[name](self)}.items():
            self.patch.setenv(variable, value)
        self.patch.setattr(botocore.utils.ContainerMetadataFetcher, "IP_ADDRESS", self.given.host)

    def file(self, name: str, text: str) -> str:
        """A file of the platform's; it may be rotated."""
        path = self.folder / name
        path.write_text(text)
        return str(path)

    def environment(self, role: ClusterRole | None) -> dict[str, str]:
        """An installer's."""
        return environment.environment(AWS, "att_1", "c", self.folder / "home", role)

    def child(self, role: ClusterRole | None) -> "subprocess.Popen[str]":
        """A process that an installer would be: it lives, and calls now and then."""
        probe = PROBE.format(patch=PATCH.format(host=self.given.host))
        return subprocess.Popen(
            [sys.executable, "-c", probe],
            env=self.environment(role),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )


def keys(_: Host) -> Mapping[str, str]:
    return {"AWS_ACCESS_KEY_ID": "AKIA0000000000000000", "AWS_SECRET_ACCESS_KEY": SECRET_KEY}


def web_identity(host: Host) -> Mapping[str, str]:
    path = host.file("web-token", "first")
    return {"AWS_ROLE_ARN": arn("runner"), "AWS_ROLE_SESSION_NAME": "given", "AWS_WEB_IDENTITY_TOKEN_FILE": path}


def container(_: Host) -> Mapping[str, str]:
    return {"AWS_CONTAINER_CREDENTIALS_RELATIVE_URI": credential_endpoints.CONTAINER}


def container_url(host: Host) -> Mapping[str, str]:
    host.given.token = "first"
    path = host.file("container-token", "first")
    url = host.given.url + credential_endpoints.CONTAINER
    return {"AWS_CONTAINER_CREDENTIALS_FULL_URI": url, "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE": path}


def instance(host: Host) -> Mapping[str, str]:
    return {"AWS_EC2_METADATA_SERVICE_ENDPOINT": host.given.url}


SOURCES: dict[str, Callable[[Host], Mapping[str, str]]] = {
    "keys": keys,
    "web identity": web_identity,
    "container": container,
    "container's URL": container_url,
    "instance": instance,
}


def wrapper(host: Host) -> str:
    """A file that runs a module by its name, to which the container's endpoint is where the test has it."""
    return host.file("wrapper.py", WRAPPED.format(patch=PATCH.format(host=host.given.host)))


def asked(child: "subprocess.Popen[str]") -> tuple[str, str]:
    """Who a child is now, and the key it has signed with."""
    assert child.stdin
    assert child.stdout
    child.stdin.write("\n")
    child.stdin.flush()
    principal, key = json.loads(child.stdout.readline())
    return principal, key
