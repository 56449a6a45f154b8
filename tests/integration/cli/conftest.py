"""A server that answers as it is told, and the command line as somebody calls it."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from ocpctl_cli import sessions, watching
from ocpctl_cli.main import ended

from tests.integration.small_server import Answer, Lines, serving


@dataclass(kw_only=True)
class Server:
    """Answers of each route, in their order; the last one stays. What was asked is kept."""

    url: str = ""
    routes: dict[str, list[Answer]] = field(default_factory=dict)
    asked: list[tuple[str, str, dict[str, str], Any]] = field(default_factory=list)
    otherwise: Answer | None = None  # of all other routes

    def on(self, route: str, body: Any = None, status: int = 200, **headers: str) -> "Server":
        """`route` is `GET /clusters`, below /api/v1, its query left out."""
        content = body if isinstance(body, bytes) else json.dumps(body if body is not None else {}).encode()
        named = {"content-type": "application/json"} | {key.replace("_", "-"): value for key, value in headers.items()}
        self.routes.setdefault(route, []).append(Answer(status=status, body=content, headers=named))
        return self

    def answer(self, method: str, path: str, headers: Lines, body: bytes) -> Answer:
        """What the route has left."""
        route = f"{method} {path.removeprefix('/api/v1').partition('?')[0]}"
        self.asked.append((method, path, {key.lower(): value for key, value in headers}, json.loads(body or b"null")))
        answers = self.routes.get(route)
        if not answers and self.otherwise:
            return self.otherwise
        if not answers:
            return Answer(status=404, body=json.dumps({"message": f"nobody told what {route} is"}).encode())
        return answers.pop(0) if len(answers) > 1 else answers[0]

    def of(self, route: str) -> list[tuple[str, str, dict[str, str], Any]]:
        """What a route was asked."""
        return [
            one for one in self.asked if f"{one[0]} {one[1].partition('?')[0]}" == route.replace(" /", " /api/v1/", 1)
        ]


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """How a call ended, and what it said."""

    code: int
    out: str
    err: str


Call = Callable[..., Said]


@pytest.fixture
def server_kind() -> type[Server]:
    """Which one `server` is."""
    return Server


@pytest.fixture
def server(server_kind: type[Server]) -> Iterator[Server]:
    made = server_kind()
    with serving(made.answer) as url:
        made.url = url
        yield made


@pytest.fixture
def ocpctl(server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Call:
    """Signed in by a token of the environment."""
    for name in ("HOME", "XDG_CONFIG_HOME", "XDG_STATE_HOME"):
        monkeypatch.setenv(name, str(tmp_path))
    for name in ("KUBECONFIG", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("OCPCTL_URL", server.url)
    monkeypatch.setenv("OCPCTL_TOKEN", "token-of-the-environment")
    monkeypatch.setattr(watching, "POLL_SECONDS", 0.01)
    sessions._held.clear()

    def call(*words: str) -> Said:
        code = ended(words)
        out, err = capsys.readouterr()
        assert "Traceback" not in err
        assert "token-of-the-environment" not in out + err
        return Said(code=code, out=out, err=err)

    return call
