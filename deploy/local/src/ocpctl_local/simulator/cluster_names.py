"""Which cluster an infra id is of: oc and ccoctl are told no cluster's name, but knobs and the journal go by it."""

import json
import re
from pathlib import Path

from ocpctl_local.simulator.files import ALPHABET
from ocpctl_local.simulator.knobs import Knobs, parse

INFRA_ID = re.compile(rf"(.+)-[{ALPHABET}]{{5}}")


def remember(config: Path, name: str, infra_id: str) -> None:
    """A name that the infra id holds whole needs no file."""
    if _cut(infra_id) != name:
        _file(config, infra_id).write_text(name)


def name_of(config: Path, infra_id: str) -> str:
    """The cluster's name."""
    path = _file(config, infra_id)
    return path.read_text() if path.exists() else _cut(infra_id)


def _file(config: Path, infra_id: str) -> Path:
    return config.with_name(f"name-{infra_id}")


def _cut(infra_id: str) -> str:
    found = INFRA_ID.fullmatch(infra_id)
    return found[1] if found else infra_id


def knobs_of(config: Path, infra_id: str) -> Knobs:
    """The knobs for a call of ccoctl."""
    return parse(json.loads(config.read_text()), name_of(config, infra_id))
