"""CPU time of processes, and whether this machine has nothing else to do."""

from collections.abc import Mapping

import psutil

BUSY_PERCENT = 15.0  # what is measured waits meanwhile


def used(processes: Mapping[str, psutil.Process]) -> dict[str, float]:
    """Seconds so far, by name, children included."""
    return {name: _of(process) for name, process in processes.items()}


def _of(process: psutil.Process) -> float:
    seconds = 0.0
    for one in (process, *process.children(recursive=True)):
        try:
            times = one.cpu_times()
        except psutil.NoSuchProcess:  # a backend whose connection was closed
            continue
        seconds += times.user + times.system
    return seconds


def micros_a_request(before: Mapping[str, float], after: Mapping[str, float], requests: float) -> dict[str, float]:
    """By name, for those that did something."""
    return {name: (after[name] - before[name]) * 1e6 / requests for name in before if after[name] - before[name] > 0.01}


def check_alone() -> None:
    """Raises SystemExit where something else keeps the machine busy: a ratio would be of that."""
    busy = psutil.cpu_percent(interval=1.0)
    if busy > BUSY_PERCENT:
        raise SystemExit(f"this machine is {busy:.0f} % busy with something else: no ratio would be true; end it first")
