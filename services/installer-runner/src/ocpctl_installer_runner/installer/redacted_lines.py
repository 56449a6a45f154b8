"""Lines of an installer's output without secrets, of a bounded length, one after the other."""

import re

from ocpctl_common.telemetry.redaction import MASK, Redactor

MAX_LINE_CHARACTERS = 64 * 1024
KEY_BEGINS = re.compile(r"-----BEGIN[A-Z ]*PRIVATE KEY-----")
KEY_ENDS = re.compile(r"-----END[A-Z ]*PRIVATE KEY-----")


class RedactedLines:
    """Redacts line by line; remembers that a private key of several lines has begun."""

    def __init__(self, redactor: Redactor) -> None:
        self._redactor = redactor
        self._in_key = False

    def redact(self, raw: bytes, cut: int = 0) -> str:
        """The line without secrets. `cut`: so many bytes of it were not read.

        What is cut is cut behind the redaction, and the end of an incomplete line goes: it may begin a secret.
        """
        text = self._without_key(raw.decode(errors="replace"))
        text = self._redactor.redact(text)
        if cut:
            text = text[: max(0, len(text) - self._redactor.longest)]
        if cut or len(text) > MAX_LINE_CHARACTERS:
            more = cut + max(0, len(text) - MAX_LINE_CHARACTERS)
            return f"{text[:MAX_LINE_CHARACTERS]} [about {more} more characters of this line are left out]"
        return text

    def _without_key(self, text: str) -> str:
        if self._in_key:
            end = KEY_ENDS.search(text)
            if not end:
                return MASK
            self._in_key = False
            text = MASK + text[end.end() :]
        if "PRIVATE KEY" in text:
            self._in_key = _last(KEY_BEGINS, text) > _last(KEY_ENDS, text)
        return text


def _last(pattern: re.Pattern[str], text: str) -> int:
    """Where the last find begins; -1 without one."""
    return max((found.start() for found in pattern.finditer(text)), default=-1)
