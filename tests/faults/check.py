"""`python -m tests.faults.check [FOLDER]`: all checks on a running stack that has come to rest."""

import argparse
import sys
from pathlib import Path

from ocpctl_local.processes.children import StackFailed
from ocpctl_local.settings import DEFAULT_FOLDER
from ocpctl_local.stack import Stack

from tests.oracle.checks import CHECKS, violations
from tests.oracle.evidence import Evidence


def main() -> None:
    """Prints what is wrong; ends with 1 if anything is."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults.check", description=__doc__)
    parser.add_argument("folder", type=Path, nargs="?", default=DEFAULT_FOLDER, help="folder of the stack")
    folder: Path = parser.parse_args().folder
    try:
        stack = Stack(folder)
    except StackFailed as error:
        sys.exit(str(error))
    found = violations(Evidence(stack=stack, journal=folder / "journal.jsonl"))
    for violation in found:
        print(violation)
    print(f"{len(CHECKS)} checks, {len(found)} violations")
    sys.exit(bool(found))


if __name__ == "__main__":
    main()
