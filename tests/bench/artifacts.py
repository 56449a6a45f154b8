"""What a runner needs while it keeps a log and an install directory of 300 MB each: memory, and what of it is the base.

The process that this module is imported by starts another one, which has all of a runner's imports and does its part.
"""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import boto3
from ocpctl_common.cloud.artifacts import ArtifactStore
from ocpctl_installer_runner import wiring as everything_that_a_runner_imports
from ocpctl_installer_runner.installer.failure_rules import Ended
from ocpctl_installer_runner.installer.log_reader import LogReader
from ocpctl_installer_runner.installer.log_stages import LOG_NAME
from ocpctl_local.moto import aws
from ocpctl_local.processes.ports import free_ports
from ocpctl_local.processes.spawn import spawn, stop

MEGABYTES = 300
LIMIT_MIB = 150
BUCKET = "artifacts"
LINE = b'time="2026-01-01T00:00:00Z" level=debug msg="Still waiting for the cluster to initialize: %08d"\n'


def measure() -> dict[str, float]:
    """The runner's process and the one that reads and packs for it; each alone, and the most at a time."""
    with TemporaryDirectory(dir="/var/tmp") as name:  # real bytes: where /tmp is memory they would be counted twice
        folder = Path(name)
        _fill(folder / "install")
        found = _in_another_process(folder)
    most = found["runner"] + found["reader"]
    return {
        f"memory of a runner that keeps {MEGABYTES} MB of log and {MEGABYTES} MB of files (MiB)": most,
        f"  ratio to the limit of {LIMIT_MIB} MiB": most / LIMIT_MIB,
        "  before it began (MiB)": found["base"],
        "  its own process (MiB)": found["runner"],
        "  the process that reads and packs for it (MiB)": found["reader"],
        "  seconds": found["seconds"],
    }


def _fill(folder: Path) -> None:
    folder.mkdir()
    with (folder / "bundle.tar").open("wb") as bundle:  # it cannot be made smaller
        for _ in range(MEGABYTES):
            bundle.write(os.urandom(10**6))
    with (folder / LOG_NAME).open("wb") as log:
        for number in range(MEGABYTES * 10**6 // len(LINE % 0)):
            log.write(LINE % number)


def _in_another_process(folder: Path) -> dict[str, float]:
    port = free_ports(1)[0]
    process = spawn(aws.command(port, folder / "faults.json"), env={}, log=folder / "aws.log")
    try:
        aws.wait(port)
        s3 = aws.client(port, "s3")
        s3.create_bucket(Bucket=BUCKET)
        s3.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})
        command = [sys.executable, "-m", "tests.bench.artifacts", str(folder)]
        done = subprocess.run(command, env=os.environ | aws.env(port), stdout=subprocess.PIPE, check=True)
    finally:
        stop(process, signal.SIGTERM, 10)
    found: dict[str, float] = json.loads(done.stdout)
    return found


def keep(folder: Path) -> dict[str, float]:
    """A runner's part: digest and pack in the other process, store both."""
    assert everything_that_a_runner_imports
    store, base, began = ArtifactStore(boto3.Session(), BUCKET), _peak_mib("self"), time.monotonic()
    log, packed = folder / "log", folder / "packed"
    digest = {"do": "digest", "paths": [str(folder / "install" / LOG_NAME)], "target": str(log), "secrets": ["x" * 40]}
    reading = _peak_of({**digest, "rules": "", "ended": _ended(), "last_record": ""})
    store.put_new("log", log, "text/plain")
    packing = _peak_of({"do": "pack", "folder": str(folder / "install"), "target": str(packed)})
    store.put_new("packed", packed, "application/zstd")
    most = max(reading, packing)
    return {"base": base, "runner": _peak_mib("self"), "reader": most, "seconds": time.monotonic() - began}


def _ended() -> dict[str, Any]:
    return {name: getattr(Ended(code=0), name) for name in Ended.__dataclass_fields__}


def _peak_of(task: Mapping[str, Any]) -> float:
    """Of the process that does it, looked at all the time."""
    reader, done, peak = LogReader(task), False, 0.0
    try:
        while not done:
            peak = max(peak, _peak_mib(str(reader.pid)))
            done = any("done" in message for message in reader.messages(0.05))
    finally:
        reader.close()
    return peak


def _peak_mib(process: str) -> float:
    """The most that it ever had."""
    lines = Path(f"/proc/{process}/status").read_text().splitlines()
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM:")), 0.0)


if __name__ == "__main__":
    sys.stdout.write(json.dumps(keep(Path(sys.argv[1]))))
