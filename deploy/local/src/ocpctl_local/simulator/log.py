"""The installer's log file in logrus format, and the same on stderr."""

import json
import sys
from datetime import UTC, datetime
from pathlib import Path


class InstallLog:
    """Appends to `.openshift_install.log`; every line is flushed, because somebody follows it."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / ".openshift_install.log"

    def line(self, message: str, level: str = "info") -> None:
        """One record."""
        now = datetime.now(tz=UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        with self._path.open("a") as log:
            log.write(f'time="{now}" level={level} msg={json.dumps(message)}\n')
        sys.stderr.write(f"{level.upper()} {message}\n")
        sys.stderr.flush()
