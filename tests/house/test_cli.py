"""Every route of the API has a command; every command is in the docs; nothing heavy is imported before it is needed."""

import ast
import json
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from ocpctl_cli.main import COMMANDS, cli
from ocpctl_local.settings import ROOT

SOURCES = ROOT / "clients" / "cli" / "src"
METHODS = {"get": "GET", "text": "GET", "pages": "GET", "elements": "GET", "ask": "POST", "change": "POST"}
# Routes that another one does the same as, or that a library of ours calls.
ELSEWHERE = {
    "DELETE /clusters/{}": "POST /clusters/{}/destroy",
    "GET /clusters/{}/kubeconfig.yaml": "GET /clusters/{}/kubeconfig",
    "POST /auth/logins": "ocpctl_client",
    "POST /auth/sessions": "ocpctl_client",
    "POST /auth/sessions/{}/extend": "ocpctl_client",
    "GET /auth/keys": "for who verifies tokens by itself",
}
HEAVY = {"boto3", "botocore", "rich", "yaml", "urllib3", "filelock", "ocpctl_client", "json.tool"}


def promised() -> set[str]:
    """`GET /clusters/{}` for each route of the contract."""
    paths = json.loads((ROOT / "docs" / "openapi.json").read_text())["paths"]
    return {
        f"{method.upper()} {re.sub(r'{[^}]*}', '{}', path.removeprefix('/api/v1'))}"
        for path, operations in paths.items()
        for method in operations
    }


def called() -> set[str]:
    """The same for each call of the command line's source."""
    return {route for path in SOURCES.rglob("*.py") for route in _calls(ast.parse(path.read_text()))}


def _calls(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr in METHODS
            and node.args
        ):
            path = _text(node.args[0])
            if path.startswith("/"):
                named = [word.value for word in node.keywords if word.arg == "method"]
                yield f"{_text(named[0]) if named else METHODS[node.func.attr]} {_one_id(path)}"


def _text(node: ast.expr) -> str:
    if isinstance(node, ast.JoinedStr):
        return "".join(part.value if isinstance(part, ast.Constant) else "{}" for part in node.values)  # type: ignore[misc]
    return str(node.value) if isinstance(node, ast.Constant) else ""


def _one_id(path: str) -> str:
    return path.replace("/sessions/current", "/sessions/{}")


def test_every_route_has_a_command() -> None:
    assert promised() - called() == ELSEWHERE.keys()


def test_no_command_asks_for_what_there_is_not() -> None:
    assert called() - promised() == set()


def test_the_page_names_every_command_and_option() -> None:
    page = (ROOT / "docs" / "cli.md").read_text()
    for name in COMMANDS:
        command = cli.get_command(cli.make_context("ocpctl", [], resilient_parsing=True), name)
        assert command is not None
        assert command.name == name
        assert command.help
        assert f"`ocpctl {name}" in page or f"`{name}" in page, f"docs/cli.md does not name {name}"


def typed() -> list[tuple[str, str]]:
    """Every call of the command line in pages and examples: where, and the words."""
    pages = [ROOT / "README.md", *(ROOT / "docs").glob("*.md"), *(ROOT / "examples").iterdir()]
    pages += [ROOT / "clients/github-action/run.sh"]
    calls = r"(?:^ {4,}(?:exec )?|^(?:exec )?|- |`|sh '(?:exec )?|ocpctl=|hint: )ocpctl ([a-z][^`'#\n]*)"
    return [
        (page.name, " ".join(words.split()))
        for page in pages
        for words in re.findall(calls, _text_of(page), re.MULTILINE)
    ]


def _text_of(page: Path) -> str:
    text = page.read_text().replace("\\\n", " ")
    return text.replace("$INPUT_TTL", "3h").replace("$INPUT_KEEP_ALIVE", "10m")


def test_what_pages_and_examples_type_is_right() -> None:
    wrong = []
    for page, words in typed():
        name, *rest = shlex.split(words)
        try:
            _parse(name, [word.strip("[]") for word in rest])
        except click.ClickException as error:
            wrong.append(f"{page}: ocpctl {words}: {error.format_message()}")
    assert wrong == []
    assert len(typed()) > 20


def _parse(name: str, rest: list[str]) -> None:
    found = cli.get_command(click.Context(cli), name)
    if found is None:
        raise click.UsageError(f"there is no {name}")
    if isinstance(found, click.Group):
        if not rest:
            return
        inner = found.get_command(click.Context(found), rest[0])
        assert inner is not None, rest
        found, rest = inner, rest[1:]
    if rest:  # a command that is only named needs no arguments
        found.make_context(name, rest)


@pytest.mark.parametrize("words", [["--version"], ["--help"]])
def test_nothing_heavy_is_imported_for_a_word(words: list[str]) -> None:
    program = "import sys; from ocpctl_cli.main import ended; ended(sys.argv[1:]); print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", program, *words], capture_output=True, text=True, check=True)
    assert HEAVY & set(done.stdout.split()) == set()


def test_a_call_of_the_api_needs_no_boto3() -> None:
    program = "import sys, ocpctl_cli.api, ocpctl_cli.commands.clusters; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert {"urllib3", "click"} <= set(done.stdout.split())
    assert {"boto3", "botocore", "rich", "yaml", "filelock"} & set(done.stdout.split()) == set()


def test_nothing_heavy_is_imported_to_complete_a_word() -> None:
    program = "import sys; from ocpctl_cli.main import ended; ended([]); print(*sys.modules, file=sys.stderr)"
    words = {"_OCPCTL_COMPLETE": "bash_complete", "COMP_WORDS": "ocpctl cre", "COMP_CWORD": "1", "PATH": "/bin"}
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-c", program], env=words, capture_output=True, text=True, check=False
    )
    assert "plain,create" in done.stdout
    imported = {line.rpartition("|")[2].strip() for line in done.stderr.splitlines() if line.startswith("import time:")}
    assert "click" in imported
    assert HEAVY & imported == set()
