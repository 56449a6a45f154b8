"""The simulated installs of a stack: held in the middle, released, seen."""

import json
import time
from pathlib import Path

from ocpctl_local.stack import Stack

STAGE = "bootstrap"
HOLD_SECONDS = 60.0


def hold(stack: Stack, name: str) -> None:
    """The next install of that cluster stays in the middle until it is released."""
    stack.knobs(name, hang_stage=STAGE, hang_until=str(_mark(stack, name)))


def release(stack: Stack, name: str) -> None:
    """It goes on."""
    _mark(stack, name).touch()


def at_work(stack: Stack, name: str) -> list[int]:
    """Processes of `openshift-install create cluster` for it."""
    return [pid for pid, command in _commands() if _is_create(stack, command) and _works_on(pid, name)]


def wait_until_held(stack: Stack, name: str) -> None:
    """Until its install has begun. Raises TimeoutError."""
    deadline = time.monotonic() + HOLD_SECONDS
    while not at_work(stack, name):
        if time.monotonic() > deadline:
            raise TimeoutError(f"the install of {name} has not begun")
        time.sleep(0.1)


def _mark(stack: Stack, name: str) -> Path:
    return stack.folder / "installers" / f"{name}.go-on"


def _commands() -> list[tuple[int, str]]:
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            found.append((int(folder.name), (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode()))
        except OSError:
            continue  # it has just ended
    return found


def _is_create(stack: Stack, command: str) -> bool:
    return "ocpctl_local.simulator" in command and str(stack.folder) in command and " create cluster " in command


def _works_on(pid: int, name: str) -> bool:
    try:
        folder = Path(f"/proc/{pid}/cwd").resolve(strict=True)
        words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
        state = (folder / words[words.index(b"--dir") + 1].decode() / "metadata.json").read_text()
    except (OSError, ValueError):
        return False
    return bool(json.loads(state)["clusterName"] == name)
