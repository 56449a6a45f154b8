"""What really happened, for an oracle that does not trust the product's database: one fsynced line an operation."""

import json
import os
import time
from pathlib import Path


def write(path: str, operation: str, mark: str, infra_id: str) -> None:
    """Appends a line; lines of at most a page are appended whole by the kernel."""
    if not path:
        return
    record = {
        "attempt": os.environ.get("OCPCTL_ATTEMPT_ID", ""),
        "correlation_id": os.environ.get("OCPCTL_CORRELATION_ID", ""),
        "infra_id": infra_id,
        "operation": operation,
        "mark": mark,
        "pid": os.getpid(),
        "boot_id": Path("/proc/sys/kernel/random/boot_id").read_text().strip(),
        "boottime_ns": time.clock_gettime_ns(time.CLOCK_BOOTTIME),
        "wall_ns": time.time_ns(),
    }
    descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        os.write(descriptor, (json.dumps(record) + "\n").encode())
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
