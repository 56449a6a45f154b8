"""How a process of ours is started, from the clone's environment or from its image: no other place knows."""

import json
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from ocpctl_local.processes import buildah
from ocpctl_local.settings import ROOT

CONTAINER = Path(__file__).with_name("container.py")
UID = 1_000_650_000  # as a platform would choose it: nobody of this machine
OWN = ("/tmp", "/work")  # noqa: S108 - of the image, not of this machine
STAND_INS = tuple(ROOT / name for name in ("clients", "deploy", "libs", "migrations", "services"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """One of our programs: its image, and what of this machine it needs."""

    image: str = ""  # none: it is of the local stack alone, and always from the clone
    command: tuple[str, ...]  # what starts it from the clone; an image has its entry point
    entry_point: tuple[str, ...] = ()  # in place of the image's own
    reads: tuple[Path, ...] = ()
    writes: tuple[Path, ...] = ()
    runs_stand_ins: bool = False  # for openshift-install, oc and ccoctl: no image has them


class Origin(Protocol):
    """Where programs come from."""

    def command(self, name: str, program: Program) -> tuple[str, ...]:
        """What starts the process `name`."""

    def env(self, program: Program) -> Mapping[str, str]:
        """What it finds set besides its own settings."""


class Clone:
    """The environment that this process runs in."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def command(self, name: str, program: Program) -> tuple[str, ...]:
        """As it is."""
        return program.command

    def env(self, program: Program) -> Mapping[str, str]:
        """Nothing of this machine's user."""
        return {"PATH": "/usr/bin:/bin", "HOME": str(self._folder)}


class Images:
    """The images of `make images`, each process in a root of its own with a user that nobody else is."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._clone = Clone(folder)
        self._images: dict[str, buildah.Image] = {}

    def command(self, name: str, program: Program) -> tuple[str, ...]:
        """The image's entry point. What the program may read or write is handed to its user. Raises NoImages."""
        if not program.image:
            return self._clone.command(name, program)
        image = self._image(program)
        for path in (*program.reads, *program.writes):
            if path.is_relative_to(self._folder):
                hand_over(path)
        scratch = self._folder / "roots" / name
        scratch.mkdir(parents=True, exist_ok=True)
        order = {
            "image": str(image.root),
            "scratch": str(scratch),
            "uid": UID,
            "own": OWN,
            "reads": [str(path) for path in (*program.reads, *(stand_ins() if program.runs_stand_ins else ()))],
            "writes": [str(path) for path in program.writes],
            "command": program.entry_point or image.entry_point,
        }
        return (sys.executable, "-I", "-S", str(CONTAINER), json.dumps(order))

    def env(self, program: Program) -> Mapping[str, str]:
        """What the image sets."""
        return self._image(program).env if program.image else self._clone.env(program)

    def _image(self, program: Program) -> buildah.Image:
        if program.image not in self._images:
            self._images[program.image] = buildah.image(program.image)
        return self._images[program.image]


def hand_over(path: Path) -> None:
    """Gives a file or folder, and what is in it, to the user of the images' processes."""
    if not path.exists():
        path.mkdir(parents=True)
    for each in (path, *path.rglob("*")):
        os.chown(each, UID, 0, follow_symlinks=False)


def stand_ins() -> tuple[Path, ...]:
    """What the programs of ocpctl_local.simulator run from: the clone, its environment and that one's interpreter."""
    system = Path(sys.base_prefix) in {Path("/usr"), Path("/usr/local")}
    return (Path(sys.prefix), *STAND_INS, *(() if system else (Path(sys.base_prefix),)))
