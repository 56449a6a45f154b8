"""Secrets never survive, in whatever encoding they come."""

import base64
import json
from urllib.parse import quote

import pytest
from ocpctl_common.telemetry.redaction import MASK, Redactor

SECRET = 'tr0ub4dor&3/"quoted"+plus?'
RAW = SECRET.encode()
FORMS = {
    "raw": SECRET,
    "json": json.dumps(SECRET),
    "json in json": json.dumps(json.dumps(SECRET)),
    "url": quote(SECRET),
    "url, all": quote(SECRET, safe=""),
    "base64": base64.b64encode(RAW).decode(),
    "base64, second alignment": base64.b64encode(b"a" + RAW + b"z").decode(),
    "base64, third alignment": base64.b64encode(b"ab" + RAW + b"yz").decode(),
    "base64url": base64.urlsafe_b64encode(RAW).decode(),
    "hex": RAW.hex(),
    "HEX": RAW.hex().upper(),
    "repr": repr(SECRET),
}


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS.keys())
def test_a_known_secret_in_every_encoding(form: str) -> None:
    line = Redactor([SECRET]).redact(f"before {form} after")
    assert MASK in line
    assert line.startswith("before ")
    assert line.endswith(" after")
    assert form not in line
    middle = form[len(form) // 4 : -len(form) // 4]
    assert middle not in line


@pytest.mark.parametrize(
    "line",
    [
        "key AKIAIOSFODNN7EXAMPLE used",
        "Login with kubeadmin and aB3dE-fG7hI-jK9mN-pQ2sT now",
        "bearer eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJhIn0.c2lnbmF0dXJl",
        "client-key-data: LS0tLS1CRUdJTiBSU0EgUFJJ",
        'pullSecret: {"auths": {"quay.io": {"auth": "c2VjcmV0"}}}',
        "password=hunter2hunter2",
        "-----BEGIN RSA PRIVATE KEY-----\nMIIEow\nabc\n-----END RSA PRIVATE KEY-----",
    ],
)
def test_shapes_of_secrets_that_nobody_told_us(line: str) -> None:
    redacted = Redactor().redact(line)
    assert MASK in redacted
    for secret in ("IOSFODNN", "fG7hI", "eyJzdWIi", "LS0tLS1C", "c2VjcmV0", "hunter2", "MIIEow"):
        assert secret not in redacted


def test_ordinary_lines_stay_as_they_are() -> None:
    line = 'time="2026-11-23T12:00:00Z" level=info msg="Waiting up to 45m0s for bootstrapping to complete..."'
    assert Redactor([SECRET]).redact(line) == line
