"""Each `aws` command of the pages is one that AWS's own description knows: call, options, what it must be given.

AWS's command line has an operation of a service as a command, and the members of its input as options. Templates are
read here, too: whether parameters and outputs that a command names are theirs.
"""

import re
import shlex
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import NamedTuple

import botocore.session
import pytest
import yaml
from botocore import xform_name
from botocore.exceptions import UnknownServiceError
from botocore.model import OperationModel, Shape
from ocpctl_local.settings import ROOT

from tools.policies import Loader

PAGES = [
    page
    for page in [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
    if re.search(r"\baws [a-z]", page.read_text()) and "decisions" not in page.parts
]
TEMPLATES = ROOT / "deploy" / "cloudformation"
# Of the command line itself, for every call.
EVERYWHERE = {"query", "output", "region", "profile"}
# Commands that are no operation: their options.
OWN = {
    ("ecr", "get-login-password"): set[str](),
    ("rds", "generate-db-auth-token"): {"hostname", "port", "username"},
    ("cloudformation", "wait"): {"stack-name"},
    ("cloudformation", "deploy"): {"stack-name", "template-file", "capabilities", "parameter-overrides"},
}


class Command(NamedTuple):
    service: str
    name: str
    options: tuple[str, ...]
    words: tuple[str, ...]


def commands(text: str) -> Iterator[Command]:
    """Every `aws …` of a page: in blocks of shell, and in single quotes of Markdown."""
    joined = text.replace("\\\n", " ")
    for found in re.finditer(
        r"(?:^|[`(;|] ?|do +|&& )aws ((?:[a-z0-9-]+) (?:[a-z][a-z0-9-]+)[^\n`]*)", joined, re.MULTILINE
    ):
        words = _words(found[1])
        yield Command(words[0], words[1], tuple(word[2:] for word in words if re.fullmatch(r"--[a-z-]+", word)), words)


def _words(line: str) -> tuple[str, ...]:
    """As far as the command goes: a substitution's bracket, a pipe or a comment ends it."""
    substituted = re.sub(r"\$\([^()]*\)", "VALUE", line)
    lexer = shlex.shlex(substituted, posix=True, punctuation_chars=";|)")
    lexer.whitespace_split, lexer.commenters = True, "#"
    words: list[str] = []
    try:
        for word in lexer:
            if word[0] in ";|)":
                break
            words.append(word)
    except ValueError:  # a quotation that goes on in the next line
        pass
    return tuple(words)


def told(page: Path) -> list[Command]:
    return list(commands(page.read_text()))


ALL = [(page.relative_to(ROOT).as_posix(), command) for page in PAGES for command in told(page)]
IDS = [f"{page}-{command.service}-{command.name}" for page, command in ALL]


@cache
def operation(service: str, name: str) -> OperationModel | None:
    try:
        model = botocore.session.get_session().get_service_model("s3" if service == "s3api" else service)
    except UnknownServiceError:
        return None
    found = {xform_name(one, "-"): one for one in model.operation_names}
    return model.operation_model(found[name]) if name in found else None


def members(model: OperationModel) -> Mapping[str, Shape]:
    """What the call is given, by the name of the option."""
    shapes = model.input_shape.members if model.input_shape else {}
    return {xform_name(name, "-"): one for name, one in shapes.items()}


def options(model: OperationModel) -> set[str]:
    """Yes-or-no members are `--this` and `--no-this`."""
    found = members(model)
    return found.keys() | {f"no-{name}" for name, one in found.items() if one.type_name == "boolean"}


def required(model: OperationModel) -> set[str]:
    """Without tokens, which the command line makes by itself."""
    names = {xform_name(name, "-") for name in (model.input_shape.required_members if model.input_shape else ())}
    return {name for name in names if not members(model)[name].metadata.get("idempotencyToken")}


@pytest.mark.parametrize(("page", "command"), ALL, ids=IDS)
def test_the_command_is_one_of_aws_with_options_of_its_own(page: str, command: Command) -> None:
    own = OWN.get(command[:2])
    if own is not None:
        assert set(command.options) <= own | EVERYWHERE, page
        return
    model = operation(command.service, command.name)
    assert model is not None, f"{page}: aws {command.service} {command.name}"
    assert set(command.options) <= options(model) | EVERYWHERE, page


@pytest.mark.parametrize(("page", "command"), ALL, ids=IDS)
def test_what_aws_must_be_given_is_given(page: str, command: Command) -> None:
    model = operation(command.service, command.name)
    if model is None or len(command.words) == 2:  # a command that is only named
        return
    assert required(model) <= set(command.options), page


@pytest.mark.parametrize(
    ("page", "command"), [one for one in ALL if one[1].name == "deploy"], ids=lambda one: str(one)[:40]
)
def test_a_template_has_the_parameters_that_it_is_given(page: str, command: Command) -> None:
    parameters = _template(after(command, "template-file"))["Parameters"]
    given = {word.partition("=")[0] for word in command.words if re.match(r"[A-Z][A-Za-z]+=", word)}
    assert given <= parameters.keys(), page
    assert {name for name, one in parameters.items() if "Default" not in one} <= given, page


def after(command: Command, option: str) -> str:
    return command.words[command.words.index(f"--{option}") + 1]


def _template(path: str) -> dict[str, dict[str, dict[str, str]]]:
    assert (ROOT / path).parent == TEMPLATES
    return yaml.load((ROOT / path).read_text(), Loader)  # type: ignore[no-any-return]  # noqa: S506 - a safe one


def test_the_path_reads_outputs_that_its_stacks_have() -> None:
    text = (ROOT / "docs" / "operations.md").read_text()
    stacks = {after(one, "stack-name"): after(one, "template-file") for one in commands(text) if one.name == "deploy"}
    read = re.findall(r"\$\(output ([a-z-]+) ([A-Za-z]+)\)", text)
    assert len(read) > 10
    for stack, output in read:
        assert output in _template(stacks[stack])["Outputs"], (stack, output)


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("sqs send-message --queue-url $(output a B) | tee x", ("sqs", "send-message", "--queue-url", "VALUE")),
        ("sts get-caller-identity --query Account)", ("sts", "get-caller-identity", "--query", "Account")),
        ("s3api list-buckets # all", ("s3api", "list-buckets")),
    ],
)
def test_a_command_ends_where_the_shell_ends_it(line: str, words: Sequence[str]) -> None:
    assert _words(line) == tuple(words)


def test_the_pages_have_commands() -> None:
    assert len(ALL) > 30
