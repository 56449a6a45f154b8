"""`make bench`: speed and size as ratios in one run; `python -m tests.bench reads idle` measures parts of it."""

import json
import sys

from ocpctl_local.settings import ROOT
from rich.console import Console
from rich.table import Table

from tests.bench import artifacts, command_line, creates, expiries, history, live, on_demand, reads, relay
from tests.run_folder import run_folder

PARTS = {
    "creates": creates.measure,
    "reads": reads.measure,
    "starts": live.starts,
    "drain": live.drain,
    "ends": live.ends,
    "idle": live.idle,
    "on-demand": on_demand.measure,
    "cli": command_line.measure,
    "relay": relay.measure,
    "expiries": expiries.measure,
    "artifacts": artifacts.measure,
}
LONG = {"history": history.measure}  # only by name


def main() -> None:
    """The named parts, or all of them, one after the other."""
    console = Console(soft_wrap=True)
    figures: dict[str, float] = {}
    with run_folder():
        for name in sys.argv[1:] or PARTS:
            console.print(f"measuring {name} …")
            figures |= {**PARTS, **LONG}[name]()
    table = Table("figure", "value")
    for name, value in figures.items():
        table.add_row(name, f"{value:,.2f}")
    console.print(table)
    folder = ROOT / ".local" / "bench"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "bench.json").write_text(json.dumps(figures, indent=2))


if __name__ == "__main__":
    main()
