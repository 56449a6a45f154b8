"""Requests that strangers' clients sign for this service are verified as they come over the wire: curl and botocore."""

import json
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import quote

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import ReadOnlyCredentials
from botocore.httpsession import URLLib3Session
from ocpctl_common.clock import utc_now
from ocpctl_common.errors import NotAuthenticated
from ocpctl_common.sigv4.canonical import HttpRequest
from ocpctl_common.sigv4.keys import AccessKey, KeyRing
from ocpctl_common.sigv4.verifying import verify_request

from tests.integration.small_server import Answer, Lines, serving

KEY = AccessKey(
    access_key_id="AKIAANN00000", secret="secret/of+ann", arn="arn:aws:iam::1:user/ann", user_id="AIDA", account="1"
)
PATH = "/api/v1/clusters"


@dataclass(slots=True)
class Gateway:
    """A server that lets in who signed, and remembers the last refusal."""

    url: str = ""
    refusal: str = ""
    keys: KeyRing = field(default_factory=lambda: KeyRing([KEY]))

    def answer(self, method: str, path: str, lines: Lines, body: bytes) -> Answer:
        headers = {name.lower(): value for name, value in lines}
        request = HttpRequest(method=method, path=path, headers=headers, body=body)
        try:
            key = verify_request(request, service="ocpctl", regions=["us-east-1"], keys=self.keys, now=utc_now())
        except NotAuthenticated as error:
            self.refusal = error.reason
            return Answer(status=401, body=error.message.encode())
        return Answer(body=json.dumps({"arn": key.arn, "body": body.decode()}).encode())


@pytest.fixture
def gateway() -> Iterator[Gateway]:
    gateway = Gateway()
    with serving(gateway.answer) as gateway.url:
        yield gateway


def curl(gateway: Gateway, path: str, *words: str, secret: str = KEY.secret) -> tuple[int, str]:
    """Status and body."""
    user = f"{KEY.access_key_id}:{secret}"
    whole = ["curl", "-s", "-w", "\n%{http_code}", "--aws-sigv4", "aws:amz:us-east-1:ocpctl", "--user", user, *words]
    done = subprocess.run([*whole, f"{gateway.url}{path}"], capture_output=True, text=True, check=True)
    body, _, status = done.stdout.rpartition("\n")
    return int(status), body


needs_curl = pytest.mark.skipif(shutil.which("curl") is None, reason="this machine has no curl")


@needs_curl
@pytest.mark.parametrize("path", [PATH, f"{PATH}/clu_01", f"{PATH}?pageSize=5", f"{PATH}?name=a%20b&owner=a%40b"])
def test_curl_reads(gateway: Gateway, path: str) -> None:
    status, body = curl(gateway, path)
    assert (status, gateway.refusal) == (200, "")
    assert json.loads(body)["arn"] == KEY.arn


@needs_curl
def test_curl_changes(gateway: Gateway) -> None:
    words = ["-X", "POST", "-H", "content-type: application/json", "-H", "idempotency-key: first", "-d", '{"name":"a"}']
    status, body = curl(gateway, PATH, *words)
    assert (status, gateway.refusal) == (200, "")
    assert json.loads(body)["body"] == '{"name":"a"}'


@needs_curl
def test_curl_with_a_wrong_secret_or_an_address_with_two_readings(gateway: Gateway) -> None:
    assert curl(gateway, PATH, secret="guessed")[0] == 401
    assert gateway.refusal == "SIGNATURE_MISMATCH"
    status, body = curl(gateway, f"{PATH}?owner=a@b")
    assert (status, gateway.refusal) == (401, "TARGET_NOT_CANONICAL")
    assert "@ is %40" in body


@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
def test_botocore(gateway: Gateway, method: str) -> None:
    body = b'{"name":"a"}' if method == "POST" else b""
    url = f"{gateway.url}{PATH}/clu_01?owner={quote('ann@example.com', safe='')}&name=b"
    request = AWSRequest(method, url, {"idempotency-key": "k", "x-request-id": "r"}, body)
    SigV4Auth(ReadOnlyCredentials(KEY.access_key_id, KEY.secret, None), "ocpctl", "us-east-1").add_auth(request)
    answer = URLLib3Session().send(request.prepare())
    assert (answer.status_code, gateway.refusal) == (200, "")
