"""What a program of a release must be: the digest that is promised for it in the file beside it."""

import re

PROMISES = "SHA256SUMS"
PROGRAM = "openshift-install"
CLIENT = "oc"  # tells what credentials a release wants
CREDENTIALS_TOOL = "ccoctl"
MAX_BYTES = 2**20
# As `sha256sum` writes it, of a program alone: the mirror's own file is about archives, not about what is in them.
LINE = r"([0-9a-fA-F]{64}) [ *](?:\./)?"


def promised(text: str, program: str) -> str | None:
    """The SHA-256 that a `SHA256SUMS` promises for a program; None when it names none, or two that differ."""
    pattern = re.compile(LINE + re.escape(program))
    lines = (pattern.fullmatch(line.rstrip()) for line in text.splitlines())
    digests = {line[1].lower() for line in lines if line}
    return digests.pop() if len(digests) == 1 else None
