"""A base image of Debian's packages, for machines without an image registry. It is the release of this machine.

It has no security updates and is for trying the images, not for shipping them.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from ocpctl_local.processes import buildah
from ocpctl_local.processes.buildah import STORE, NoImages

NAME = "localhost/ocpctl/base"
PATH = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
# In memory: dpkg waits for the disk after every file, which takes minutes where others write.
SCRIPT = """
set -eu
mount -t tmpfs -o size=2g tmpfs /mnt
debootstrap --variant=minbase --include=python3,ca-certificates "$1" /mnt $2
cd /mnt
rm -rf var/cache/apt/archives/*.deb var/lib/apt/lists/* var/log/* usr/share/doc/* usr/share/man/* usr/share/locale/*
tar -cf "$3" .
"""


def make() -> str:
    """The name of the base; made once a store. Raises NoImages."""
    if not shutil.which("debootstrap"):
        raise NoImages("debootstrap is missing: apt-get install buildah debootstrap")
    if NAME not in buildah.run("images", "--format", "{{.Name}}").splitlines():
        sys.stdout.write("making a base of Debian's packages\n")
        sys.stdout.flush()
        STORE.mkdir(parents=True, exist_ok=True)
        _import(_tree(STORE / "base.tar"))
    return NAME


def _tree(archive: Path) -> Path:
    command = ["unshare", "--mount", "sh", "-c", SCRIPT, "sh", codename(), mirror(), str(archive)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env={**os.environ, "LC_ALL": "C"})
    if done.returncode != 0:
        raise NoImages(f"debootstrap failed: {(done.stderr or done.stdout).strip()[-1000:]}")
    return archive


def _import(archive: Path) -> None:
    container = buildah.run("from", "scratch")
    buildah.run("add", "--quiet", container, str(archive), "/")
    buildah.run("config", "--env", PATH, container)
    buildah.run("commit", "--quiet", "--rm", container, NAME)
    archive.unlink()


def codename() -> str:
    """The release of this machine: then its Python is the base's. Raises NoImages."""
    facts = dict(line.partition("=")[::2] for line in Path("/etc/os-release").read_text().splitlines())
    if not (found := facts.get("VERSION_CODENAME", "").strip('"')):
        raise NoImages("BASE=local needs Debian or Ubuntu; name an image as BASE instead")
    return found


def mirror() -> str:
    """Where this machine takes its packages from; empty: debootstrap's own choice."""
    command = ["apt-get", "indextargets", "--format", "$(SITE) $(RELEASE)", "Created-By: Packages"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    release = codename()
    return next((site for site, name in map(str.split, done.stdout.splitlines()) if name == release), "")
