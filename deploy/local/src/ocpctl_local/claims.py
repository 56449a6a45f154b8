"""Claims about a running stack, each told when it was seen to be true: what the demo and the drills are made of."""

import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from rich.console import Console
from rich.table import Table

from ocpctl_local.client import Client
from ocpctl_local.command_line import CommandLine
from ocpctl_local.processes.children import StackFailed
from ocpctl_local.settings import StackSettings
from ocpctl_local.stack import Stack, running_stack
from ocpctl_local.state import FolderInUse

PATIENCE = 300.0  # for a machine that does other things too; an idle one needs a tenth

console = Console(highlight=False, emoji=False, soft_wrap=True)


class NotTrue(Exception):
    """A claim of the product does not hold."""


@dataclass(slots=True)
class Claims:
    """The claims that were checked so far, each with the seconds it took."""

    stack: Stack
    client: Client
    checked: list[tuple[str, float]] = field(default_factory=list)
    _since: float = field(default_factory=time.monotonic)

    def claim(self, sentence: str, holds: object, evidence: object = "") -> None:
        """Prints and remembers a claim. Raises NotTrue."""
        if not holds:
            raise NotTrue(f"{sentence}: {evidence}")
        now = time.monotonic()
        self.checked.append((sentence, now - self._since))
        self._since = now
        console.print(f"  [green]✓[/] {sentence}")

    def typed(self, *words: str) -> str:
        """What `ocpctl` puts out; its progress is printed. Raises NotTrue when it ends with another code than 0."""
        code, out = CommandLine(self.stack, _indented).run(*words)
        if code:
            raise NotTrue(f"`ocpctl {' '.join(words)}` ended with {code}")
        return out.rstrip("\n")

    def show(self, cluster_id: str) -> dict[str, Any]:
        """Prints the stages of a cluster until it comes to an end; returns it."""
        cluster: dict[str, Any] = {}
        for cluster in self.client.watch(cluster_id, PATIENCE):
            console.print(f"    {cluster['status']:<11} {cluster['progressPercent']:>3} %  {cluster['stage']}")
        return cluster


def _indented(line: str) -> None:
    console.print(f"    {line}", markup=False)


def run_checked(settings: StackSettings, tell: Callable[[Claims], None]) -> None:
    """Tells a story on a stack of its own. Ends the process with 1 at the first claim that is not true."""
    began = time.monotonic()
    console.print("[bold]starting the stack[/]")
    try:
        with running_stack(settings, verbose=True) as stack:
            claims = Claims(stack, Client(stack))
            tell(claims)
    except (NotTrue, StackFailed, FolderInUse, TimeoutError) as error:
        console.print(f"[red]not true:[/] {error}\nlogs: {settings.folder / 'logs'}")
        sys.exit(1)
    except KeyboardInterrupt:
        console.print("stopped; nothing is left running")
        sys.exit(130)
    _summary(claims, time.monotonic() - began)


def _summary(claims: Claims, seconds: float) -> None:
    """The table of what was checked."""
    table = Table("checked", "seconds", title="everything held")
    for sentence, took in claims.checked:
        table.add_row(sentence, f"{took:.1f}")
    console.print(table)
    console.print(f"all in {seconds:.0f} s")
