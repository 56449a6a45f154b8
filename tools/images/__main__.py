"""`python -m tools.images [--base BASE]`: builds every image of deploy/images/Containerfile into this clone's store.

BASE is an image of a registry; `local` makes one of Debian's packages, without a registry.
"""

import argparse
import subprocess
import sys
import time
import tomllib

from ocpctl_local.processes import buildah
from ocpctl_local.processes.buildah import NoImages
from ocpctl_local.settings import ROOT

from tools.images import base

FOLDER = "deploy/images"
UV = ROOT / ".local" / "uv" / "bin" / "uv"


def main() -> None:
    """Says of each image how large it is and how long it took."""
    parser = argparse.ArgumentParser(prog="python -m tools.images", description=__doc__)
    parser.add_argument("--base", default="", help="an image with glibc and Python; `local`: from Debian's packages")
    parser.add_argument("--remove", action="store_true", help="remove the store")
    arguments = parser.parse_args()
    try:
        buildah.remove() if arguments.remove else build(arguments.base)
    except NoImages as error:
        sys.exit(str(error))


def build(chosen: str) -> None:
    """Builds every target on the base. Raises NoImages."""
    buildah.check()
    began = time.monotonic()
    words = ["--build-arg", f"BASE={base.make() if chosen == 'local' else chosen}"] if chosen else []
    for target in buildah.TARGETS:
        buildah.run("build", "--isolation", "chroot", "--layers", *words, *common(), "--target", target, *tag(target))
        buildah.unpack(target)
        say(f"{target}: {megabytes(target)} MB", began)


def common() -> list[str]:
    """What every build is told: the clone, its version, and this machine's package cache and authorities."""
    cache = subprocess.run([UV, "cache", "dir"], capture_output=True, text=True, check=True).stdout.strip()
    revision = subprocess.run(["git", "rev-parse", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=False)
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    words = ["--file", str(ROOT / FOLDER / "Containerfile"), "--ignorefile", str(ROOT / FOLDER / "ignore")]
    words += ["--volume", f"{cache}:/root/.cache/uv", "--volume", "/etc/ssl/certs:/etc/ssl/certs:ro"]
    words += ["--build-arg", f"VERSION={version}"]
    return [*words, "--build-arg", f"REVISION={revision.stdout.strip() or 'unknown'}"]


def tag(target: str) -> list[str]:
    """The image's name, and what is built."""
    return ["--tag", buildah.name(target), str(ROOT)]


def megabytes(target: str) -> int:
    """The size of an unpacked image."""
    root = buildah.image(target).root
    used = subprocess.run(["du", "-sx", "--block-size=1M", root], capture_output=True, text=True, check=True)
    return int(used.stdout.split()[0])


def say(what: str, began: float) -> None:
    """A line of progress."""
    sys.stdout.write(f"{what} ({time.monotonic() - began:.0f} s)\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
