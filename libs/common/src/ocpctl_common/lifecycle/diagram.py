"""Prints the transition tables as Mermaid and Markdown into docs/lifecycle.md."""

import sys
from collections.abc import Sequence
from pathlib import Path

from ocpctl_common.lifecycle.transitions import (
    CLUSTER_TRANSITIONS,
    JOB_TRANSITIONS,
    Event,
    Status,
    Transition,
)

BEGIN = "<!-- transitions: printed by `make gen` from ocpctl_common/lifecycle/transitions.py -->"
END = "<!-- end of transitions -->"


def render() -> str:
    """Both diagrams with their tables, ready for the docs."""
    return f"{section('Cluster', CLUSTER_TRANSITIONS)}\n{section('Job', JOB_TRANSITIONS)}"


def section(title: str, rows: Sequence[Transition[Event, Status]]) -> str:
    """One diagram and one table."""
    return "\n".join([f"### {title}", "", *mermaid(rows), "", *table(rows)]) + "\n"


def mermaid(rows: Sequence[Transition[Event, Status]]) -> list[str]:
    """The rows as a state diagram."""
    arrows = [f"    {source} --> {row.target}: {row.event}" for row in rows for source in sorted(row.sources)]
    return ["```mermaid", "stateDiagram-v2", "    [*] --> PENDING", *arrows, "```"]


def table(rows: Sequence[Transition[Event, Status]]) -> list[str]:
    """The rows as a Markdown table."""
    head = ["| event | from | to | why |", "|---|---|---|---|"]
    return head + [f"| {row.event} | {', '.join(sorted(row.sources))} | {row.target} | {row.why} |" for row in rows]


def insert(document: str) -> str:
    """`document` with the diagrams between its two marks."""
    before, mark, rest = document.partition(BEGIN)
    _, end, after = rest.partition(END)
    return f"{before}{mark}\n{render()}{end}{after}"


if __name__ == "__main__":
    path = Path(sys.argv[1])
    path.write_text(insert(path.read_text()))
