"""Command lines as oc and ccoctl read them: flags are written in full, and what is wrong ends with 1."""

import argparse
from collections.abc import Sequence
from typing import NoReturn


class Parser(argparse.ArgumentParser):
    """One command with its flags."""

    def __init__(self, program: str, *, required: Sequence[str] = (), optional: Sequence[str] = ()) -> None:
        super().__init__(prog=program, allow_abbrev=False)
        self._needed = required
        for name in (*required, *optional):
            self.add_argument(f"--{name}", default="")

    def read(self, words: Sequence[str]) -> argparse.Namespace:
        """The flags. Ends the program when one is unknown or missing."""
        found = self.parse_args(words)
        missing = [name for name in self._needed if not getattr(found, name.replace("-", "_"))]
        if missing:
            listed = ", ".join(f'"{name}"' for name in missing)
            self.error(f"required flag(s) {listed} not set")
        return found

    def error(self, message: str) -> NoReturn:
        """Says it and ends."""
        self.exit(1, f"Error: {message}\n")
