"""Whether a request was signed with a key of the key ring. Every check must pass; there is no lenient mode.

Stricter than AWS where AWS takes two ways of writing for one: a path with `//` or `..` and a query that is not encoded
as it is signed are refused, so that no byte of what was signed can be changed on its way.
"""

import hmac
import re
from collections.abc import Collection
from datetime import datetime, timedelta

from ocpctl_common.errors import NotAuthenticated
from ocpctl_common.sigv4 import canonical
from ocpctl_common.sigv4.canonical import HttpRequest
from ocpctl_common.sigv4.keys import AccessKey, KeyRing
from ocpctl_common.sigv4.parsing import Credential, SignedRequest, malformed, parse_amz_date, parse_authorization

MAX_SKEW = timedelta(minutes=5)
TOKEN_HEADER = "x-amz-security-token"  # noqa: S105 - a name
HASH_HEADER = "x-amz-content-sha256"

_METHOD = re.compile(r"[A-Z]{1,32}")
_TARGET = re.compile(r"/[!-~]*")
_HEADER_VALUE = re.compile(r"[\t -~]*")
# The secret of a key that nobody has: an unknown key must cost as long as a wrong signature.
_NOBODY = AccessKey(access_key_id="NOBODY00", secret="-", arn="", user_id="", account="")  # noqa: S106 - no real secret


class KeyUnknown(Exception):
    """The cause of a refusal, for the log and the audit. The caller is named nothing of it."""


def verify_request(
    request: HttpRequest,
    *,
    service: str,
    regions: Collection[str],
    keys: KeyRing,
    now: datetime,
    max_skew: timedelta = MAX_SKEW,
) -> AccessKey:
    """The key that signed exactly this request for this service, region and time.

    Raises NotAuthenticated with the reason MALFORMED_SIGNATURE, TARGET_NOT_CANONICAL, SCOPE_WRONG, REQUEST_EXPIRED,
    BODY_CHANGED or SIGNATURE_MISMATCH; the last also for an unknown key, which only its cause (KeyUnknown) tells.
    """
    signed = parse_authorization(request.headers.get("authorization", ""))
    _check_shape(request, signed)
    _check_target(request.path)
    check_date(request.headers["x-amz-date"], now=now, max_skew=max_skew)
    _check_scope(signed.credential, request.headers["x-amz-date"], service, regions)
    _check_body(request)
    return _check_signature(request, signed, keys)


def check_date(amz_date: str, *, now: datetime, max_skew: timedelta = MAX_SKEW) -> None:
    """The date is near `now`. Raises NotAuthenticated (REQUEST_EXPIRED, MALFORMED_SIGNATURE)."""
    try:
        signed_at = parse_amz_date(amz_date)
    except ValueError as error:
        raise malformed(f"x-amz-date {error}") from error
    if abs(now - signed_at) > max_skew:
        minutes = int(max_skew.total_seconds() // 60)
        sentence = (
            f"signed more than {minutes} minutes from now, which is {now:%Y%m%dT%H%M%SZ}: set your clock, sign again"
        )
        raise NotAuthenticated(sentence, reason="REQUEST_EXPIRED")


def _check_shape(request: HttpRequest, signed: SignedRequest) -> None:
    if not _METHOD.fullmatch(request.method):
        raise malformed("the method must be capital letters")
    if missing := [name for name in signed.signed_headers if name not in request.headers]:
        raise malformed(f"the signed header {missing[0]} did not arrive")
    if strange := [name for name in signed.signed_headers if not _HEADER_VALUE.fullmatch(request.headers[name])]:
        raise malformed(f"the signed header {strange[0]} must be printable ASCII")


def _check_target(target: str) -> None:
    path, _, query = target.partition("?")
    if not _TARGET.fullmatch(target) or "#" in target or canonical.normal_path(path) != path:
        raise _not_canonical("the path must be sent without //, . and .. segments, in ASCII")
    words = [word for parameter in query.split("&") for word in parameter.partition("=")[::2]]
    if not all(canonical.encoded(word) == word for word in words):
        sentence = "in the query everything but letters, digits and -._~ must be percent-encoded, in capital digits"
        raise _not_canonical(f"{sentence} (a space is %20, @ is %40, = in a value is %3D)")


def _check_scope(credential: Credential, amz_date: str, service: str, regions: Collection[str]) -> None:
    if credential.date != amz_date[:8]:
        raise _scope_wrong("the date in Credential must be the day of x-amz-date")
    if credential.service != service:
        raise _scope_wrong(f"sign for the service {service}")
    if credential.region not in regions:
        raise _scope_wrong(f"{credential.region!r} is not allowed; sign for one of {', '.join(sorted(regions))}")


def _check_body(request: HttpRequest) -> None:
    """A hash that is sent must be the body's: unsigned and streaming payloads have none."""
    named = request.headers.get(HASH_HEADER)
    if named is not None and not _equal(named, canonical.payload_hash(request.body)):
        sentence = (
            f"{HASH_HEADER} is not the SHA-256 of the body that arrived; unsigned and streaming payloads are not taken"
        )
        raise NotAuthenticated(sentence, reason="BODY_CHANGED")


def _check_signature(request: HttpRequest, signed: SignedRequest, keys: KeyRing) -> AccessKey:
    """One answer for an unknown key, a wrong token and a wrong signature, in the same time."""
    known = keys.find(signed.credential.access_key_id)
    key = known or _NOBODY
    right_token = _equal(request.headers.get(TOKEN_HEADER, ""), key.session_token or "")
    right_signature = _equal(signed.signature, _signature(request, signed, key.secret))
    if known is None:
        raise _mismatch() from KeyUnknown(signed.credential.access_key_id)
    if not (right_token and right_signature):
        raise _mismatch()
    return key


def _signature(request: HttpRequest, signed: SignedRequest, secret: str) -> str:
    scope = signed.credential
    text = canonical.string_to_sign(
        canonical.canonical_request(request, signed.signed_headers, canonical.payload_hash(request.body)),
        amz_date=request.headers["x-amz-date"],
        scope=scope.scope,
    )
    key = canonical.signing_key(secret, date=scope.date, region=scope.region, service=scope.service)
    return canonical.signature(key, text)


def _equal(one: str, other: str) -> bool:
    return hmac.compare_digest(one.encode("utf-8", "surrogatepass"), other.encode("utf-8", "surrogatepass"))


def _mismatch() -> NotAuthenticated:
    sentence = "the access key is unknown, or its signature or session token does not match this request"
    return NotAuthenticated(
        f"{sentence}: check the key and its secret, and that nothing changes the request on its way",
        reason="SIGNATURE_MISMATCH",
    )


def _scope_wrong(sentence: str) -> NotAuthenticated:
    return NotAuthenticated(f"the signature is for something else: {sentence}", reason="SCOPE_WRONG")


def _not_canonical(sentence: str) -> NotAuthenticated:
    return NotAuthenticated(f"the signed address can be read in two ways: {sentence}", reason="TARGET_NOT_CANONICAL")
