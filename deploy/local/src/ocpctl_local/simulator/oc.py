"""`oc`, simulated: `oc adm release extract --credentials-requests`. `<simulator.json> <version>` come first."""

import base64
import json
import sys
import time
from pathlib import Path
from typing import Any

import yaml

from ocpctl_local.simulator import go_yaml, release
from ocpctl_local.simulator.command_line import Parser
from ocpctl_local.simulator.credentials_requests import REQUESTS
from ocpctl_local.simulator.death import die
from ocpctl_local.simulator.knobs import Knobs, parse

COMMAND = ["adm", "release", "extract"]
UNAUTHORIZED = "unauthorized: access to the requested resource is not authorized"
UNKNOWN = "manifest unknown: manifest unknown"


class Failed(Exception):
    """What oc says before it ends with 1."""


def main() -> int:
    """Runs the command; returns the exit code."""
    config, version, *words = sys.argv[1:]
    try:
        extract(_flags(words), Path(config), version)
    except Failed as error:
        sys.stderr.write(f"error: {error}\n")
        return 1
    return 0


def _flags(words: list[str]) -> Any:
    if words[: len(COMMAND)] != COMMAND:
        raise Failed(f'unknown command "{" ".join(words[:3])}" for "oc"')
    parser = Parser("oc", required=("from", "to"), optional=("install-config", "cloud"))
    parser.add_argument("--credentials-requests", action="store_true")
    parser.add_argument("--included", action="store_true")
    parser.add_argument("--registry-config", "-a", default="")
    return parser.read(words[len(COMMAND) :])


def extract(flags: Any, config: Path, version: str) -> None:
    """Writes one file a request to the folder `--to`. Raises Failed."""
    if not flags.credentials_requests:
        raise Failed("the simulated oc extracts credentials requests only")
    knobs = parse(json.loads(config.read_text()), _cluster(flags))
    _misbehave(knobs)
    image = getattr(flags, "from")
    if knobs.oc_fault == "unauthorized" or not _is_login(flags.registry_config):
        raise Failed(f"unable to read image {image}: {UNAUTHORIZED}")
    if image != release.image(version):
        raise Failed(f"unable to read image {image}: {UNKNOWN}")
    folder = Path(flags.to)
    folder.mkdir(parents=True, exist_ok=True)
    for request in REQUESTS:
        (folder / request.file).write_text(f"---\n{yaml.safe_dump(request.document())}")
    print(f"Extracted release payload from digest {release.digest(version)} created at {release.CREATED}")


def _cluster(flags: Any) -> str:
    """The cluster's name in install-config.yaml, which `--included` needs to know what is included."""
    if not flags.included:
        return ""
    if not flags.install_config:
        raise Failed("--included requires --install-config or a connection to a cluster")
    try:
        document = go_yaml.load(Path(flags.install_config).read_text())
        if "aws" not in document["platform"]:
            raise Failed("the simulated oc knows the requests of AWS only")
        return go_yaml.text(document["metadata"]["name"])
    except (OSError, yaml.YAMLError, ValueError, KeyError, TypeError) as error:
        raise Failed(f"unable to read install-config {flags.install_config}: {error}") from error


def _is_login(path: str) -> bool:
    """Whether the file is a pull secret: a registry, and for each a user with a password."""
    try:
        logins = json.loads(Path(path).read_text())["auths"].values()
        return bool(logins) and all(b":" in base64.b64decode(login["auth"], validate=True) for login in logins)
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return False


def _misbehave(knobs: Knobs) -> None:
    if knobs.oc_fault == "die":
        die()
    while knobs.oc_fault == "hang" and not (knobs.hang_until and Path(knobs.hang_until).exists()):
        time.sleep(0.2)


if __name__ == "__main__":
    sys.exit(main())
