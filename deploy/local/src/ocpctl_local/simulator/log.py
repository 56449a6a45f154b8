"""The installer's log file as logrus writes it, and the same on stderr."""

import json
import re
import sys
from datetime import UTC, datetime
from pathlib import Path

BARE = re.compile(r"[A-Za-z0-9._/@^+-]*")  # what logrus writes without quotes
CHATTER = 4000  # records that are repeated
CHATTER_WORDS = "of the cluster, nothing to do yet; it is looked at again when it changes. " * 2


class InstallLog:
    """Appends to `.openshift_install.log`; every line is flushed, because somebody follows it."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / ".openshift_install.log"

    def line(self, message: str, level: str = "info", /, **fields: str) -> None:
        """One record; fields stand behind the message, by name."""
        now = datetime.now(tz=UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        more = "".join(f" {key}={_value(fields[key])}" for key in sorted(fields))
        with self._path.open("a") as log:
            log.write(f'time="{now}" level={level} msg={_value(message)}{more}\n')
        sys.stderr.write(f"{level.upper()} {message}{more}\n")
        sys.stderr.flush()

    def flood(self, megabytes: int) -> None:
        """So much of a chatty provider's log, one record in 40 at info."""
        block = "".join(_chatter(number) for number in range(CHATTER)).encode()
        with self._path.open("ab") as log:
            for _ in range(megabytes * 10**6 // len(block)):
                log.write(block)


def _chatter(number: int) -> str:
    level = "debug" if number % 40 else "info"
    return f'time="2026-01-01T00:00:00Z" level={level} msg="I0101 reconciling AWSMachine {number} {CHATTER_WORDS}"\n'


def _value(text: str) -> str:
    return text if BARE.fullmatch(text) else json.dumps(text, ensure_ascii=False)
