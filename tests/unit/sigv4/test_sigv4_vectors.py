"""The canonical form, the string to sign and the signature are AWS's, by AWS's own published vectors."""

import hashlib
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml
from ocpctl_common.errors import NotAuthenticated
from ocpctl_common.sigv4 import canonical
from ocpctl_common.sigv4.canonical import HttpRequest
from ocpctl_common.sigv4.keys import AccessKey, KeyRing
from ocpctl_common.sigv4.verifying import verify_request

SUITE = yaml.safe_load((Path(__file__).parent / "sigv4_vectors.yaml").read_text())
KEY = SUITE["key"]
SCOPE = f"20150830/{KEY['region']}/{KEY['service']}/aws4_request"
NOW = datetime(2015, 8, 30, 12, 38, tzinfo=UTC)
Vector = dict[str, Any]

vectors = pytest.mark.parametrize("vector", SUITE["vectors"], ids=lambda vector: vector["name"])


def lines(vector: Vector, kind: str) -> dict[str, str]:
    """The headers of a vector; several lines of one name are joined as Envoy joins them, without white space around."""
    joined: dict[str, str] = {}
    for name, value in vector.get(kind, []):
        joined[name] = f"{joined[name]},{value.strip()}" if name in joined else value
    return joined


def signed_names(vector: Vector) -> list[str]:
    return sorted({"host", "x-amz-date", *lines(vector, "headers")})


def request(vector: Vector) -> HttpRequest:
    names = ";".join(signed_names(vector))
    owner = f"{KEY['access_key_id']}/{SCOPE}"
    headers = {
        "host": KEY["host"],
        "x-amz-date": KEY["amz_date"],
        "authorization": f"AWS4-HMAC-SHA256 Credential={owner}, SignedHeaders={names}, Signature={vector['signature']}",
        **lines(vector, "headers"),
        **lines(vector, "unsigned"),
    }
    body = vector.get("body", "").encode()
    return HttpRequest(method=vector.get("method", "GET"), path=vector["target"], headers=headers, body=body)


@vectors
def test_the_signature(vector: Vector) -> None:
    payload = canonical.payload_hash(vector.get("body", "").encode())
    text = canonical.canonical_request(request(vector), signed_names(vector), payload)
    if "canonical_hash" in vector:
        assert hashlib.sha256(text.encode()).hexdigest() == vector["canonical_hash"]
    key = canonical.signing_key(KEY["secret"], date="20150830", region=KEY["region"], service=KEY["service"])
    to_sign = canonical.string_to_sign(text, amz_date=KEY["amz_date"], scope=SCOPE)
    assert canonical.signature(key, to_sign) == vector["signature"]


@vectors
def test_path_and_query(vector: Vector) -> None:
    path, _, query = vector["target"].partition("?")
    assert canonical.canonical_path(path) == vector.get("path", path)
    assert canonical.canonical_query(query) == vector.get("query", query)


@vectors
def test_the_verifier_takes_what_has_one_reading_and_refuses_the_rest(vector: Vector) -> None:
    token = {**lines(vector, "headers"), **lines(vector, "unsigned")}.get("x-amz-security-token")
    owner = AccessKey(
        access_key_id=KEY["access_key_id"], secret=KEY["secret"], session_token=token, arn="", user_id="", account=""
    )
    path = vector["target"].partition("?")[0]
    ambiguous = canonical.normal_path(path) != path or not vector["target"].isascii() or " " in path
    several_lines = "\n" in "".join(lines(vector, "headers").values())

    def verify() -> AccessKey:
        return verify_request(
            request(vector), service=KEY["service"], regions=[KEY["region"]], keys=KeyRing([owner]), now=NOW
        )

    if not ambiguous and not several_lines:
        assert verify() is owner
        return
    with pytest.raises(NotAuthenticated) as refusal:
        verify()
    assert refusal.value.reason == ("TARGET_NOT_CANONICAL" if ambiguous else "MALFORMED_SIGNATURE")


def test_the_example_of_the_user_guide() -> None:
    """IAM ListUsers, with the intermediate values that AWS prints."""
    content_type = "application/x-www-form-urlencoded; charset=utf-8"
    headers = {"content-type": content_type, "host": "iam.amazonaws.com", "x-amz-date": KEY["amz_date"]}
    example = HttpRequest(method="GET", path="/?Action=ListUsers&Version=2010-05-08", headers=headers)
    text = canonical.canonical_request(example, sorted(headers), canonical.payload_hash(b""))
    to_sign = canonical.string_to_sign(text, amz_date=KEY["amz_date"], scope="20150830/us-east-1/iam/aws4_request")
    assert to_sign.splitlines()[-1] == "f536975d06c0309214f805bb90ccff089219ecd68b2577efef23edd43b7e1a59"
    key = canonical.signing_key(KEY["secret"], date="20150830", region="us-east-1", service="iam")
    assert key.hex() == "c4afb1cc5771d871763a393e44b703571b55cc28424d1a5e86da6ed3c154a4b9"
    expected = "5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7"
    assert canonical.signature(key, to_sign) == expected


def test_an_unsigned_payload_is_a_word_in_place_of_the_hash() -> None:
    text = canonical.canonical_request(
        HttpRequest(method="PUT", path="", headers={"host": "a"}, body=b"x"), ["host"], canonical.UNSIGNED_PAYLOAD
    )
    assert text == "PUT\n/\n\nhost:a\n\nhost\nUNSIGNED-PAYLOAD"
