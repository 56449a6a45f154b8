"""The proof of a login: the fields of a signed GetCallerIdentity, and the request that is rebuilt from them.

A client sends fields only. The whole request is built here, so that nothing of it but these fields is the client's:
not the host, not the action, not a header, not a parameter. Pure.
"""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime

from ocpctl_common.errors import FieldProblem, InvalidRequest
from ocpctl_common.sigv4.canonical import HttpRequest
from ocpctl_common.sigv4.parsing import (
    ACCESS_KEY_ID,
    REGION,
    SIGNATURE,
    Credential,
    SignedRequest,
    parse_amz_date,
)
from ocpctl_common.sigv4.verifying import TOKEN_HEADER, check_date

SERVICE = "sts"
BODY = b"Action=GetCallerIdentity&Version=2011-06-15"
CONTENT_TYPE = "application/x-www-form-urlencoded; charset=utf-8"
AUDIENCE_HEADER = "x-ocpctl-audience"
NONCE_HEADER = "x-ocpctl-nonce"

_NONCE = re.compile(r"[A-Za-z0-9_-]{43,64}")  # 32 bytes, in base64url or hex
_SESSION_TOKEN = re.compile(r"([A-Za-z0-9+/=_-]{16,8192})?")


@dataclass(frozen=True, slots=True, kw_only=True)
class LoginProof:
    """What a client sends to sign in. `session_token` is empty for a key without one."""

    access_key_id: str
    region: str
    amz_date: str
    session_token: str = field(default="", repr=False)
    nonce: str
    signature: str = field(repr=False)


def check_proof(proof: LoginProof, *, now: datetime, regions: Collection[str]) -> None:
    """Every field is of its pattern, the region is allowed, the date is within five minutes of `now`.

    Raises InvalidRequest that names every wrong field, or NotAuthenticated (REQUEST_EXPIRED).
    """
    if problems := list(_problems(proof, regions)):
        detail = "; ".join(f"{problem.field}: {problem.description}" for problem in problems)
        raise InvalidRequest(f"the login proof is malformed: {detail}", problems=problems)
    check_date(proof.amz_date, now=now)


def sts_host(region: str) -> str:
    """The host of AWS STS in a region; no other host can come out. Raises InvalidRequest."""
    if not REGION.fullmatch(region):
        raise InvalidRequest("the login proof is malformed", problems=[_problem("region", "must be an AWS region")])
    return f"sts.{region}.amazonaws.com" + (".cn" if region.startswith("cn-") else "")


def request_to_sign(*, audience: str, nonce: str, amz_date: str, session_token: str, host: str) -> HttpRequest:
    """The whole request that a client signs; all of its headers are signed."""
    token = {TOKEN_HEADER: session_token} if session_token else {}
    headers = {
        "content-type": CONTENT_TYPE,
        "host": host,
        "x-amz-date": amz_date,
        **token,
        AUDIENCE_HEADER: audience,
        NONCE_HEADER: nonce,
    }
    return HttpRequest(method="POST", path="/", headers=headers, body=BODY)


def signed_request(proof: LoginProof, audience: str) -> HttpRequest:
    """The request of a checked proof, with its signature, as it goes to STS."""
    request = request_to_sign(
        audience=audience,
        nonce=proof.nonce,
        amz_date=proof.amz_date,
        session_token=proof.session_token,
        host=sts_host(proof.region),
    )
    credential = Credential(
        access_key_id=proof.access_key_id, date=proof.amz_date[:8], region=proof.region, service=SERVICE
    )
    names = tuple(sorted(request.headers))
    signed = SignedRequest(credential=credential, signed_headers=names, signature=proof.signature)
    return replace(request, headers={**request.headers, "authorization": signed.header})


def _problems(proof: LoginProof, regions: Collection[str]) -> Iterator[FieldProblem]:
    if not ACCESS_KEY_ID.fullmatch(proof.access_key_id):
        yield _problem("accessKeyId", "must be capital letters and digits")
    if not REGION.fullmatch(proof.region) or proof.region not in regions:
        yield _problem("region", f"{proof.region[:64]!r} is not allowed; sign for one of {', '.join(sorted(regions))}")
    if sentence := _date_problem(proof.amz_date):
        yield _problem("amzDate", sentence)
    if not _SESSION_TOKEN.fullmatch(proof.session_token):
        yield _problem("sessionToken", "must be the session token of the AWS credentials, or absent")
    if not _NONCE.fullmatch(proof.nonce):
        yield _problem("nonce", "must be the nonce of this login as the server gave it")
    if not SIGNATURE.fullmatch(proof.signature):
        yield _problem("signature", "must be 64 lower-case hexadecimal digits")


def _date_problem(value: str) -> str:
    try:
        parse_amz_date(value)
    except ValueError:
        return "must be the x-amz-date that was signed, such as 20260830T123600Z"
    return ""


def _problem(name: str, description: str) -> FieldProblem:
    return FieldProblem(field=name, description=description, reason="LOGIN_PROOF_INVALID")
