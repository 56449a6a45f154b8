"""An Authorization header has one reading or none; a key ring says what is wrong with its file."""

import json
from pathlib import Path
from typing import Any

import pytest
from ocpctl_common.errors import NotAuthenticated
from ocpctl_common.sigv4.canonical import HttpRequest
from ocpctl_common.sigv4.keys import AccessKey, KeyRing, KeyRingInvalid
from ocpctl_common.sigv4.parsing import Credential, SignedRequest, parse_amz_date, parse_authorization

CREDENTIAL = "Credential=AKIAEXAMPLE0/20260830/us-east-1/ocpctl/aws4_request"
NAMES = "SignedHeaders=host;x-amz-date"
SIGNATURE = f"Signature={'ab' * 32}"
GOOD = f"AWS4-HMAC-SHA256 {CREDENTIAL}, {NAMES}, {SIGNATURE}"


def test_the_parts_of_a_header() -> None:
    expected = SignedRequest(
        credential=Credential(access_key_id="AKIAEXAMPLE0", date="20260830", region="us-east-1", service="ocpctl"),
        signed_headers=("host", "x-amz-date"),
        signature="ab" * 32,
    )
    assert parse_authorization(GOOD) == expected
    assert parse_authorization(GOOD.replace(", ", ",")) == expected
    assert expected.header == GOOD


REFUSED = {
    "nothing": "",
    "a bearer token": "Bearer abc",
    "another algorithm": GOOD.replace("SHA256", "SHA1", 1),
    "asymmetric signatures": GOOD.replace("AWS4-HMAC-SHA256", "AWS4-ECDSA-P256-SHA256"),
    "algorithm in small letters": GOOD.replace("AWS4", "aws4"),
    "algorithm none": GOOD.replace("AWS4-HMAC-SHA256", "none"),
    "a part twice": f"{GOOD}, {SIGNATURE}",
    "a part in other case": f"{GOOD}, signature={'cd' * 32}",
    "an unknown part": f"{GOOD}, Extra=1",
    "a part missing": f"AWS4-HMAC-SHA256 {CREDENTIAL}, {NAMES}",
    "a comma at the end": f"{GOOD},",
    "two spaces": GOOD.replace(", ", ",  "),
    "a line break": GOOD.replace(", ", ",\n"),
    "a line break at the end": f"{GOOD}\n",
    "a short credential": GOOD.replace("/ocpctl", ""),
    "a long credential": GOOD.replace("/ocpctl", "/ocpctl/x"),
    "another terminator": GOOD.replace("aws4_request", "aws5_request"),
    "a longer terminator": GOOD.replace("aws4_request", "aws4_request2"),
    "a key id in small letters": GOOD.replace("AKIAEXAMPLE0", "akiaexample0"),
    "a region that is a host": GOOD.replace("us-east-1", "us-east-1.evil.com"),
    "a date of words": GOOD.replace("20260830", "2026083O"),
    "digits of another script": GOOD.replace("20260830", "2026083٠"),
    "a service in capitals": GOOD.replace("ocpctl", "Ocpctl"),
    "a signature in capitals": GOOD.replace("ab" * 32, "AB" * 32),
    "a short signature": GOOD.replace("ab" * 32, "ab" * 31),
    "headers out of order": GOOD.replace("host;x-amz-date", "x-amz-date;host"),
    "a header twice": GOOD.replace("host;x-amz-date", "host;host;x-amz-date"),
    "a header in capitals": GOOD.replace("host;x", "Host;x"),
    "an empty header name": GOOD.replace("host;x", "host;;x"),
    "host unsigned": GOOD.replace("host;", ""),
    "date unsigned": GOOD.replace(";x-amz-date", ""),
    "too long": GOOD.replace("host;", f"host;{'i' * 9000};"),
}


@pytest.mark.parametrize("header", REFUSED.values(), ids=REFUSED.keys())
def test_anything_else_is_refused(header: str) -> None:
    with pytest.raises(NotAuthenticated) as refusal:
        parse_authorization(header)
    assert refusal.value.reason == "MALFORMED_SIGNATURE"


@pytest.mark.parametrize(
    "value", ["20260230T000000Z", "2026083T0000000Z", "20260830T250000Z", "20260830T123600", "٢0260830T123600Z"]
)
def test_a_date_that_is_none(value: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        parse_amz_date(value)


def test_a_header_name_in_capitals_cannot_hide() -> None:
    with pytest.raises(ValueError, match="lower case"):
        HttpRequest(method="GET", path="/", headers={"Authorization": GOOD})


ENTRY = {
    "access_key_id": "AKIAEXAMPLE0",
    "secret": "very-secret",
    "arn": "arn:aws:iam::123456789012:user/ann",
    "user_id": "AIDAEXAMPLE0",
    "account": "123456789012",
}


def ring(folder: Path, content: Any) -> KeyRing:
    path = folder / "keys.json"
    path.write_text(content if isinstance(content, str) else json.dumps(content))
    return KeyRing.load(path)


def test_keys_of_a_file_and_what_is_printed_of_them(tmp_path: Path) -> None:
    other = {**ENTRY, "access_key_id": "ASIAEXAMPLE0", "session_token": "very-secret-token"}
    keys = ring(tmp_path, [ENTRY, other])
    found = keys.find("ASIAEXAMPLE0")
    assert found == AccessKey(**other)
    assert keys.find("AKIAEXAMPLE0") == AccessKey(**ENTRY, session_token=None)
    assert keys.find("AKIANOBODY00") is None
    assert "very-secret" not in f"{found!r} {found} {keys!r} {keys}"


WRONG_FILES = {
    "no JSON": ("{", "cannot be read as JSON"),
    "no list": ({}, "must be a list"),
    "no object": ([[]], "key 1: must be an object"),
    "a missing field": ([{**ENTRY, "arn": None}], "key 1: arn must be a text"),
    "an unknown field": ([ENTRY, {**ENTRY, "sekret": "x"}], "key 2: unknown field sekret; allowed are access_key_id"),
    "a number": ([{**ENTRY, "account": 123456789012}], "key 1: account must be a text"),
    "a bad id": ([{**ENTRY, "access_key_id": "a/b"}], "'a/b': must be 8 to 128 capital letters and digits"),
    "an empty secret": ([{**ENTRY, "secret": ""}], "may not be empty"),
    "an empty token": ([{**ENTRY, "session_token": ""}], "may not be empty"),
    "a double": ([ENTRY, ENTRY], "AKIAEXAMPLE0: comes twice"),
}


@pytest.mark.parametrize(("content", "message"), WRONG_FILES.values(), ids=WRONG_FILES.keys())
def test_a_wrong_file_is_explained_without_its_secrets(tmp_path: Path, content: Any, message: str) -> None:
    with pytest.raises(KeyRingInvalid, match=message) as refusal:
        ring(tmp_path, content)
    assert "very-secret" not in str(refusal.value)


def test_a_missing_file(tmp_path: Path) -> None:
    with pytest.raises(KeyRingInvalid, match=r"nothing\.json: cannot be read"):
        KeyRing.load(tmp_path / "nothing.json")
