"""Waiting for what comes by itself, as long as this machine needs."""

import math
import os
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from typing import TypeVar

from ocpctl_local.settings import LeaseTimes

SLOWNESS = "OCPCTL_TESTS_SLOWNESS"
NOTICEABLE = 1.5  # below it, it is noise
# How much longer it takes than it computes, with as many as there are cores.
PROBE = """
import time
began = time.monotonic()
while time.process_time() < 0.3: pass
print((time.monotonic() - began) / time.process_time())
"""

Seen = TypeVar("Seen")


def wait_for(look: Callable[[], Seen], seconds: float = 60, what: str = "it") -> Seen:
    """What a look sees as soon as it sees anything. Raises AssertionError."""
    give_up = moment(seconds)
    while not (seen := look()):
        assert time.monotonic() < give_up, f"{what} did not happen in time"
        time.sleep(0.1)
    return seen


def moment(seconds: float) -> float:
    """When so much time is over, by time.monotonic(), on a machine that has nothing else to do."""
    return time.monotonic() + seconds * slowness()


def slowness() -> float:
    """How many times longer things take than on a machine with nothing else to do, as it was measured at the start."""
    return float(os.environ.get(SLOWNESS, "1"))


def slowed(times: LeaseTimes) -> LeaseTimes:
    """The protocol's times on this machine: where everything takes longer, a heartbeat does, too."""
    factor = slowness()
    return replace(
        times,
        lease=times.lease * factor,
        heartbeat=times.heartbeat * factor,
        trust=times.trust * factor,
        kill=times.kill * factor,
        quarantine=times.quarantine * factor,
        silence=times.silence * factor,
        relay_claim=times.relay_claim * factor,
        claim=math.ceil(times.claim * factor),
    )


def measure_slowness() -> None:
    """For this process and those that it starts. Takes a third of a second, or as much more as the machine is busy."""
    command = [sys.executable, "-c", PROBE]
    cores = range(os.cpu_count() or 1)
    probes = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in cores]
    worst = max(float(probe.communicate()[0]) for probe in probes)
    os.environ[SLOWNESS] = f"{worst if worst >= NOTICEABLE else 1:.1f}"
