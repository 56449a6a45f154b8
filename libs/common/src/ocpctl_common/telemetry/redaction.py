"""Secrets out of text, before any byte leaves the process: first the exact values that are known, then shapes.

It fails closed: a line that cannot be redacted is dropped and counted. ENCODINGS are the forms in which a known value
is found. What is not found: a value that was compressed or encrypted, encoded twice, or broken by line ends.
"""

import base64
import html
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from urllib.parse import quote, quote_plus

MASK = "[REDACTED]"
DROPPED = "[LINE DROPPED: could not be redacted]"
SHORTEST = 6  # shorter values would mask ordinary words

# Shapes of secrets whose value nobody told us.
PATTERNS = re.compile(
    r"-----BEGIN[A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END[A-Z ]*PRIVATE KEY-----|\Z)"
    r"|\b(?:AKIA|ASIA)[A-Z0-9]{16}\b"
    # Whatever follows, it is a find: a shape that needs a dot behind would be sought anew from every `eyJ` of a line.
    r"|\beyJ[A-Za-z0-9_-]{8,}(?:\.[A-Za-z0-9_-]+)*"
    r"|\b[A-Za-z0-9]{5}-[A-Za-z0-9]{5}-[A-Za-z0-9]{5}-[A-Za-z0-9]{5}\b"
    r"|(?<=-data: )[A-Za-z0-9+/=]{16,}"
    r"|(?<=\"auths\")\s*:\s*\{.*"
    r"|(?<=auths\\\")\s*:\s*\{.*"
    r"|(?i:(?<=password=)|(?<=password: )|(?<=token=)|(?<=secret=)|(?<=bearer ))[^\s\"',;&]{4,}",
)
# What none of the shapes can do without; much cheaper to look for than the shapes.
_SIGNS = ("-----BEGIN", "AKIA", "ASIA", "eyJ", "-data: ", "auths")
_SIGNS_IN_ANY_CASE = ("password", "token=", "secret=", "bearer ")
_DASHES = 3  # of four groups of five


def may_hold_a_shape(text: str) -> bool:
    """False: no shape of PATTERNS is in it."""
    if any(sign in text for sign in _SIGNS) or text.count("-") >= _DASHES:
        return True
    folded = text.casefold()
    return any(sign in folded for sign in _SIGNS_IN_ANY_CASE)


class Redactor:
    """Masks the given values in every usual encoding, and everything that looks like a secret."""

    def __init__(self, values: Iterable[str] = ()) -> None:
        self._forms = sorted({form for value in values for form in encodings(value)}, key=len, reverse=True)

    @property
    def longest(self) -> int:
        """The length of the longest form: so much at a cut end may be the beginning of a secret."""
        return len(self._forms[0]) if self._forms else 0

    def redact(self, text: str) -> str:
        """The text without secrets, and without NUL, which could split one; what cannot be handled is dropped."""
        try:
            text = text.replace("\0", "")
            for form in self._forms:
                text = text.replace(form, MASK)
            return PATTERNS.sub(MASK, text) if may_hold_a_shape(text) else text
        except (RecursionError, MemoryError, ValueError, TypeError):
            # A process that only redacts starts for every command, and importing metrics costs more than all the rest.
            from ocpctl_common.telemetry import metrics  # noqa: PLC0415 - imported when it is needed

            metrics.redaction_drops.inc()
            return DROPPED


def encodings(value: str) -> set[str]:
    """The value in all forms of ENCODINGS, and the longer lines of one that has several."""
    if len(value) < SHORTEST:
        return set()
    forms = {form for encode in ENCODINGS.values() for form in encode(value)}
    forms |= {line for line in value.splitlines() if len(line) > 2 * SHORTEST}
    return {form for form in forms if len(form) >= SHORTEST}


def _json(value: str) -> str:
    return json.dumps(value)[1:-1]


def _json_utf8(value: str) -> str:
    return json.dumps(value, ensure_ascii=False)[1:-1]


def _json_of_go(value: str) -> str:
    """Go's encoder, which the installer uses, escapes what HTML knows, too."""
    text = _json_utf8(value).replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e")
    return text.replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")


def _lower_percent(text: str) -> str:
    return re.sub("%[0-9A-F]{2}", lambda found: found[0].lower(), text)


def _aligned(encode: Callable[[bytes], bytes]) -> Callable[[str], Iterator[str]]:
    """The value within a longer text: at each alignment the characters that depend on the value alone."""

    def forms(value: str) -> Iterator[str]:
        raw = value.encode()
        for shift in range(3):
            encoded = encode(b"\0" * shift + raw).decode().rstrip("=")
            yield encoded[(0, 2, 3)[shift] : (shift + len(raw)) * 8 // 6]

    return forms


ENCODINGS: Mapping[str, Callable[[str], Iterable[str]]] = {
    "raw": lambda value: (value,),
    "reversed": lambda value: (value[::-1],),
    "JSON": lambda value: (_json(value), _json_utf8(value)),
    "JSON in JSON": lambda value: (_json(_json(value)), _json_utf8(_json_utf8(value))),
    "JSON of Go": lambda value: (_json_of_go(value),),
    "repr of Python": lambda value: (repr(value)[1:-1],),
    "HTML and XML": lambda value: (html.escape(value), html.escape(value, quote=False)),
    "URL": lambda value: (quote(value), _lower_percent(quote(value))),
    "URL, slashes too": lambda value: (quote(value, ""), _lower_percent(quote(value, ""))),
    "URL of JavaScript": lambda value: (quote(value, "!'()*"),),
    "form": lambda value: (quote_plus(value), _lower_percent(quote_plus(value))),
    "hex": lambda value: (value.encode().hex(),),
    "HEX": lambda value: (value.encode().hex().upper(),),
    "base64": _aligned(base64.b64encode),
    "base64url": _aligned(base64.urlsafe_b64encode),
}
