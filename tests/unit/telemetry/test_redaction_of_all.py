"""Random secrets in random surroundings never survive in any of the named encodings; the encoders here are our own."""

import base64
import binascii
import html
import json
import string
from collections.abc import Callable
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st
from ocpctl_common.telemetry import metrics
from ocpctl_common.telemetry.redaction import (
    DROPPED,
    ENCODINGS,
    MASK,
    PATTERNS,
    SHORTEST,
    Redactor,
    may_hold_a_shape,
)

# Surrogates are no text; the rest of Unicode is.
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
SECRETS = st.text(
    st.sampled_from(string.ascii_letters + string.digits + "!\"#$%&'()*+,-./:;<=>?@[\\]^_` ~é€"),
    min_size=12,
    max_size=64,
)

Whole = Callable[[str, str, str], tuple[str, str]]


def textual(encode: Callable[[str], str]) -> Whole:
    """An encoding of characters: the secret's part is its own encoding."""
    return lambda before, secret, after: (encode(before) + encode(secret) + encode(after), encode(secret))


def base64_of(encode: Callable[[bytes], bytes]) -> Whole:
    """Encodes all together; the secret's part are the characters whose six bits are all the secret's."""

    def whole(before: str, secret: str, after: str) -> tuple[str, str]:
        encoded = encode((before + secret + after).encode()).decode()
        begin, length = len(before.encode()), len(secret.encode())
        return encoded, encoded[-(-begin * 8 // 6) : (begin + length) * 8 // 6]

    return whole


CASES: dict[str, Whole] = {
    "raw": textual(str),
    "reversed": textual(lambda text: text[::-1]),
    "JSON": textual(lambda text: json.dumps(text)[1:-1]),
    "JSON in JSON": textual(lambda text: json.dumps(json.dumps(text)[1:-1])[1:-1]),
    "JSON of Go": textual(
        lambda text: json.dumps(text, ensure_ascii=False)[1:-1].translate({38: "\\u0026", 60: "\\u003c", 62: "\\u003e"})
    ),
    "repr of Python": textual(lambda text: repr(text)[1:-1]),
    "HTML and XML": textual(html.escape),
    "URL": textual(quote),
    "URL, slashes too": textual(lambda text: quote(text, safe="")),
    "URL of JavaScript": textual(lambda text: quote(text, safe="-_.!~*'()")),
    "form": textual(quote_plus),
    "hex": textual(lambda text: binascii.hexlify(text.encode()).decode()),
    "HEX": textual(lambda text: text.encode().hex().upper()),
    "base64": base64_of(base64.b64encode),
    "base64url": base64_of(base64.urlsafe_b64encode),
}


def test_every_encoding_that_is_named_is_tested() -> None:
    assert CASES.keys() == ENCODINGS.keys()
    assert len(CASES) >= 12


@pytest.mark.parametrize("name", CASES)
@settings(max_examples=40, deadline=None)
@example(before="", secret="abcdefghijkl", after="")
@example(before="x", secret="pa/ss+wo=rd&<>'\"\\", after="yz")
@given(before=TEXT, secret=SECRETS, after=TEXT)
def test_a_secret_does_not_survive(name: str, before: str, secret: str, after: str) -> None:
    assume(secret not in MASK)
    text, part = CASES[name](before, secret, after)
    assert part in text
    redacted = Redactor([secret]).redact(text)
    assert part not in redacted
    assert MASK in redacted
    assert len(redacted) >= len(before) + len(after) - len(part), "only the secret is taken out"


def test_of_two_secrets_of_which_one_holds_the_other_nothing_is_left() -> None:
    assert (
        Redactor(["inner-secret", "outer-inner-secret-outer"]).redact("a outer-inner-secret-outer b") == f"a {MASK} b"
    )


def test_short_values_are_left_alone_because_they_are_ordinary_words() -> None:
    assert Redactor(["a" * (SHORTEST - 1)]).redact("aaaaa") == "aaaaa"


def test_what_cannot_be_redacted_is_dropped_and_counted() -> None:
    before = metrics.redaction_drops._value.get()
    assert Redactor(["long-enough-secret"]).redact(b"long-enough-secret") == DROPPED  # type: ignore[arg-type]
    assert metrics.redaction_drops._value.get() == before + 1


@pytest.mark.parametrize("how", ["base64 twice", "line ends within base64"])
def test_what_is_known_not_to_be_found(how: str) -> None:
    """Said in the module, so that nobody relies on it; a find here is good news and changes that sentence."""
    secret = "correct horse battery staple" * 4
    once = base64.b64encode(secret.encode())
    text = (base64.b64encode(once) if how == "base64 twice" else base64.encodebytes(secret.encode())).decode()
    assert Redactor([secret]).redact(text) == text


PIECES = st.one_of(
    st.sampled_from(
        [
            *(
                "-----BEGIN",
                " PRIVATE KEY-----",
                "AKIA",
                "ASIA",
                "A" * 16,
                "eyJ",
                "abcdefgh",
                "-",
                ".",
                " ",
                "abcde",
                "x",
            ),
            *(
                "-data: ",
                '"auths"',
                'auths\\"',
                ": {",
                ":",
                "PassWord=",
                "password: ",
                "to\u212aen=",
                "\u017fecret=",
                "Bearer ",
            ),
        ]
    ),
    st.text(max_size=6),
)


@settings(max_examples=2000)
@given(parts=st.lists(PIECES, max_size=8))
@example(parts=["to\u212aen=", "abcdefgh"])
def test_what_has_no_sign_of_a_shape_has_no_shape(parts: list[str]) -> None:
    text = "".join(parts)
    assert may_hold_a_shape(text) or PATTERNS.search(text) is None
