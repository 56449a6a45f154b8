"""What botocore signs is verified; what was changed afterwards is not."""

import hashlib
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from urllib.parse import quote, urlsplit

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import ReadOnlyCredentials
from hypothesis import given, settings
from hypothesis import strategies as st
from ocpctl_common.errors import NotAuthenticated
from ocpctl_common.sigv4.canonical import HttpRequest
from ocpctl_common.sigv4.keys import AccessKey, KeyRing
from ocpctl_common.sigv4.parsing import parse_amz_date
from ocpctl_common.sigv4.verifying import KeyUnknown, verify_request

OWNER = {"arn": "arn:aws:iam::123456789012:user/ann", "user_id": "AIDAEXAMPLE0", "account": "123456789012"}
LONG = AccessKey(access_key_id="AKIAEXAMPLE0", secret="long-term/secret", **OWNER)
SHORT = AccessKey(access_key_id="ASIAEXAMPLE0", secret="short", session_token="IQoJb3JpZ2luX2VjE//+==", **OWNER)
KEYS = KeyRing([LONG, SHORT])
REGIONS = ["eu-central-1", "us-east-1"]


def signed(
    method: str = "POST",
    url: str = "https://ocpctl.example.com/api/v1/clusters?pageSize=5",
    headers: dict[str, str] | None = None,
    body: bytes = b'{"name":"a"}',
    key: AccessKey = LONG,
    service: str = "ocpctl",
) -> HttpRequest:
    """A request as botocore signs it, as it comes over the wire."""
    request = AWSRequest(method=method, url=url, headers=headers or {}, data=body)
    credentials = ReadOnlyCredentials(key.access_key_id, key.secret, key.session_token)
    SigV4Auth(credentials, service, "us-east-1").add_auth(request)
    host = urlsplit(url).netloc
    sent = {name.lower(): str(value) for name, value in request.headers.items()}
    return HttpRequest(
        method=method, path=url.removeprefix(f"https://{host}"), headers={"host": host, **sent}, body=body
    )


def verify(request: HttpRequest, now: datetime | None = None, service: str = "ocpctl") -> AccessKey:
    at = now or parse_amz_date(request.headers["x-amz-date"])
    return verify_request(request, service=service, regions=REGIONS, keys=KEYS, now=at)


def with_header(request: HttpRequest, name: str, value: str) -> HttpRequest:
    return replace(request, headers={**request.headers, name: value})


def without_header(request: HttpRequest, name: str) -> HttpRequest:
    return replace(request, headers={key: value for key, value in request.headers.items() if key != name})


def refusal(request: HttpRequest, now: datetime | None = None) -> NotAuthenticated:
    with pytest.raises(NotAuthenticated) as caught:
        verify(request, now or datetime.now(tz=UTC))
    return caught.value


def test_who_signed() -> None:
    assert verify(signed()) is LONG
    assert verify(signed(key=SHORT)) is SHORT
    told = {"X-Amz-Content-SHA256": hashlib.sha256(b"x").hexdigest()}
    assert verify(signed(body=b"x", headers=told)) is LONG


NOBODY = replace(LONG, access_key_id="AKIANOBODY00")
CHANGES: dict[str, tuple[Callable[[], HttpRequest], str]] = {
    "no signature": (lambda: without_header(signed(), "authorization"), "MALFORMED_SIGNATURE"),
    "a signed header is gone": (lambda: without_header(signed(), "x-amz-date"), "MALFORMED_SIGNATURE"),
    "a method in small letters": (lambda: replace(signed(), method="post"), "MALFORMED_SIGNATURE"),
    "a line break in a header": (lambda: with_header(signed(), "host", "a\r\nb"), "MALFORMED_SIGNATURE"),
    "a date of words": (lambda: with_header(signed(), "x-amz-date", "today"), "MALFORMED_SIGNATURE"),
    "//": (lambda: replace(signed(), path="/api//v1/clusters"), "TARGET_NOT_CANONICAL"),
    "..": (lambda: replace(signed(), path="/api/../api"), "TARGET_NOT_CANONICAL"),
    "a fragment": (lambda: replace(signed(), path="/api#x"), "TARGET_NOT_CANONICAL"),
    "another host in the path": (lambda: replace(signed(), path="http://evil.com/"), "TARGET_NOT_CANONICAL"),
    "a plus for a space": (lambda: replace(signed(), path="/api?a=b+c"), "TARGET_NOT_CANONICAL"),
    "an unencoded @": (lambda: replace(signed(), path="/api?owner=a@b"), "TARGET_NOT_CANONICAL"),
    "small hex digits": (lambda: replace(signed(), path="/api?owner=a%3ab"), "TARGET_NOT_CANONICAL"),
    "an encoded letter": (lambda: replace(signed(), path="/api?owner=%61"), "TARGET_NOT_CANONICAL"),
    "half an escape": (lambda: replace(signed(), path="/api?owner=%4"), "TARGET_NOT_CANONICAL"),
    "another service": (lambda: signed(service="sts"), "SCOPE_WRONG"),
    "another path": (lambda: replace(signed(), path="/api/v1/profiles"), "SIGNATURE_MISMATCH"),
    "%2F for /": (lambda: replace(signed(), path="/api/v1%2Fclusters?pageSize=5"), "SIGNATURE_MISMATCH"),
    "another body": (lambda: replace(signed(), body=b"{}"), "SIGNATURE_MISMATCH"),
    "a body that was hashed": (
        lambda: replace(
            signed(headers={"x-amz-content-sha256": hashlib.sha256(b"x").hexdigest()}, body=b"x"), body=b"y"
        ),
        "BODY_CHANGED",
    ),
    "an unsigned payload": (lambda: signed(headers={"x-amz-content-sha256": "UNSIGNED-PAYLOAD"}), "BODY_CHANGED"),
    "a streaming payload": (
        lambda: signed(headers={"x-amz-content-sha256": "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"}),
        "BODY_CHANGED",
    ),
    "another secret": (lambda: signed(key=replace(LONG, secret="other")), "SIGNATURE_MISMATCH"),
    "another token": (lambda: signed(key=replace(SHORT, session_token="other")), "SIGNATURE_MISMATCH"),
    "no token": (lambda: signed(key=replace(SHORT, session_token=None)), "SIGNATURE_MISMATCH"),
    "a token for a key without": (lambda: signed(key=replace(LONG, session_token="x")), "SIGNATURE_MISMATCH"),
    "a token that is no text": (lambda: with_header(signed(), "x-amz-security-token", "\ud800"), "SIGNATURE_MISMATCH"),
    "an unknown key": (lambda: signed(key=NOBODY), "SIGNATURE_MISMATCH"),
}


