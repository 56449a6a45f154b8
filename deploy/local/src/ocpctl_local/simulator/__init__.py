"""A program that behaves as `openshift-install` and makes real, tagged resources in the AWS endpoint it is given."""

import hashlib
import json
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from ocpctl_local.kubernetes.client import StandIn
from ocpctl_local.simulator.knobs import parse

LAUNCHER = """#!/bin/sh
exec {python} -I -m ocpctl_local.simulator {config} {version} "$@"
"""


def install(folder: Path, versions: Iterable[str], knobs: Mapping[str, Any], stand_in: StandIn) -> None:
    """Writes `<folder>/<version>/openshift-install` and the files beside it for every version.

    `knobs` is {"default": {...}, "clusters": {"<name>": {...}}}; unknown knobs are refused. Raises
    ValueError.
    """
    parse(knobs, "")
    for version in versions:
        home = folder / version
        home.mkdir(parents=True, exist_ok=True)
        config = home / "simulator.json"
        config.write_text(json.dumps(knobs))
        stand_in.save(home)
        launcher = home / "openshift-install"
        launcher.write_text(LAUNCHER.format(python=sys.executable, config=config, version=version))
        launcher.chmod(0o755)
        digest = hashlib.sha256(launcher.read_bytes()).hexdigest()
        (home / "SHA256SUMS").write_text(f"{digest}  {launcher.name}\n")
