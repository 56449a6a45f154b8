"""PostgreSQL's programs run also when they lie where its account may not look."""

import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest
from ocpctl_local.database import programs


def test_a_copy_of_the_programs_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    copy = programs.reachable_copy(programs.binaries(None))
    assert copy.is_relative_to(tmp_path)
    assert programs.reachable_copy(programs.binaries(None)) == copy
    said = subprocess.run([copy / "initdb", "--version"], capture_output=True, text=True, check=True).stdout
    assert "PostgreSQL" in said
    shutil.rmtree(tmp_path)
