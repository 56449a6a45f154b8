"""AWS STS's GetCallerIdentity over real HTTP, with a signature check that shares no code with ours.

It knows the one request that it may get and holds it to the letter: host of the signed region, headers each once, body.
"""

import hashlib
import hmac
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

from ocpctl_common.sigv4.keys import AccessKey

from tests.integration.small_server import Answer, serving

BODY = b"Action=GetCallerIdentity&Version=2011-06-15"


@dataclass(slots=True)
class FakeSts:
    """What it knows, what it was asked (header lines as they came), and what it is told to say instead."""

    keys: Mapping[str, AccessKey]
    url: str = ""
    asked: list[list[tuple[str, str]]] = field(default_factory=list)
    says: Answer | None = None

    def answer(self, method: str, path: str, lines: list[tuple[str, str]], body: bytes) -> Answer:
        """STS's answer to a request."""
        self.asked.append(lines)
        if self.says:
            return self.says
        headers = {name.lower(): value for name, value in lines}
        assert len(headers) == len(lines), "a header came twice"
        key = self._signer(method, path, headers, body)
        return identity(key) if key else error("SignatureDoesNotMatch", headers.get("accept", ""))

    def _signer(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> AccessKey | None:
        credential, names, signature = (part.split("=", 1)[1] for part in headers["authorization"].split(", "))
        key_id, date, region, service, _ = credential.split("/")
        key = self.keys.get(key_id)
        if key is None or (method, path, body, service) != ("POST", "/", BODY, "sts"):
            return None
        if headers["host"] != f"sts.{region}.amazonaws.com" or headers["x-amz-date"][:8] != date:
            return None
        if headers.get("x-amz-security-token") != key.session_token:
            return None
        text = "".join(f"{name}:{headers[name]}\n" for name in names.split(";"))
        canonical = f"POST\n/\n\n{text}\n{names}\n{hashlib.sha256(BODY).hexdigest()}"
        return (
            key if hmac.compare_digest(signature, sign(key.secret, headers["x-amz-date"], region, canonical)) else None
        )


def sign(secret: str, amz_date: str, region: str, canonical: str) -> str:
    """The signature over a canonical request, written down a second time."""
    secret_key = b"AWS4" + secret.encode()
    for part in (amz_date[:8], region, "sts", "aws4_request"):
        secret_key = hmac.digest(secret_key, part.encode(), "sha256")
    digest = hashlib.sha256(canonical.encode()).hexdigest()
    text = f"AWS4-HMAC-SHA256\n{amz_date}\n{amz_date[:8]}/{region}/sts/aws4_request\n{digest}"
    return hmac.digest(secret_key, text.encode(), "sha256").hex()


def identity(key: AccessKey, action: str = "GetCallerIdentity", **changed: str) -> Answer:
    """The JSON that STS sends when it is asked for JSON."""
    result = {"Account": key.account, "Arn": key.arn, "UserId": key.user_id, **changed}
    document = {f"{action}Response": {f"{action}Result": result, "ResponseMetadata": {"RequestId": "0f1e"}}}
    return Answer(body=json.dumps(document).encode())


def error(code: str, accept: str, status: int = 403) -> Answer:
    """The JSON or XML of a refusal."""
    if accept == "application/json":
        told = {"Error": {"Code": code, "Message": "no", "Type": "Sender"}, "RequestId": "0f1e"}
        return Answer(status=status, body=json.dumps(told).encode())
    xml = f"<ErrorResponse><Error><Type>Sender</Type><Code>{code}</Code></Error></ErrorResponse>"
    return Answer(status=status, body=xml.encode(), headers={"content-type": "text/xml"})


@contextmanager
def running(keys: Mapping[str, AccessKey]) -> Iterator[FakeSts]:
    """The service on a port of its own."""
    sts = FakeSts(keys)
    with serving(sts.answer) as sts.url:
        yield sts
