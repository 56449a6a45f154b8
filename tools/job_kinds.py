"""Prints the tables of job kinds and run modes as Markdown into docs/lifecycle.md."""

from collections.abc import Iterable, Sequence

from ocpctl_common.lifecycle.job_kinds import KINDS, JobKind
from ocpctl_common.lifecycle.run_modes import RUNS, Run

KIND_COLUMNS = (
    *("kind", "what it does", "its runs", "attempts", "longest pause", "after a run", "ends the statuses"),
    *("when it succeeds", "when it is given up"),
)
RUN_COLUMNS = ("run", "what it does", "deadline", "counts as", "queue", "concurrency limit", "is given")


def render() -> str:
    """Both tables, ready for the docs."""
    kinds = _table(KIND_COLUMNS, map(_kind, KINDS.values()))
    return "\n".join([*kinds, "", *_table(RUN_COLUMNS, map(_run, RUNS.values()))]) + "\n"


def _kind(kind: JobKind) -> list[str]:
    runs = f"{kind.run}, then {kind.given_up_run}" if kind.given_up_run else kind.run
    return [
        *(kind.job_type, kind.what, runs, str(kind.max_attempts or "no end"), f"{kind.pause_cap} min", kind.rule),
        *(", ".join(sorted(kind.owns)) or "–", kind.succeeded or "–", kind.given_up or "–"),
    ]


def _run(run: Run) -> list[str]:
    given = [text for text in (run.older, "outputs" if run.outputs else "") if text]
    minutes = f"{run.deadline.total_seconds() / 60:.0f} min"
    return [run.mode, run.what, minutes, run.counts, run.queue, run.limit or "not counted", ", ".join(given)]


def _table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    lines = [columns, ["---"] * len(columns), *rows]
    return [f"| {' | '.join(line)} |" for line in lines]
