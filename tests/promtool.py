"""Prometheus's own checker of rules: the machine's, else the one of Debian's archive, unpacked and not installed."""

import shutil
import subprocess
from pathlib import Path

import pytest
from ocpctl_local.settings import ROOT

FOLDER = ROOT / ".local" / "promtool"
NOWHERE = "promtool is not on PATH, and Debian's archive does not give its package prometheus: "


def promtool() -> Path:
    """Its path; skips the test where it cannot be had."""
    unpacked = FOLDER / "usr" / "bin" / "promtool"
    if found := shutil.which("promtool"):
        return Path(found)
    if not unpacked.exists():
        _download()
    return unpacked


def _download() -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    if not shutil.which("apt-get"):
        pytest.skip(NOWHERE + "this machine has no apt-get")
    if (failed := _apt_get("download", "prometheus")) and not _apt_get("update", "-qq"):  # a fresh machine has no lists
        failed = _apt_get("download", "prometheus")
    if failed:
        pytest.skip(NOWHERE + failed)
    (package,) = FOLDER.glob("prometheus_*.deb")
    subprocess.run(("dpkg-deb", "-x", package, FOLDER), timeout=60, check=True)
    package.unlink()


def _apt_get(*words: str) -> str:
    """What went wrong."""
    done = subprocess.run(("apt-get", *words), cwd=FOLDER, capture_output=True, text=True, timeout=120, check=False)
    return done.stderr if done.returncode else ""
