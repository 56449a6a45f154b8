"""`python -m tools.printed`: prints into docs and templates what is said elsewhere, between two marks."""

from collections.abc import Callable, Mapping
from pathlib import Path

from tools import alerts, arrows, diagram, job_kinds, policies, roles, sweeps, target_account

ROOT = Path(__file__).resolve().parent.parent
PARTS: Mapping[str, Mapping[str, Callable[[], str]]] = {
    "docs/architecture.md": {"arrows": arrows.render},
    "docs/lifecycle.md": {"transitions": diagram.render, "job kinds": job_kinds.render},
    "docs/api.md": {"roles": roles.render},
    "docs/aws.md": {"policies": policies.render},
    "docs/operations.md": {"sweeps": sweeps.render},
    "deploy/kubernetes/components/service-monitor/rules.yaml": {"alerts": alerts.render},
    "deploy/cloudformation/target-account.yaml": {"policies": target_account.render},
}
# How a comment is written, by the end of the file's name.
COMMENTS = {".md": "<!-- {} -->", ".yaml": "# {}"}


def printed(name: str) -> str:
    """The document with its parts as they are now. Raises ValueError when a mark is missing."""
    document = (ROOT / name).read_text()
    for part, render in PARTS[name].items():
        document = _with_part(name, document, part, render())
    return document


def _with_part(name: str, document: str, part: str, content: str) -> str:
    comment = COMMENTS[Path(name).suffix]
    before, begin, rest = document.partition(comment.format(f"{part}: printed by `make gen`") + "\n")
    _, end, after = rest.partition(comment.format(f"end of {part}"))
    if not begin or not end:
        raise ValueError(f"{name} lacks the marks of {part}")
    return before + begin + content + end + after


if __name__ == "__main__":
    for document in PARTS:
        (ROOT / document).write_text(printed(document))
