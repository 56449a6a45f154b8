"""The store of this clone's images, by buildah: `make images` fills it, a stack takes the images from it."""

import json
import os
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from ocpctl_local.settings import ROOT

STORE = ROOT / ".local" / "images"
TARGETS = ("api-gateway", "scheduler", "installer-runner", "janitor", "migrations", "envoy")


class NoImages(Exception):
    """Images cannot be made or used here; the message says what is missing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Image:
    """An image whose files can be read at `root`."""

    root: Path
    entry_point: tuple[str, ...]
    env: Mapping[str, str]


def name(target: str) -> str:
    """The name of an image."""
    return f"localhost/ocpctl/{target}"


def check() -> None:
    """Raises NoImages unless buildah can be used."""
    if os.geteuid() != 0:
        raise NoImages("images are built and started by root: buildah changes the root of a process")
    if not shutil.which("buildah"):
        raise NoImages("buildah is missing: apt-get install buildah debootstrap")


def run(*words: str, quiet: bool = True) -> str:
    """One call of buildah; what it printed. Raises NoImages with its last words."""
    check()
    command = ["buildah", "--storage-driver", driver(), *_places(), *words]
    done = subprocess.run(
        command, stdout=subprocess.PIPE if quiet else None, stderr=subprocess.PIPE, text=True, check=False
    )
    if done.returncode != 0:
        raise NoImages(f"buildah {words[0]} failed: {done.stderr.strip()[-2000:]}")
    return (done.stdout or "").strip()


@cache
def driver() -> str:
    """overlay where the file system allows it; else vfs, which copies every layer."""
    command = ["buildah", "--storage-driver", "overlay", *_places(), "images", "--quiet"]
    return "overlay" if subprocess.run(command, capture_output=True, check=False).returncode == 0 else "vfs"


def unpack(target: str) -> None:
    """Makes the files of an image readable; what was there of an older image goes."""
    if container(target) in run("containers", "--format", "{{.ContainerName}}").splitlines():
        run("rm", container(target))
    run("from", "--pull-never", "--name", container(target), name(target))


def container(target: str) -> str:
    """The name of the container that only holds an image's files."""
    return f"ocpctl-{target}"


def image(target: str) -> Image:
    """The unpacked image. Raises NoImages when it was not built."""
    if container(target) not in run("containers", "--format", "{{.ContainerName}}").splitlines():
        raise NoImages(f"there is no image of {target}: `make images` builds them")
    root = Path(run("mount", container(target)))
    config: dict[str, Any] = json.loads(run("inspect", container(target)))["OCIv1"]["config"]
    env = dict(line.partition("=")[::2] for line in config["Env"])
    return Image(root=root, entry_point=tuple(config["Entrypoint"]), env=env)


def remove() -> None:
    """Removes the store and whatever of it is mounted."""
    if STORE.exists() and shutil.which("buildah"):
        run("umount", "--all")
        run("rm", "--all")
        run("rmi", "--all", "--force")
    shutil.rmtree(STORE, ignore_errors=True)


def _places() -> list[str]:
    return ["--root", str(STORE / "store"), "--runroot", str(STORE / "run")]
