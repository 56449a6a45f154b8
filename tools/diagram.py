"""Prints the transition tables as Mermaid and Markdown into docs/lifecycle.md."""

from collections.abc import Sequence

from ocpctl_common.lifecycle.transitions import (
    CLUSTER_TRANSITIONS,
    JOB_TRANSITIONS,
    Event,
    Status,
    Transition,
)


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
