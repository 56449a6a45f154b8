"""Secrets out of text, before any byte leaves the process: first the exact values that are known, then shapes.

It fails closed: a line that cannot be redacted is dropped and counted.
"""

import base64
import json
import re
from collections.abc import Iterable
from urllib.parse import quote, quote_plus

from ocpctl_common.telemetry import metrics

MASK = "[REDACTED]"
DROPPED = "[LINE DROPPED: could not be redacted]"
SHORTEST = 6  # shorter values would mask ordinary words

# Shapes of secrets whose value nobody told us.
PATTERNS = re.compile(
    r"-----BEGIN[A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END[A-Z ]*PRIVATE KEY-----|\Z)"
    r"|\b(?:AKIA|ASIA)[A-Z0-9]{16}\b"
    r"|\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]*"
    r"|\b[A-Za-z0-9]{5}-[A-Za-z0-9]{5}-[A-Za-z0-9]{5}-[A-Za-z0-9]{5}\b"
    r"|(?<=-data: )[A-Za-z0-9+/=]{16,}"
    r"|(?<=\"auths\")\s*:\s*\{.*"
    r"|(?<=auths\\\")\s*:\s*\{.*"
    r"|(?i:(?<=password=)|(?<=password: )|(?<=token=)|(?<=secret=)|(?<=bearer ))[^\s\"',;&]{4,}",
)


class Redactor:
    """Masks the given values in every usual encoding, and everything that looks like a secret."""

    def __init__(self, values: Iterable[str] = ()) -> None:
        self._forms = sorted({form for value in values for form in encodings(value)}, key=len, reverse=True)

    def redact(self, text: str) -> str:
        """The text without secrets; a text that cannot be handled is dropped."""
        try:
            for form in self._forms:
                text = text.replace(form, MASK)
            return PATTERNS.sub(MASK, text)
        except (RecursionError, MemoryError, ValueError, TypeError):
            metrics.redaction_drops.inc()
            return DROPPED


def encodings(value: str) -> set[str]:
    """The value as it may stand in a log: raw, JSON, URL, hex, and base64 at each of its three alignments."""
    if len(value) < SHORTEST:
        return set()
    raw = value.encode()
    forms = {value, json.dumps(value)[1:-1], json.dumps(json.dumps(value)[1:-1])[1:-1], quote(value), quote(value, "")}
    forms |= {quote_plus(value), raw.hex(), raw.hex().upper(), repr(value)[1:-1], value[::-1]}
    for encode in (base64.b64encode, base64.urlsafe_b64encode):
        forms |= {_core(encode(b"\0" * shift + raw).decode(), shift) for shift in range(3)}
    forms |= {line for line in value.splitlines() if len(line) > 2 * SHORTEST}
    return {form for form in forms if len(form) >= SHORTEST}


def _core(encoded: str, shift: int) -> str:
    """The characters that depend on the value alone, whatever stands before and after it."""
    return encoded.rstrip("=")[(0, 2, 3)[shift] : -1]
