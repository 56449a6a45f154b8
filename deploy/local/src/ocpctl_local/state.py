"""What a running stack tells others: state.json in its folder, replaced as a whole."""

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class StackState:
    """A stack as others see it. `pids` are the processes by name; `ready` is set when the stack answers."""

    supervisor: int
    ready: bool = False
    ports: dict[str, int] = field(default_factory=dict)
    pids: dict[str, int] = field(default_factory=dict)
    urls: dict[str, str] = field(default_factory=dict)
    ready_urls: dict[str, str] = field(default_factory=dict)


def write(folder: Path, state: StackState) -> None:
    """Replaces the state; holds the database's password, so only its owner may read it."""
    partial = folder / f"state.{os.getpid()}.tmp"
    partial.touch(mode=0o600)
    partial.write_text(json.dumps(asdict(state), indent=2))
    partial.rename(folder / "state.json")


def read(folder: Path) -> StackState | None:
    """The state of the last stack of this folder; None if there never was one."""
    try:
        return StackState(**json.loads((folder / "state.json").read_text()))
    except FileNotFoundError:
        return None


def is_running(folder: Path) -> bool:
    """Whether a supervisor holds this folder."""
    try:
        with only_one(folder):
            return False
    except FolderInUse:
        return True


class FolderInUse(Exception):
    """Another supervisor holds the folder."""


@contextmanager
def only_one(folder: Path) -> Iterator[None]:
    """Holds the folder's lock; the kernel frees it when its holder dies. Raises FolderInUse."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise FolderInUse(f"a stack already runs in {folder}; stop it with `make down`") from error
        yield
