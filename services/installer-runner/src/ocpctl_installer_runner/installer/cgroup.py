"""A control group (version 2) around an installer, where the host lets us make one. Standard library only.

Nothing leaves it by forking, by a new session or by another environment, and the kernel kills all of it at once.
Most containers mount it read-only: then there is none, and the walk over descendants is what counts.
"""

import os
import time
from pathlib import Path

PAUSE = 0.02


class Cgroup:
    """One group. `enter` is called in the child before it becomes the installer."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def enter(self) -> None:
        """The calling process and all that it will start belong to the group."""
        (self._folder / "cgroup.procs").write_text("0")  # whoever writes

    def kill(self, *, seconds: float) -> bool:
        """SIGKILLs all of it and removes it. False: the kernel had not let all of them go after `seconds`."""
        (self._folder / "cgroup.kill").write_text("1")
        deadline = time.monotonic() + seconds
        while (self._folder / "cgroup.procs").read_text():
            if time.monotonic() > deadline:
                return False
            time.sleep(PAUSE)
        self._folder.rmdir()
        return True


def make(name: str) -> Cgroup | None:
    """A new group below our own, or None where the host allows none or its kernel (before 5.14) cannot kill one."""
    try:
        folder = _own() / f"ocpctl-{name}-{os.getpid()}"
        folder.mkdir()
    except (OSError, LookupError):
        return None
    if not os.access(folder / "cgroup.kill", os.W_OK):
        folder.rmdir()
        return None
    return Cgroup(folder)


def _own() -> Path:
    """Our own group's folder. Raises LookupError, OSError."""
    mounts = [line.split() for line in Path("/proc/self/mountinfo").read_text().splitlines()]
    mounted = {fields[4]: fields[3] for fields in mounts if fields[fields.index("-") + 1] == "cgroup2"}
    lines = Path("/proc/self/cgroup").read_text().splitlines()
    paths = [line.removeprefix("0::") for line in lines if line.startswith("0::")]
    for point, root in mounted.items():
        for path in paths:
            return Path(point) / os.path.relpath(path, root)
    raise LookupError("no control groups of version 2")
