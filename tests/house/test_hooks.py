"""Hooks and the forge run commands of `make check` and other targets of the Makefile, and nothing else."""

import re
import subprocess
from typing import Any

import pytest
import yaml
from ocpctl_local.settings import ROOT

WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
CHECKOUT = re.compile(r"actions/checkout@[0-9a-f]{40}")


def hooks() -> list[dict[str, Any]]:
    """All hooks of the pre-commit configuration."""
    configuration = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text())
    assert [repo["repo"] for repo in configuration["repos"]] == ["local"]
    return [hook for repo in configuration["repos"] for hook in repo["hooks"]]


def jobs() -> list[dict[str, Any]]:
    """All jobs of all workflows."""
    return [job for path in WORKFLOWS for job in yaml.safe_load(path.read_text())["jobs"].values()]


def plain(command: str) -> str:
    """Whoever runs it: only root makes images, and installs what makes them."""
    return command.removeprefix("sudo ")


def planned(*words: str) -> list[str]:
    """The commands that `make` would run."""
    done = subprocess.run(("make", "--dry-run", *words), cwd=ROOT, check=True, capture_output=True, text=True)
    return done.stdout.splitlines()


def test_each_hook_is_a_command_of_make_check() -> None:
    assert {hook["entry"] for hook in hooks()} - set(planned("check")) == set()


@pytest.mark.parametrize("hook", hooks(), ids=lambda hook: hook["id"])
def test_a_hook_checks_the_whole_clone(hook: dict[str, Any]) -> None:
    assert (hook["language"], hook["pass_filenames"]) == ("system", False)


def test_the_forge_runs_targets_of_the_makefile_only() -> None:
    commands = [plain(step["run"]) for job in jobs() for step in job["steps"] if "run" in step]
    assert {"make check", "make test"} < set(commands)
    assert all(planned(*command.split()[1:]) for command in commands if command.split()[0] == "make")
    assert [command for command in commands if not command.startswith("make ")] == []


def test_the_forge_uses_no_action_but_a_pinned_checkout() -> None:
    used = [step["uses"] for job in jobs() for step in job["steps"] if "uses" in step]
    assert [action for action in used if not CHECKOUT.fullmatch(action)] == []
