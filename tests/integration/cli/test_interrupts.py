"""Ctrl-C in every command, once and twice: it ends with 130, and without a traceback."""

import signal
import threading
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from ocpctl_cli.durations import Duration
from ocpctl_cli.main import cli

from tests.integration.cli.conftest import Server
from tests.integration.cli.processes import begin, interrupt, variables
from tests.integration.small_server import Answer
from tests.waiting import wait_for

ID = "clu_01M8EFPASCJ5TJS3Q50XJSFJAQ"
OF_THIS_MACHINE = ("config list", "config use", "config set", "completion")
WAITS_FOR_AN_ID = "run"  # see test_run_signals
CREATE = ["-p", "p", "--owner", "a@b.c", "--team", "t", "--base-domain", "d"]
WORDS = {
    "create": ["t1", *CREATE],
    "run": [*CREATE, "--", "true"],
    "exec": [ID, "--", "true"],
    "destroy": [ID, "--yes"],
}


def leaves(group: click.Group, path: tuple[str, ...] = ()) -> Iterator[tuple[str, click.Command]]:
    """Every command, with the words that name it."""
    for name in group.list_commands(click.Context(group)):
        found = group.get_command(click.Context(group), name)
        assert found is not None
        if isinstance(found, click.Group):
            yield from leaves(found, (*path, name))
        else:
            yield " ".join((*path, name)), found


COMMANDS = {name: found for name, found in leaves(cli) if name not in (*OF_THIS_MACHINE, WAITS_FOR_AN_ID)}


def words(name: str) -> list[str]:
    """What must be said."""
    required = [param for param in COMMANDS[name].params if param.required]
    named = [
        [param.opts[0], _value(param)] if isinstance(param, click.Option) else [_value(param)] for param in required
    ]
    return name.split() + WORDS.get(name, [word for words in named for word in words])


def _value(param: click.Parameter) -> str:
    match param.type:
        case click.Choice(choices=choices):
            return str(choices[0])
        case Duration():
            return "8h"
        case click.types.IntParamType():
            return "3"
    return ID


@pytest.fixture
def silent(server: Server) -> Iterator[Server]:
    """A server that hears, and does not answer."""
    enough = threading.Event()
    server.otherwise = Answer(delay=enough)
    yield server
    enough.set()


@pytest.mark.parametrize("name", COMMANDS)
def test_once_while_the_server_is_silent(silent: Server, tmp_path: Path, name: str) -> None:
    env = variables(silent.url, tmp_path)
    if name == "logout":
        env.pop("OCPCTL_TOKEN")
        (tmp_path / ".local" / "state" / "ocpctl").mkdir(parents=True)
        kept = f'{{"{silent.url}": {{"token": "t", "expireTime": "2099-01-01T00:00:00+00:00"}}}}'
        (tmp_path / ".local" / "state" / "ocpctl" / "sessions.json").write_text(kept)
    with begin(words(name), env) as process:
        wait_for(lambda: silent.asked, what="a call")
        code, err = interrupt(process)
    assert (code, "Traceback" in err) == (130, False), err


@pytest.mark.parametrize("name", ["list", "create", "login", "kubeconfig", "doctor"])
def test_by_somebody_who_does_not_wait(silent: Server, tmp_path: Path, name: str) -> None:
    with begin(words(name), variables(silent.url, tmp_path)) as process:
        wait_for(lambda: silent.asked, what="a call")
        code, err = interrupt(process, again_and_again=True)
    assert code in (130, -signal.SIGINT)  # the same to a shell
    assert "Traceback" not in err
