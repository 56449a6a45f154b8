"""Generates everything that is derived from protos/: Python code, type stubs, Envoy's descriptor set, OpenAPI.

``python -m tools.generate`` writes in place; ``--check`` generates into a temporary folder and fails, naming
the files, when the committed result differs. Deterministic: the plugin versions are locked in uv.lock.
"""

import argparse
import filecmp
import shutil
import sys
import tempfile
from importlib.resources import files
from pathlib import Path

from grpc_tools import protoc

from tools.openapi.document import render

ROOT = Path(__file__).resolve().parent.parent
GOOGLE_FILES = (
    "google/api/annotations.proto",
    "google/api/field_behavior.proto",
    "google/api/http.proto",
    "google/api/httpbody.proto",
    "google/rpc/code.proto",
    "google/rpc/error_details.proto",
    "google/rpc/status.proto",
)
PYTHON = Path("libs/stubs/src")
EDGE = Path("deploy/envoy/src/ocpctl_envoy/files")
DESCRIPTORS = EDGE / "ocpctl.binpb"
OPENAPI = EDGE / "docs" / "openapi.json"
VENDORED = Path("third_party/googleapis")


def generate(root: Path) -> None:
    """Writes all derived files below `root`."""
    vendor_google(root / VENDORED)
    protos = sorted(str(p.relative_to(ROOT / "protos")) for p in (ROOT / "protos").rglob("*.proto"))
    out = root / PYTHON
    out.mkdir(parents=True, exist_ok=True)
    run(
        [
            f"--python_out={out}",
            f"--grpc_python_out={out}",
            f"--mypy_out={out}",
            f"--mypy_grpc_out={out}",
            *protos,
        ]
    )
    public = [p for p in protos if p.startswith("ocpctl/v1/")]
    descriptors = root / DESCRIPTORS
    descriptors.parent.mkdir(parents=True, exist_ok=True)
    # error_details must be in the set, or Envoy cannot print the details of an error (docs/api.md).
    run(
        [
            "--include_imports",
            f"--descriptor_set_out={descriptors}",
            *public,
            "google/rpc/error_details.proto",
            "google/rpc/status.proto",
        ]
    )
    (root / OPENAPI).parent.mkdir(parents=True, exist_ok=True)
    (root / OPENAPI).write_text(render(described(public)))


def described(protos: list[str]) -> bytes:
    """A descriptor set with imports and comments."""
    with tempfile.NamedTemporaryFile() as file:
        run(["--include_imports", "--include_source_info", f"--descriptor_set_out={file.name}", *protos])
        return Path(file.name).read_bytes()


def vendor_google(target: Path) -> None:
    """Copies the googleapis files from the installed wheel, because buf's remote modules need an account."""
    for name in GOOGLE_FILES:
        destination = target / name
        destination.parent.mkdir(parents=True, exist_ok=True)
        destination.write_text(files("google").joinpath(name.removeprefix("google/")).read_text())


def run(arguments: list[str]) -> None:
    """Runs protoc with our include paths; ends the program when protoc refuses."""
    well_known = str(files("grpc_tools").joinpath("_proto"))
    includes = [f"-I{ROOT / 'protos'}", f"-I{ROOT / VENDORED}", f"-I{well_known}"]
    # The plugins lie beside this interpreter, whether or not its environment is activated.
    beside = Path(sys.executable).parent
    plugins = [f"--plugin={name}={beside / name}" for name in ("protoc-gen-mypy", "protoc-gen-mypy_grpc")]
    if protoc.main(["protoc", *plugins, *includes, *arguments]) != 0:
        sys.exit("protoc failed; its message is above")


def stale_files(fresh: Path) -> list[str]:
    """Names of derived files that are missing, different or left over."""
    wanted = {p.relative_to(fresh) for p in fresh.rglob("*") if p.is_file()}
    folders = (PYTHON / "ocpctl", VENDORED)
    present = {
        p.relative_to(ROOT)
        for d in folders
        for p in (ROOT / d).rglob("*")
        if p.is_file() and "__pycache__" not in p.parts
    }
    present |= {p for p in (DESCRIPTORS, OPENAPI) if (ROOT / p).exists()}
    different = {p for p in wanted & present if not filecmp.cmp(fresh / p, ROOT / p, shallow=False)}
    return sorted(map(str, different | (wanted ^ present)))


def main() -> None:
    """Command line entry."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="fail if the committed files are not fresh")
    if not parser.parse_args().check:
        shutil.rmtree(ROOT / PYTHON / "ocpctl", ignore_errors=True)
        generate(ROOT)
        return
    with tempfile.TemporaryDirectory() as folder:
        generate(Path(folder))
        if stale := stale_files(Path(folder)):
            sys.exit("stale generated files, run `make gen`:\n  " + "\n  ".join(stale))
    print("generated code is fresh")  # noqa: T201


if __name__ == "__main__":
    main()
