"""`python -m tools.images.contents`: looks into each image, and ends with 1 at what is not as docs/images.md promises.

Every module of the image's service is imported there, by the user and in the root that it will have.
"""

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from ocpctl_local.processes import buildah
from ocpctl_local.processes.buildah import Image, NoImages
from ocpctl_local.processes.origin import Images, Program

NEVER = ("pip", "gcc", "cc", "uv")
HEAVY = {
    "api-gateway": {"sqlalchemy", "psycopg", "boto3", "grpc", "joserfc"},
    "scheduler": {"sqlalchemy", "psycopg", "boto3", "grpc"},
    "installer-runner": {"boto3", "grpc", "zstandard", "tenacity"},
    "janitor": {"sqlalchemy", "psycopg", "boto3", "grpc"},
    "migrations": {"sqlalchemy", "psycopg", "alembic"},
    "envoy": {"flask_swagger_ui", "envoy"},
}
EVERY_MODULE = """
import importlib, os, pkgutil, sys
package = importlib.import_module(sys.argv[1])
for found in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
    last = found.name.rpartition(".")[2]
    if last not in {"__main__", "env"} and not last.endswith("_main") and not last[0].isdigit():
        importlib.import_module(found.name)
assert os.getuid() > 1_000_000 and os.getgid() == 0
for folder in ("/", "/opt/ocpctl", "/etc"):
    try:
        open(os.path.join(folder, "written"), "w")
    except OSError:
        continue
    sys.exit(f"{folder} can be written")
for folder in ("/tmp", "/work"):
    open(os.path.join(folder, "written"), "w").close()
"""


def main() -> None:
    """Says what is wrong with each image."""
    try:
        wrong = [f"{target}: {line}" for target in buildah.TARGETS for line in problems(target)]
    except NoImages as error:
        sys.exit(str(error))
    if wrong:
        sys.exit("\n".join(wrong))
    sys.stdout.write(f"{len(buildah.TARGETS)} images hold what they must, and nothing else\n")


def problems(target: str) -> Iterator[str]:
    """What is wrong with one image."""
    image = buildah.image(target)
    packages = {path.name for path in image.root.glob("opt/ocpctl/lib/python3*/site-packages/*")}
    heavy = set().union(*HEAVY.values())
    if packages & heavy != HEAVY[target]:
        yield f"packages {sorted(packages & heavy)} instead of {sorted(HEAVY[target])}"
    for program in NEVER:
        if found := [str(path) for path in image.root.glob(f"[uo]*/**/bin/{program}")]:
            yield f"has {found[0]}"
    components = json.loads((image.root / "opt/ocpctl/sbom.cdx.json").read_text())["components"]
    if not {"pydantic", "sqlalchemy"} & {component["name"] for component in components}:
        yield "the bill of materials is empty"
    if not list(image.root.glob("opt/ocpctl/lib/python3*/site-packages/ocpctl_*/__pycache__/*.pyc")):
        yield "nothing is compiled"
    yield from imports(target, image)


def imports(target: str, image: Image) -> Iterator[str]:
    """What fails when every module is imported as the service would."""
    module = image.entry_point[2]
    words = (image.entry_point[0], "-c", EVERY_MODULE, module)
    with tempfile.TemporaryDirectory() as folder:
        origin = Images(Path(folder))
        program = Program(image=target, command=(), entry_point=words)
        command = origin.command(target, program)
        done = subprocess.run(command, env=dict(image.env), capture_output=True, text=True, check=False)
    if done.returncode != 0:
        yield f"its modules cannot be imported: {done.stderr.strip()[-800:]}"


if __name__ == "__main__":
    main()
