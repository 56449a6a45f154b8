"""`python -m tests.faults.check <folder of a stack>`: all checks on a running stack that has come to rest."""

import sys
from pathlib import Path

from ocpctl_local.stack import Stack

from tests.oracle.checks import CHECKS, violations
from tests.oracle.evidence import Evidence


def main() -> None:
    """Prints what is wrong; ends with 1 if anything is."""
    folder = Path(sys.argv[1])
    found = violations(Evidence(stack=Stack(folder), journal=folder / "journal.jsonl"))
    for violation in found:
        print(violation)
    print(f"{len(CHECKS)} checks, {len(found)} violations")
    sys.exit(bool(found))


if __name__ == "__main__":
    main()
