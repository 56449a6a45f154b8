"""Prints who connects to whom, from deploy/kubernetes/arrows.yaml."""

from pathlib import Path
from typing import Any

import yaml

TABLE = Path(__file__).resolve().parent.parent / "deploy" / "kubernetes" / "arrows.yaml"


def arrows() -> list[dict[str, Any]]:
    """The rows: from, to, port, for."""
    rows: list[dict[str, Any]] = yaml.safe_load(TABLE.read_text())
    return rows


def render() -> str:
    """The rows as a table."""
    lines = ["| from | to | port | for |", "|---|---|---|---|"]
    lines += [f"| {row['from']} | {row['to']} | {row['port']} | {row['for']} |" for row in arrows()]
    return "\n".join(lines) + "\n"
