"""Requests that are signed themselves: what was changed, repeated, smuggled or signed for something else is refused."""

import json
from datetime import timedelta
from typing import Any

import pytest
import urllib3
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from ocpctl_client.proof import credentials_of
from ocpctl_common.clock import utc_now
from ocpctl_local.client import GUIDE_REQUEST
from ocpctl_local.moto import identity
from ocpctl_local.stack import Stack

BODY = GUIDE_REQUEST | {"name": "e2e-signed", "validateOnly": True}
SCOPE = "AKIAAAAAAAAAAAAAAAAA/20260101/us-east-1/ocpctl/aws4_request"
KEY = {"content-type": "application/json", "idempotency-key": "signed"}


class Signed:
    """A signed request that can be changed before it is sent."""

    def __init__(self, stack: Stack, method: str = "GET", path: str = "/api/v1/me", body: Any = None) -> None:
        self.stack = stack
        self.method, self.path = method, path
        self.body = b"" if body is None else json.dumps(body).encode()
        self.service, self.region = "ocpctl", "us-east-1"
        self.headers: dict[str, str] = dict(KEY) if body is not None else {}

    def sign(self) -> "Signed":
        credentials = credentials_of(identity.session(self.stack.folder / "keys", "requester"))
        request = AWSRequest(self.method, self.stack.url + self.path, self.headers, self.body)
        SigV4Auth(credentials, self.service, self.region).add_auth(request)
        self.headers = dict(request.headers.items())
        return self

    def send(self) -> tuple[int, str]:
        """Status, and the reason of a refusal."""
        answer = urllib3.request(
            self.method, self.stack.url + self.path, headers=self.headers, body=self.body or None, retries=False
        )
        body = answer.json()
        return answer.status, body["details"][0]["reason"] if "details" in body else ""


def test_a_signed_request_is_known(stack: Stack) -> None:
    assert Signed(stack).sign().send() == (200, "")
    assert Signed(stack, "POST", "/api/v1/clusters", BODY).sign().send() == (200, "")
    assert Signed(stack, path="/api/v1/clusters?team=team-a&pageSize=1").sign().send() == (200, "")


def test_a_strict_body_holds_for_it_too(stack: Stack) -> None:
    assert Signed(stack, "POST", "/api/v1/clusters", BODY | {"profle": "x"}).sign().send() == (400, "INVALID_REQUEST")


def test_what_is_changed_after_signing(stack: Stack) -> None:
    request = Signed(stack, "POST", "/api/v1/clusters", BODY).sign()
    request.body = request.body.replace(b"24", b"25")
    assert request.send() == (401, "SIGNATURE_MISMATCH")
    request = Signed(stack, path="/api/v1/clusters?team=team-a").sign()
    request.path = "/api/v1/clusters?team=team-b"
    assert request.send() == (401, "SIGNATURE_MISMATCH")
    request = Signed(stack, "POST", "/api/v1/clusters", BODY).sign()
    request.headers["idempotency-key"] = "another"
    assert request.send() == (401, "SIGNATURE_MISMATCH")
    request = Signed(stack).sign()
    request.headers["x-amz-date"] = "20200101T000000Z"
    assert request.send()[0] == 401


def test_a_key_that_is_not_signed(stack: Stack) -> None:
    request = Signed(stack, "POST", "/api/v1/clusters", BODY)
    del request.headers["idempotency-key"]
    request.sign().headers["idempotency-key"] = "added"
    assert request.send() == (401, "HEADER_NOT_SIGNED")


@pytest.mark.parametrize(("name", "value"), [("service", "sts"), ("region", "eu-west-9")])
def test_signed_for_something_else(stack: Stack, name: str, value: str) -> None:
    request = Signed(stack)
    setattr(request, name, value)
    assert request.sign().send() == (401, "SCOPE_WRONG")


@pytest.mark.parametrize("minutes", [-6, 6])
def test_a_clock_that_is_wrong(stack: Stack, minutes: int) -> None:
    request = Signed(stack)
    moment = utc_now() + timedelta(minutes=minutes)
    credentials = credentials_of(identity.session(stack.folder / "keys", "requester"))
    aws = AWSRequest("GET", stack.url + request.path, {})
    aws.context["timestamp"] = moment.strftime("%Y%m%dT%H%M%SZ")
    signer = SigV4Auth(credentials, "ocpctl", "us-east-1")
    aws.headers["X-Amz-Date"] = aws.context["timestamp"]
    canonical = signer.canonical_request(aws)
    signature = signer.signature(signer.string_to_sign(aws, canonical), aws)
    signed = signer.signed_headers(signer.headers_to_sign(aws))
    scope = f"{credentials.access_key}/{signer.credential_scope(aws)}"
    request.headers = dict(aws.headers.items())
    request.headers["Authorization"] = (
        f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders={signed}, Signature={signature}"
    )
    assert request.send() == (401, "REQUEST_EXPIRED")


@pytest.mark.parametrize(
    "authorization",
    [
        "AWS4-HMAC-SHA1 Credential=A, SignedHeaders=host, Signature=0",
        "AWS4-HMAC-SHA256",
        f"AWS4-HMAC-SHA256 Credential={SCOPE}, SignedHeaders=host;x-amz-date, Signature={'0' * 64}",
        "AWS4-",
    ],
)
def test_what_is_no_signature(stack: Stack, authorization: str) -> None:
    request = Signed(stack)
    request.headers = {"authorization": authorization, "x-amz-date": utc_now().strftime("%Y%m%dT%H%M%SZ")}
    assert request.send()[0] == 401


def test_a_signed_line_beside_a_session_is_not_both(stack: Stack) -> None:
    request = Signed(stack).sign()
    lines = [*request.headers.items(), ("Authorization", f"Bearer {stack.token('admin')}")]
    headers = urllib3.HTTPHeaderDict(lines)
    answer = urllib3.request("GET", stack.url + request.path, headers=headers, retries=False)
    assert answer.status == 401
