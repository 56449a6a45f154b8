"""A folder lives as long as the process that owns it."""

import subprocess
import sys
from pathlib import Path

from ocpctl_local.processes import owned_folder

OWNER = """
import pathlib, sys
from ocpctl_local.processes import owned_folder

owned_folder.make(pathlib.Path(sys.argv[1]))
"""


def test_the_folder_of_a_dead_process_is_removed_and_ours_stays(tmp_path: Path) -> None:
    ours, theirs = tmp_path / "run-ours", tmp_path / "run-theirs"
    owned_folder.make(ours)
    subprocess.run([sys.executable, "-c", OWNER, str(theirs)], check=True)
    (theirs / "file").touch()
    other = tmp_path / "else"
    other.mkdir()
    owned_folder.remove_abandoned(tmp_path, "run-*")
    assert sorted(tmp_path.iterdir()) == [other, ours]
    owned_folder.remove(ours)
    assert not ours.exists()
