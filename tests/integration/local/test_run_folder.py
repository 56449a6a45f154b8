"""What a test run writes lies in its own folder, and the next run removes the folder of a run that was killed."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from ocpctl_local.settings import ROOT

from tests.waiting import wait_for

# With a database and a folder of its own, as most tests have.
INNER = """
import os, pathlib, tempfile, time

def test_inner(postgres_server, tmp_path):
    tempfile.mkdtemp()
    told = pathlib.Path(os.environ["TOLD"])
    told.with_suffix(".new").write_text(tempfile.gettempdir())
    told.with_suffix(".new").rename(told)
    while os.environ["HANGS"]:
        time.sleep(1)
"""


class Run:
    """One small test run of its own. `temp` is the machine's temp folder as the run sees it."""

    def __init__(self, folder: Path, name: str, temp: Path, *, hangs: bool) -> None:
        inner = folder / "test_inner.py"
        inner.write_text(INNER)
        self.told = folder / name
        words = ("-q", "-p", "tests.conftest", "-p", "no:cacheprovider", "-c", "pyproject.toml", str(inner))
        env = {"PATH": os.environ["PATH"], "TMPDIR": str(temp), "TOLD": str(self.told), "HANGS": "yes" * hangs}
        self.process = subprocess.Popen([sys.executable, "-m", "pytest", *words], cwd=ROOT, env=env)

    def folder(self) -> Path:
        """Where it writes, as soon as its test has begun."""
        wait_for(self.told.exists, what="the inner test")
        return Path(self.told.read_text())


@pytest.mark.timeout(300)  # two runs, each with a database
def test_a_killed_run_leaves_nothing_after_the_next_one(tmp_path: Path) -> None:
    temp = tmp_path / "temp"
    temp.mkdir(mode=0o711)
    killed = Run(tmp_path, "killed", temp, hangs=True)
    try:
        left = killed.folder()
    finally:
        killed.process.kill()
    killed.process.wait()
    wait_for(lambda: not processes_in(left), what="the end of its database")
    assert any(left.iterdir())
    after = Run(tmp_path, "after", temp, hangs=False)
    assert after.process.wait() == 0
    assert not left.exists()
    assert not after.folder().exists()
    assert [path for path in temp.rglob("*") if path.is_file()] == []


def processes_in(folder: Path) -> list[str]:
    """The processes that work in the folder."""
    links = Path("/proc").glob("[0-9]*/cwd")
    return [link.parent.name for link in links if Path(os.path.realpath(link)).is_relative_to(folder)]
