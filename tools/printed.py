"""`python -m tools.printed`: prints into the docs what the code says, between two marks."""

from collections.abc import Callable, Mapping
from pathlib import Path

from tools import diagram, roles, sweeps

ROOT = Path(__file__).resolve().parent.parent
PARTS: Mapping[str, tuple[str, Callable[[], str]]] = {
    "docs/lifecycle.md": ("transitions", diagram.render),
    "docs/api.md": ("roles", roles.render),
    "docs/operations.md": ("sweeps", sweeps.render),
}


def printed(name: str) -> str:
    """The document with its part as it is now. Raises ValueError when a mark is missing."""
    part, render = PARTS[name]
    document = (ROOT / name).read_text()
    before, begin, rest = document.partition(f"<!-- {part}: printed by `make gen` -->\n")
    _, end, after = rest.partition(f"<!-- end of {part} -->")
    if not begin or not end:
        raise ValueError(f"{name} lacks the marks of {part}")
    return before + begin + render() + end + after


if __name__ == "__main__":
    for document in PARTS:
        (ROOT / document).write_text(printed(document))
