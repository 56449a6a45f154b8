"""`ocpctl` as somebody types it who has the credentials of one of the stack's principals."""

import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from ocpctl_local.moto import identity
from ocpctl_local.stack import Stack

PROGRAM = Path(sys.executable).with_name("ocpctl")


def variables(stack: Stack, home: Path) -> dict[str, str]:
    """All that it is given: nothing of whoever started this process."""
    keys = str(identity.credentials(stack.folder / "keys"))
    base = {"PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": str(home), "LANG": "C.UTF-8"}
    return {**base, "AWS_SHARED_CREDENTIALS_FILE": keys, "OCPCTL_URL": stack.url}


@dataclass(frozen=True, slots=True)
class CommandLine:
    """`show` gets each line of progress as it comes."""

    stack: Stack
    show: Callable[[str], None]

    def run(self, *words: str) -> tuple[int, str]:
        """The exit code, and what is on stdout."""
        self.show(f"$ ocpctl {' '.join(words)}")
        home = self.stack.folder / "home"
        home.mkdir(exist_ok=True)
        command, env = [str(PROGRAM), *words], variables(self.stack, home)
        with (
            tempfile.TemporaryFile("w+") as out,
            subprocess.Popen(command, env=env, stdout=out, stderr=subprocess.PIPE, text=True) as process,
        ):
            for line in process.stderr or ():
                self.show(line.rstrip("\n"))
            code = process.wait()
            out.seek(0)
            return code, out.read()
