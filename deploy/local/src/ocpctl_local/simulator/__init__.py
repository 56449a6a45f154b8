"""Programs that behave as `openshift-install`, `oc` and `ccoctl`; what they make is real in the AWS endpoint."""

import hashlib
import json
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from ocpctl_local.kubernetes.client import StandIn
from ocpctl_local.simulator.knobs import parse

LAUNCHER = """#!/bin/sh
exec {python} -I -m {module} {config} {version} "$@"
"""


PROGRAMS = {
    "openshift-install": "ocpctl_local.simulator",
    "oc": "ocpctl_local.simulator.oc",
    "ccoctl": "ocpctl_local.simulator.ccoctl",
}


def install(folder: Path, versions: Iterable[str], knobs: Mapping[str, Any], stand_in: StandIn) -> None:
    """Writes the programs of every version to `<folder>/<version>`, and the files beside them.

    `knobs` is {"default": {...}, "clusters": {"<name>": {...}}}; unknown knobs are refused. Raises
    ValueError.
    """
    omitted = set(parse(knobs, "").omit)
    for version in versions:
        home = folder / version
        home.mkdir(parents=True, exist_ok=True)
        (home / "simulator.json").write_text(json.dumps(knobs))
        stand_in.save(home)
        lacking = {name for name in PROGRAMS if {name, f"{version}/{name}"} & omitted}
        for name in lacking:
            (home / name).unlink(missing_ok=True)
        promised = [_launcher(home, name) for name in PROGRAMS if name not in lacking]
        (home / "SHA256SUMS").write_text("".join(promised))


def _launcher(home: Path, name: str) -> str:
    """Writes a program; returns its line of SHA256SUMS."""
    launcher = home / name
    words = {"python": sys.executable, "module": PROGRAMS[name], "config": home / "simulator.json"}
    launcher.write_text(LAUNCHER.format(**words, version=home.name))
    launcher.chmod(0o755)
    return f"{hashlib.sha256(launcher.read_bytes()).hexdigest()}  {name}\n"
