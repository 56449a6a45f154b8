"""A process of an image sees, may do and may write what a container engine would let it; and no more."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from subprocess import PIPE
from typing import Any

import pytest
from ocpctl_local.processes import buildah
from ocpctl_local.processes.buildah import Image
from ocpctl_local.processes.origin import OWN, UID, Images, Program

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="a root of its own is made by root")

# What the test's own Python runs from; an image brings its own.
SYSTEM = tuple(path for path in map(Path, ("/usr", "/lib", "/lib64", sys.base_prefix)) if path.exists())
PYTHON = str(Path(sys.executable).resolve())
PROGRAM = """
import json, os, sys
def kept(path):
    try:
        with open(path, "w") as file: file.write("x")
    except OSError as error: return error.strerror
    return "written"
status = dict(line.split(":", 1) for line in open("/proc/self/status"))
words = {name: status[name].split() for name in ("Uid", "Gid", "Groups", "CapEff", "CapBnd", "CapPrm", "NoNewPrivs")}
print(json.dumps({"pid": os.getpid(), "cwd": os.getcwd(), "env": sorted(os.environ), **words,
    "kept": {path: kept(path) for path in sys.argv[1:]}, "root": sorted(os.listdir("/")),
    "devices": sorted(os.listdir("/dev"))}), flush=True)
with open("/dev/stdout", "a") as out: out.write("by its name\\n")
"""


@pytest.fixture
def images(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Images]:
    root = tmp_path / "image"
    (root / "opt").mkdir(parents=True)
    (root / "opt" / "file").touch()
    made = Image(root=root, entry_point=(PYTHON, "-I", "-c", PROGRAM), env={"OF_THE_IMAGE": "yes"})
    monkeypatch.setattr(buildah, "image", {"one": made}.__getitem__)
    yield Images(tmp_path / "stack")
    assert str(tmp_path) not in Path("/proc/mounts").read_text()  # its mounts were its own


def program(*words: str, **places: Any) -> Program:
    return Program(image="one", command=("never",), entry_point=(PYTHON, "-I", "-c", *words), **places)


def started(images: Images, one: Program) -> "subprocess.Popen[str]":
    command = images.command("it", one)
    return subprocess.Popen(
        command, env=dict(images.env(one)), text=True, stdout=PIPE, stderr=PIPE, start_new_session=True
    )


def test_it_has_a_root_of_its_own_and_no_privilege(images: Images, tmp_path: Path) -> None:
    given, read, mine = tmp_path / "stack" / "given", tmp_path / "read", tmp_path / "mine"
    read.touch()
    mine.touch()
    paths = (f"{given}/file", str(read), str(mine), "/opt/file", "/new", *(f"{own}/file" for own in OWN))
    process = started(images, program(PROGRAM, *paths, reads=(*SYSTEM, read), writes=(given,)))
    out, err = process.communicate(timeout=120)
    assert err == ""
    seen, said = out.splitlines()
    saw = json.loads(seen)
    assert said == "by its name"
    assert saw["pid"] == process.pid  # whoever started it signals the program itself
    assert saw["cwd"] == OWN[1]
    assert (saw["Uid"], saw["Gid"], saw["Groups"]) == ([str(UID)] * 4, ["0"] * 4, [])
    assert {int(saw[name][0], 16) for name in ("CapEff", "CapBnd", "CapPrm")} == {0}
    assert saw["NoNewPrivs"] == ["1"]
    assert "OF_THE_IMAGE" in saw["env"]
    assert "PATH" not in saw["env"]  # nothing of this machine's user
    kept = saw["kept"]
    # Its folder is part of the read-only root, or root's inside a /tmp or /work of its own: it depends on the clone.
    assert kept.pop(str(mine)) in ("Read-only file system", "Permission denied")
    closed = [str(read), "/opt/file", "/new"]
    assert kept == {
        path: "Read-only file system" if path in closed else "written" for path in paths if path != str(mine)
    }
    assert mine.read_text() == ""
    assert (given / "file").stat().st_uid == UID
    assert "home" not in saw["root"]
    assert saw["devices"] == ["fd", "full", "null", "random", "stderr", "stdout", "urandom", "zero"]


def test_a_signal_reaches_the_program(images: Images) -> None:
    told = (
        "import signal, sys, time; signal.signal(15, lambda *_: sys.exit(7)); print('up', flush=True); time.sleep(60)"
    )
    process = started(images, program(told, reads=SYSTEM))
    assert process.stdout is not None
    assert process.stdout.readline() == "up\n"
    process.send_signal(signal.SIGTERM)
    assert process.wait(30) == 7


def test_it_dies_with_whoever_started_it(images: Images) -> None:
    words = images.command(
        "it", program("import os, time; print(os.getpid(), flush=True); time.sleep(600)", reads=SYSTEM)
    )
    parent = "import subprocess, sys, time; subprocess.Popen(sys.argv[1:]); time.sleep(600)"
    starter = subprocess.Popen([sys.executable, "-I", "-c", parent, *words], stdout=PIPE, text=True)
    assert starter.stdout is not None
    pid = int(starter.stdout.readline())
    starter.kill()
    starter.wait()
    while Path(f"/proc/{pid}/cwd").exists() and "Z" not in Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2]:
        time.sleep(0.05)


def test_what_no_image_has_runs_from_the_clone(tmp_path: Path) -> None:
    assert Images(tmp_path).command("it", Program(command=("a", "b"))) == ("a", "b")
    assert Images(tmp_path).env(Program(command=("a",))) == {"PATH": "/usr/bin:/bin", "HOME": str(tmp_path)}


def test_what_it_writes_is_handed_to_its_user_and_nothing_outside_of_the_stack(images: Images, tmp_path: Path) -> None:
    ours, theirs = tmp_path / "stack" / "deep" / "file", tmp_path / "theirs"
    ours.parent.mkdir(parents=True)
    ours.touch()
    theirs.touch()
    images.command("it", Program(image="one", command=(), reads=(theirs,), writes=(ours.parent,)))
    assert ours.stat().st_uid == ours.parent.stat().st_uid == UID
    assert theirs.stat().st_uid == 0
