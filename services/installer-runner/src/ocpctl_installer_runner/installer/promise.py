"""What an installer must be: the digest that is promised for it in the file beside it."""

import re

PROMISES = "SHA256SUMS"
PROGRAM = "openshift-install"
MAX_BYTES = 2**20
# As `sha256sum` writes it, of this program alone: the mirror's own file is about archives, not about what is in them.
LINE = re.compile(r"([0-9a-fA-F]{64}) [ *](?:\./)?" + re.escape(PROGRAM))


def promised(text: str) -> str | None:
    """The SHA-256 that a `SHA256SUMS` promises for the installer; None when it names none, or two that differ."""
    lines = (LINE.fullmatch(line.rstrip()) for line in text.splitlines())
    digests = {line[1].lower() for line in lines if line}
    return digests.pop() if len(digests) == 1 else None
