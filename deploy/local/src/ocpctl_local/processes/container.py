"""Becomes a process of an image, as a container engine would start it: `python -I -S container.py <JSON>`.

Its root is the image, read-only; /tmp and /work are its own and empty. It has the user that is named, group 0, no
capability, and cannot gain any. Of this machine it sees the processes, the network, and the paths that are named.
Standard library only. Needs root. The process keeps its pid, so its parent signals the program itself.
"""

import ctypes
import json
import os
import signal
import sys
from pathlib import Path
from typing import Any

CLONE_NEWNS = 0x00020000
MS_RDONLY, MS_NOSUID, MS_NODEV, MS_REMOUNT, MS_BIND, MS_REC, MS_PRIVATE = 1, 2, 4, 32, 4096, 16384, 1 << 18
PR_SET_PDEATHSIG, PR_CAPBSET_DROP, PR_SET_NO_NEW_PRIVS = 1, 24, 38
HIGHEST_CAPABILITY = 63
DEVICES = ("null", "zero", "full", "random", "urandom")
NETWORK = ("/etc/hosts", "/etc/resolv.conf")

_libc = ctypes.CDLL(None, use_errno=True)


def main() -> None:
    """Builds the root, enters it, gives up every privilege, and becomes the program."""
    order: dict[str, Any] = json.loads(sys.argv[1])
    parent = os.getppid()
    if _libc.unshare(CLONE_NEWNS) != 0:
        sys.exit(f"a mount namespace is refused ({os.strerror(ctypes.get_errno())}): images need root")
    mount("none", "/", flags=MS_REC | MS_PRIVATE)
    root = assemble(order)
    os.fchown(1, order["uid"], 0)  # Envoy opens /dev/stdout by its name
    os.chroot(root)
    os.chdir("/work")
    become(order["uid"])
    _libc.prctl(PR_SET_PDEATHSIG, int(signal.SIGKILL), 0, 0, 0)  # a change of user has cleared it
    if os.getppid() != parent:
        os._exit(1)
    os.execv(order["command"][0], order["command"])  # noqa: S606 - no shell is wanted


def assemble(order: dict[str, Any]) -> Path:
    """The root: the image below what a container has of its own."""
    scratch = Path(order["scratch"])
    mount("tmpfs", scratch, "tmpfs")
    layers = {name: scratch / name for name in ("upper", "work", "root")}
    for folder in layers.values():
        folder.mkdir(mode=0o755)
    root = layers["root"]
    mount(
        "overlay",
        root,
        "overlay",
        data=f"lowerdir={order['image']},upperdir={layers['upper']},workdir={layers['work']}",
    )
    mount("proc", place(root, "/proc"), "proc")
    own(root, "/dev", mode=0o755, uid=0)
    for device in DEVICES:
        bind(f"/dev/{device}", root)
    for name, target in (("fd", "/proc/self/fd"), ("stdout", "/proc/self/fd/1"), ("stderr", "/proc/self/fd/2")):
        (root / "dev" / name).symlink_to(target)
    for path in order["own"]:
        own(root, path, mode=0o700, uid=order["uid"])
    for path in [*NETWORK, *order["reads"]]:
        bind(path, root, MS_RDONLY)
    for path in order["writes"]:
        bind(path, root)
    mount("none", root, flags=MS_REMOUNT | MS_BIND | MS_RDONLY)
    return root


def own(root: Path, path: str, *, mode: int, uid: int) -> None:
    """An empty folder that no other process has."""
    mount("tmpfs", place(root, path), "tmpfs", data=f"mode={mode:o},uid={uid},gid=0")


def bind(path: str, root: Path, flags: int = 0) -> None:
    """A file or folder of this machine at its own path."""
    target = place(root, path, like=Path(path))
    mount(path, target, flags=MS_BIND | MS_REC)
    if flags:
        mount("none", target, flags=MS_REMOUNT | MS_BIND | flags)


def place(root: Path, path: str, like: Path | None = None) -> Path:
    """Where `path` lies in the root; made when the image has no such place."""
    target = root / path.lstrip("/")
    if like is not None and not like.is_dir():
        target.parent.mkdir(parents=True, exist_ok=True)
        target.touch()
    else:
        target.mkdir(parents=True, exist_ok=True)
    for parent in target.relative_to(root).parents:
        (root / parent).chmod((root / parent).stat().st_mode | 0o011)  # /root of an image is closed
    return target


def become(uid: int) -> None:
    """An unprivileged user of group 0 for ever."""
    for capability in range(HIGHEST_CAPABILITY + 1):
        _libc.prctl(PR_CAPBSET_DROP, capability, 0, 0, 0)
    os.setgroups([])
    os.setresgid(0, 0, 0)
    os.setresuid(uid, uid, uid)
    _libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)


def mount(source: str, target: str | Path, kind: str = "", *, flags: int = 0, data: str = "") -> None:
    """mount(2). Raises OSError."""
    words = [word.encode() or None for word in (source, str(target), kind)]
    if _libc.mount(*words, ctypes.c_ulong(flags), data.encode() or None) != 0:
        code = ctypes.get_errno()
        raise OSError(code, f"{os.strerror(code)} (mount of {source})", str(target))


if __name__ == "__main__":
    main()
