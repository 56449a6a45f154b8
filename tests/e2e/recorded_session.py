"""`python -m tests.e2e.recorded_session`: plays a session on a stack of its own and writes it into the README.

Ids, times and how far a wait is differ each time: they are written as they were once, and not compared.
"""

import re
import subprocess
import tempfile
from pathlib import Path

from ocpctl_local.command_line import PROGRAM
from ocpctl_local.settings import ROOT, StackSettings
from ocpctl_local.stack import running_stack

from tests.e2e.command_line import Shell

README = ROOT / "README.md"
BEGIN, END = "<!-- session: written by `python -m tests.e2e.recorded_session` -->", "<!-- end of session -->"
COMMANDS = (
    "ocpctl login --profile requester",
    "ocpctl create demo -p aws-minimal-test --owner user@example.com --cost-center sandbox --ttl 8h --watch",
    "ocpctl list --name demo",
    "ocpctl exec demo -- sh -c 'echo $OCPCTL_CLUSTER; exit 3'; echo $?",
    "ocpctl destroy demo --yes --watch",
    "ocpctl receipt demo",
)
SERVER = "https://ocpctl.example.com"
PROGRESS = re.compile(r"^\d\d:\d\d:\d\dZ  ")
UNTIL, MOMENT = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d UTC"), re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")
CHANGING = (
    (re.compile(r"clu_[0-9A-Z]{26}"), "clu_01KB1YX2M5Q8C6T4V7W9Z3R0NA"),
    (re.compile(r"demo-[a-z0-9]{5}\b"), "demo-x7k2p"),
    (re.compile(r"\b(\d+[dhms])+\b(?! -)"), "7h59m"),
    (re.compile(r" +"), " "),
)


def record(shell: Shell) -> str:
    """What a person would see who types COMMANDS one after the other."""
    seen = []
    for command in COMMANDS:
        done = subprocess.run(
            ["bash", "-c", command],
            env=shell.env,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=True,
        )
        lines = _at_ten(done.stdout.replace(shell.env["OCPCTL_URL"], SERVER)).splitlines()
        seen += [f"$ {command}", *_without_the_middle(lines)]
    return "\n".join(seen)


def _at_ten(text: str) -> str:
    """Nobody wonders when it was recorded."""
    return MOMENT.sub("2026-11-27T10:00:00Z", UNTIL.sub("2026-11-27 10:30 UTC", text))


def _without_the_middle(lines: list[str]) -> list[str]:
    """Of a wait the first and the last line are enough."""
    waits = [number for number, line in enumerate(lines) if PROGRESS.match(line)]
    middle = range(waits[0] + 1, waits[-1]) if waits else range(0)
    shown = [PROGRESS.sub("10:00:00Z  ", line) for number, line in enumerate(lines) if number not in middle]
    return [*shown[: waits[0] + 1], "…", *shown[waits[0] + 1 :]] if waits else shown


def comparable(session: str) -> str:
    """Without what differs each time."""
    for pattern, instead in CHANGING:
        session = pattern.sub(instead, session)
    return _at_ten(session)


def written() -> str:
    """The README's."""
    block = README.read_text().partition(BEGIN)[2].partition(END)[0]
    return "\n".join(line.removeprefix("    ") for line in block.strip("\n").splitlines())


def main() -> None:
    """Writes it."""
    with tempfile.TemporaryDirectory(dir=ROOT / ".local") as name:
        settings = StackSettings(folder=Path(name) / "stack", knobs={"default": {"time_scale": 0.3}})
        with running_stack(settings) as stack:
            home = Path(name) / "home"
            home.mkdir()
            session = record(Shell(stack=stack, home=home, more={"PATH": f"{PROGRAM.parent}:/usr/bin:/bin"}))
    before, _, rest = README.read_text().partition(BEGIN)
    after = rest.partition(END)[2]
    indented = "\n".join(f"    {line}".rstrip() for line in session.splitlines())
    README.write_text(f"{before}{BEGIN}\n{indented}\n{END}{after}")


if __name__ == "__main__":
    main()
