"""What gives credentials to a container and to an instance, and STS with a lifetime of one's own, on one real port.

- The container's endpoint: GET of a path; with a token the header `Authorization` must be that token, else 400.
- IMDSv2: PUT /latest/api/token with a lifetime of 1 to 21600 seconds (else 400), then GET of the role's name and of its
  keys with that token (else 401).
- STS: passed on to the AWS endpoint; only `Expiration` is written anew, and tokens of web identities are kept.

Keys are those of a role that the endpoint knows, so whoever signs with them is that role, in that role's account.

Where the real ones differ: they keep keys for hours and renew them minutes before their end, here every question gets
new ones; IMDS has a hop limit and much else to tell, and its tokens end; both stand on link-local addresses. STS
refuses a token that is no signed JWT, a lifetime below 15 minutes, and a role whose trust policy does not name the
caller.
"""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs

import urllib3
from ocpctl_local.moto import aws

from tests.integration.aws_endpoint import Endpoint
from tests.integration.small_server import Answer, Lines, serving

CONTAINER, TOKEN, ROLE = "/container", "/latest/api/token", "/latest/meta-data/iam/security-credentials/"
IMDS_TOKEN = "token-of-the-instance"
MAX_TOKEN_SECONDS = 21600
PASSED = ("authorization", "content-type")
EXPIRATION = re.compile(rb"<Expiration>[^<]*</Expiration>")


def arn(name: str, account: str = aws.ACCOUNT) -> str:
    """A role's."""
    return f"arn:aws:iam::{account}:role/{name}"


@dataclass(kw_only=True)
class CredentialEndpoints:
    """What it hands out, and what it was asked."""

    endpoint: Endpoint
    sts_url: str
    url: str = ""
    role: str = arn("runner")
    seconds: int = 3600
    token: str = ""  # that the container's endpoint wants
    given: list[str] = field(default_factory=list)  # access keys, of container and instance
    web_tokens: list[str] = field(default_factory=list)

    @property
    def host(self) -> str:
        return self.url.removeprefix("http://")

    def answer(self, method: str, path: str, lines: Lines, body: bytes) -> Answer:
        """To whoever asks."""
        headers = {name.lower(): value for name, value in lines}
        if method == "POST":
            return self._sts(headers, body)
        if method == "PUT":
            seconds = int(headers.get("x-aws-ec2-metadata-token-ttl-seconds", "0"))
            good = path == TOKEN and 0 < seconds <= MAX_TOKEN_SECONDS
            return Answer(body=IMDS_TOKEN.encode()) if good else Answer(status=400)
        if path == CONTAINER:
            return self._keys() if headers.get("authorization", "") == self.token else Answer(status=400)
        if headers.get("x-aws-ec2-metadata-token") != IMDS_TOKEN:
            return Answer(status=401)
        name = self.role.rpartition("/")[2]
        return {ROLE: Answer(body=name.encode()), ROLE + name: self._keys()}.get(path, Answer(status=404))

    def _keys(self) -> Answer:
        sts = self.endpoint.client("sts")
        made: dict[str, Any] = sts.assume_role(RoleArn=self.role, RoleSessionName="given")["Credentials"]
        self.given.append(made["AccessKeyId"])
        keys = {name: made[name] for name in ("AccessKeyId", "SecretAccessKey")} | {"Token": made["SessionToken"]}
        told = {"Code": "Success", "Type": "AWS-HMAC", **keys, "Expiration": self._end()}
        return Answer(body=json.dumps(told).encode())

    def _sts(self, headers: dict[str, str], body: bytes) -> Answer:
        form = parse_qs(body.decode())
        self.web_tokens += form.get("WebIdentityToken", [])
        passed = {name: value for name, value in headers.items() if name in PASSED}
        told = urllib3.request("POST", self.sts_url, body=body, headers=passed, retries=False, timeout=30)
        text = EXPIRATION.sub(f"<Expiration>{self._end()}</Expiration>".encode(), told.data)
        return Answer(status=told.status, body=text, headers={"content-type": told.headers["content-type"]})

    def _end(self) -> str:
        return (datetime.now(UTC) + timedelta(seconds=self.seconds)).strftime("%Y-%m-%dT%H:%M:%SZ")


@contextmanager
def running(endpoint: Endpoint, sts_url: str) -> Iterator[CredentialEndpoints]:
    """All of them on a port of their own."""
    made = CredentialEndpoints(endpoint=endpoint, sts_url=sts_url)
    with serving(made.answer) as made.url:
        yield made
