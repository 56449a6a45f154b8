"""`python -m tests.scaling`: 0 → 20 → 0 runners over 60 creates and 20 destroys with limits, started one a job.

Prints the counts; ends with 1 if something was not as it must be.
"""

import argparse
import sys
import time

from ocpctl_local.processes import owned_folder
from rich.console import Console
from rich.table import Table

from tests.run_folder import make_run_folder
from tests.scaling.play import Plan, playing
from tests.scaling.verdict import counts, wrong
from tests.waiting import measure_slowness


def main() -> None:
    """Command line entry."""
    parser = argparse.ArgumentParser(prog="python -m tests.scaling", description=__doc__)
    parser.add_argument("--creates", type=int, default=60)
    parser.add_argument("--destroys", type=int, default=20)
    parser.add_argument("--create-limit", type=int, default=14)
    parser.add_argument("--destroy-limit", type=int, default=6)
    given = parser.parse_args()
    measure_slowness()
    plan = Plan(
        creates=given.creates,
        destroys=given.destroys,
        create_limit=given.create_limit,
        destroy_limit=given.destroy_limit,
        time_scale=1.0,
        patience=1800,
    )
    sys.exit(bool(play_and_tell(plan)))


def play_and_tell(plan: Plan) -> list[str]:
    """What was wrong."""
    console = Console(soft_wrap=True)
    began = time.monotonic()
    folder = make_run_folder()
    with playing(plan, folder / "stack") as play:
        play.run()
        seconds = time.monotonic() - began
        table = Table("what", "count")
        for name, value in counts(play).items():
            table.add_row(name, str(value))
        found = list(wrong(play))
    console.print(table)
    console.print(f"{plan.creates} creates and {plan.destroys} destroys in {seconds:.0f} s; {len(found)} violations")
    for line in found:
        console.print(line)
    if found:
        console.print(f"the logs stay in {folder} until the next run")
    else:
        owned_folder.remove(folder)
    return found


if __name__ == "__main__":
    main()