@pytest.mark.parametrize(("change", "reason"), CHANGES.values(), ids=CHANGES.keys())
def test_what_is_refused_and_why(change: Callable[[], HttpRequest], reason: str) -> None:
    assert refusal(change()).reason == reason


def test_the_clock_may_differ_by_five_minutes() -> None:
    request = signed()
    at = parse_amz_date(request.headers["x-amz-date"])
    for skew in (timedelta(minutes=5), timedelta(minutes=-5)):
        assert verify(request, at + skew) is LONG
    for skew in (timedelta(minutes=6), timedelta(minutes=-6), timedelta(days=365)):
        assert refusal(request, at + skew).reason == "REQUEST_EXPIRED"


def test_the_scope_is_of_the_day_and_of_an_allowed_region() -> None:
    request = signed()
    day = request.headers["x-amz-date"][:8]
    other_day = request.headers["authorization"].replace(f"/{day}/", "/20200101/")
    assert refusal(with_header(request, "authorization", other_day)).reason == "SCOPE_WRONG"
    elsewhere = request.headers["authorization"].replace("us-east-1", "us-west-2")
    refused = refusal(with_header(request, "authorization", elsewhere))
    assert refused.reason == "SCOPE_WRONG"
    assert "'us-west-2' is not allowed; sign for one of eu-central-1, us-east-1" in refused.message
    allowed = request.headers["authorization"].replace("us-east-1", "eu-central-1")
    assert refusal(with_header(request, "authorization", allowed)).reason == "SIGNATURE_MISMATCH"


def test_nobody_learns_whether_a_key_exists_but_our_own_log() -> None:
    unknown, wrong = refusal(signed(key=NOBODY)), refusal(signed(key=replace(LONG, secret="other")))
    assert (unknown.message, unknown.reason) == (wrong.message, wrong.reason)
    assert isinstance(unknown.__cause__, KeyUnknown)
    assert wrong.__cause__ is None


words = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
segments = words.filter(lambda word: word not in ("", ".", ".."))
safe = st.sampled_from(["", ":@!$&'()*+,;=~"])
paths = st.builds(
    lambda parts, safe, slash: "".join(f"/{quote(part, safe=safe)}" for part in parts) + "/" * (slash or not parts),
    st.lists(segments, max_size=4),
    safe,
    st.booleans(),
)
queries = st.lists(st.tuples(words, words), max_size=4).map(
    lambda pairs: "&".join(f"{quote(name, safe='~')}={quote(value, safe='~')}" for name, value in pairs)
)
values = st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=12)
header_names = st.from_regex(r"x-test-[a-z0-9]{1,6}|content-type|idempotency-key", fullmatch=True)
requests = st.builds(
    lambda method, path, query, headers, body, key: signed(
        method, f"https://ocpctl.example.com{path}" + (f"?{query}" if query else ""), headers, body, key
    ),
    st.sampled_from(["GET", "POST", "DELETE", "PUT", "PATCH"]),
    paths,
    queries,
    st.dictionaries(header_names, values, max_size=3),
    st.binary(max_size=40),
    st.sampled_from([LONG, SHORT]),
)


@given(request=requests)
@settings(max_examples=150, deadline=None)
def test_whatever_botocore_signs_is_verified(request: HttpRequest) -> None:
    assert verify(request).access_key_id in request.headers["authorization"]


def flipped(data: st.DataObject, content: bytes) -> bytes:
    """The bytes with one bit changed."""
    bit = data.draw(st.integers(0, len(content) * 8 - 1), label="bit")
    return bytes(byte ^ (1 << bit % 8 if at == bit // 8 else 0) for at, byte in enumerate(content))


def flipped_text(data: st.DataObject, text: str) -> str:
    return flipped(data, text.encode("latin-1")).decode("latin-1")


def changed(data: st.DataObject, request: HttpRequest) -> HttpRequest:
    """The request with one bit changed in a part that is signed."""
    signed_headers = [name for name, value in request.headers.items() if value]
    part = data.draw(st.sampled_from(["method", "path", "body" if request.body else "path", "header"]), label="part")
    if part == "method":
        return replace(request, method=flipped_text(data, request.method))
    if part == "path":
        return replace(request, path=flipped_text(data, request.path))
    if part == "body":
        return replace(request, body=flipped(data, request.body))
    name = data.draw(st.sampled_from(signed_headers), label="header")
    value = request.headers[name].strip(" ")
    return with_header(request, name, flipped_text(data, value) if value else "x")


@given(request=requests, data=st.data())
@settings(max_examples=300, deadline=None)
def test_one_changed_bit_is_refused(request: HttpRequest, data: st.DataObject) -> None:
    now = parse_amz_date(request.headers["x-amz-date"])
    with pytest.raises(NotAuthenticated):
        verify(changed(data, request), now)
