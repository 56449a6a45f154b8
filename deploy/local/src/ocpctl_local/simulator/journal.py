"""What really happened, for an oracle that does not trust the product's database: one fsynced line an event.

An operation of a process begins with `start`, shows that it lives with `beat`, and ends with `end`; one that was
killed has no `end`. ccoctl also tells each `thing` that it has `made` or `deleted`, and the `code` with which it ends.
"""

import json
import os
import time
from dataclasses import dataclass
from pathlib import Path

BEAT_SECONDS = 0.25


@dataclass(frozen=True, slots=True, kw_only=True)
class Journal:
    """The journal of one cluster's operation; without a path nothing is written."""

    path: str
    cluster: str
    infra_id: str

    def write(self, operation: str, mark: str, **more: str) -> None:
        """Appends a line, with what is told more; the kernel appends lines of at most a page whole."""
        if not self.path:
            return
        record = {
            "attempt": os.environ.get("OCPCTL_ATTEMPT_ID", ""),
            "correlation_id": os.environ.get("OCPCTL_CORRELATION_ID", ""),
            "cluster": self.cluster,
            "infra_id": self.infra_id,
            "operation": operation,
            "mark": mark,
            "pid": os.getpid(),
            "boot_id": Path("/proc/sys/kernel/random/boot_id").read_text().strip(),
            "boottime_ns": time.clock_gettime_ns(time.CLOCK_BOOTTIME),
            "wall_ns": time.time_ns(),
            **more,
        }
        descriptor = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            os.write(descriptor, (json.dumps(record) + "\n").encode())
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    def sleep(self, seconds: float, operation: str) -> None:
        """Sleeps, showing all the while that it lives."""
        deadline = time.monotonic() + seconds
        while (left := deadline - time.monotonic()) > 0:
            time.sleep(min(left, BEAT_SECONDS))
            self.write(operation, "beat")
