"""A value of another type, anywhere in an answer: the command does without it, or says what is odd. It is no defect."""

import json
from typing import Any

import pytest
from ocpctl_cli import streams
from ocpctl_cli.failures import Exit

from tests.integration.cli import answers_of_the_contract as answers
from tests.integration.cli.conftest import Call, Said, Server
from tests.integration.cli.test_odd_answers import MORE
from tests.integration.cli.test_odd_servers import CHANGES, ID, JOB, READS
from tests.integration.small_server import Answer

DETAILS = [["jobs", JOB], ["cancel", ID], ["scale", ID, "--workers", "5"], ["password", ID], ["env", ID], ["logs", JOB]]
DETAILS += [["create", *CHANGES[0][1:], "--dry-run"]]
WIDE = [["list", "-o", "wide"], ["get", ID, "-o", "wide"], ["profiles", "-o", "wide"], ["jobs", ID, "-o", "wide"]]
COMMANDS = [*READS, *CHANGES, *MORE, *DETAILS, *WIDE]


class OneOdd(Server):
    """Answers of the contract, but for one value of one route."""

    def __init__(self) -> None:
        super().__init__()
        self.odd: tuple[str, str, answers.Place, Any] | None = None
        self.called: dict[tuple[str, str], Any] = {}

    def answer(self, method: str, path: str, headers: Any, body: bytes) -> Answer:
        """The odd one, where it is asked for."""
        plain = path.partition("?")[0]
        found = self.called.setdefault((method, plain), answers.of(method, plain))
        if self.odd and self.odd[:2] == (method, plain):
            found = answers.with_other(found, *self.odd[2:])
        return Answer(body=json.dumps(found).encode() + b"\n")


@pytest.fixture
def server_kind() -> type[Server]:
    return OneOdd


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_one_odd_value(server: OneOdd, ocpctl: Call, monkeypatch: pytest.MonkeyPatch, words: list[str]) -> None:
    monkeypatch.setattr(streams, "PAUSE_SECONDS", 0.0)
    ocpctl(*words)
    assert server.called
    wrong = []
    for (method, path), found in list(server.called.items()):
        for place in answers.places(found):
            for value in answers.WRONG:
                server.odd = (method, path, place, value)
                said: Said = ocpctl(*words)
                if "should not happen" in said.err or said.code not in set(Exit):
                    wrong.append(f"{method} {path} {place} = {value!r}: {said.err.strip()}")
    assert not wrong, f"{len(wrong)}:\n" + "\n".join(wrong)
