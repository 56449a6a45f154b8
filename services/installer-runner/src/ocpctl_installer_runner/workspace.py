"""An attempt's own directory. It holds secrets while the run lasts."""

import shutil
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Workspace:
    """Everything of one attempt lies below `path`."""

    path: Path

    def make_folder(self, name: str) -> Path:
        """A new, empty, private directory. Never used twice."""
        folder = self.path / name
        folder.mkdir(mode=0o700, parents=True)
        return folder

    def remove(self) -> None:
        """Secrets do not stay on disk."""
        shutil.rmtree(self.path, ignore_errors=True)


def output_of(folder: Path) -> Path:
    """Where an installer's stdout and stderr go: beside its directory, so that the snapshot does not hold them."""
    return folder.with_name(f"{folder.name}.out")
