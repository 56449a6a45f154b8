"""A pull secret that is none is told in words that hold nothing of it."""

import base64
import json
from typing import Any

import pytest
from ocpctl_installer_runner.pull_secret import BadPullSecret, read

PASSWORD = "s3cr3t-of-somebody"
AUTH = base64.b64encode(f"user:{PASSWORD}".encode()).decode()
GOOD = {"auths": {"r.example.com": {"auth": AUTH, "identitytoken": "token-of-identity", "email": "a@b.c"}}}


def with_entry(entry: Any) -> str:
    return json.dumps({"auths": {"r.example.com": entry}})


@pytest.mark.parametrize(
    ("value", "sentence"),
    [
        ("", "it is empty"),
        (" \n", "it is empty"),
        ("\ufeff", "it is empty"),
        (PASSWORD, "it is not JSON"),
        ("[]", 'it has no object "auths"'),
        (json.dumps({"auths": None}), 'it has no object "auths"'),
        (json.dumps({"auths": [GOOD]}), 'it has no object "auths"'),
        (json.dumps({"auths": {}}), 'it has no object "auths"'),
        (with_entry(None), "its entry for 'r.example.com' has no"),
        (with_entry({}), "its entry for 'r.example.com' has no"),
        (with_entry({"auth": 7}), "its entry for 'r.example.com' has no"),
        (with_entry({"auth": PASSWORD}), "its entry for 'r.example.com' has no"),
        (with_entry({"auth": base64.b64encode(PASSWORD.encode()).decode()}), "its entry for 'r.example.com' has no"),
    ],
)
def test_what_is_wrong_is_told(value: str, sentence: str) -> None:
    with pytest.raises(BadPullSecret) as refused:
        read(value)
    assert sentence in str(refused.value)
    assert PASSWORD not in str(refused.value)


def test_a_mark_of_byte_order_is_taken_off() -> None:
    assert json.loads(read("\ufeff" + json.dumps(GOOD)).text) == GOOD


def test_whatever_is_secret_in_it_is_known() -> None:
    value = json.dumps(GOOD, indent=2)
    found = read(value)
    assert {value, found.text, AUTH, "token-of-identity", f"user:{PASSWORD}", PASSWORD} <= set(found.secrets)
    assert found.text.isascii()
    assert PASSWORD not in repr(found)
    assert AUTH not in repr(found)
