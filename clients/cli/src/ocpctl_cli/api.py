"""Calls of the API: a server that is away is waited for, and what was answered is JSON as it came."""

import json
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

import urllib3
from ocpctl_client import connecting
from ocpctl_client.errors import SignInFailed
from ocpctl_client.server import origin_of

from ocpctl_cli import keys, sessions
from ocpctl_cli.answers import UNAUTHENTICATED, failure_of, is_worth_another_try, retry_seconds
from ocpctl_cli.contexts import Context
from ocpctl_cli.durations import shown
from ocpctl_cli.failures import Exit, Failure
from ocpctl_cli.objects import HINT, Object, odd

CALL_SECONDS = 30.0
STREAM_SECONDS = 60.0  # of silence; the server sends heartbeats
PATIENCE_SECONDS = 60.0  # for a server that is away, or says that it is busy
PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 1.0, 10.0  # each is twice the one before, unless the server asks for another
OK = range(200, 300)

Answer = urllib3.BaseHTTPResponse


@dataclass(kw_only=True)
class Api:
    """One server as one person. `say` tells what it waits for."""

    context: Context
    say: Callable[[str], None]
    debug: bool = False
    tells_pauses: bool = True
    patience: float = field(default_factory=lambda: PATIENCE_SECONDS)
    _http: urllib3.PoolManager = field(init=False)

    def __post_init__(self) -> None:
        try:
            origin_of(self.context.url)
        except SignInFailed as error:
            raise Failure(Exit.USAGE, str(error), "Name the server with --url https://…") from error
        self._http = connecting.pool(self.context.url, timeout=CALL_SECONDS)

    def get(self, path: str, /, **query: Any) -> Object:
        """Values that are None are left out; sequences are repeated."""
        return self._object(self._insist("GET", path, query=query))

    def text(self, path: str, /, **query: Any) -> str:
        """An answer that is no JSON."""
        return self._insist("GET", path, query=query).data.decode(errors="replace")

    def pages(self, path: str, elements: str, /, **query: Any) -> Iterator[Object]:
        """All elements of a list, page by page."""
        token: str | None = None
        while True:
            page = self.get(path, **query, pageToken=token)
            yield from page.objects(elements)
            before, token = token, page.get("nextPageToken")
            if not token:
                return
            if token == before:
                raise odd("with the same page again")

    def change(
        self, path: str, body: Any = None, *, method: str = "POST", options: Mapping[str, str] | None = None
    ) -> Object:
        """With an idempotency key, so that a lost answer is asked for again and nothing is done twice."""
        sent = {} if body is None and method == "POST" else body
        with keys.kept((self.context.url, method, path, sent), self.say) as key:
            return self._object(self._insist(method, path, body=sent, key=key, options=options or {}))

    def ask(self, path: str, body: Any, *, options: Mapping[str, str]) -> Object:
        """A POST without a key: made twice, it is as if it were made once."""
        return self._object(self._insist("POST", path, body=body, options=options))

    @contextmanager
    def stream(self, path: str, **query: Any) -> Iterator[Iterator[bytes]]:
        """The lines of an answer as they come. Raises urllib3.exceptions.HTTPError when it is cut off."""
        answer = self._insist("GET", path, query=query, preload_content=False, timeout=STREAM_SECONDS)
        try:
            yield _lines(answer)
        finally:
            answer.close()

    def _object(self, answer: Answer) -> Object:
        found = _body(answer) if answer.data else Object()
        if isinstance(found, Object):
            return found
        raise Failure(Exit.FAILED, f"{self.context.url} answered {answer.status}, but not as ocpctl does", HINT)

    def _insist(self, method: str, path: str, **words: Any) -> Answer:
        """Until it is answered, or patience is over. Raises Failure."""
        give_up, renewed, pauses = time.monotonic() + self.patience, False, _pauses()
        while True:
            answer = self._answer(method, path, words, anew=renewed)
            if answer is not None and answer.status in OK:
                return answer
            if answer is not None and answer.status == UNAUTHENTICATED and not renewed:
                renewed = True
                continue
            if answer is not None and not is_worth_another_try(answer.status):
                raise _failure(answer, words)
            self._pause(answer, give_up, next(pauses), words)

    def _answer(self, method: str, path: str, words: Mapping[str, Any], *, anew: bool) -> Answer | None:
        """None: nobody answered, or the answer was lost."""
        try:
            headers = {"authorization": f"Bearer {sessions.token(self.context, self.say, anew=anew)}"}
        except Failure as failure:
            if failure.code is not Exit.AWAY:
                raise
            return None
        if words.get("key"):
            headers["idempotency-key"] = words["key"]
        content = {name: words[name] for name in ("preload_content", "timeout") if name in words}
        if words.get("body") is not None:
            content["json"] = words["body"]
        address = f"{self.context.url}/api/v1{path}{_query(words.get('query', {}))}"
        began = time.monotonic()
        try:
            answer = self._http.request(method, address, headers=headers, redirect=False, **content)
        except urllib3.exceptions.HTTPError as error:
            self._trace(f"{method} {address}: {error}")
            return None
        took = f"{(time.monotonic() - began) * 1000:.0f} ms"
        self._trace(f"{method} {address}: {answer.status}, {took}, request {answer.headers.get('x-request-id', '?')}")
        return answer

    def _trace(self, text: str) -> None:
        if self.debug:
            self.say(text)

    def _pause(self, answer: Answer | None, give_up: float, pause: float, words: Mapping[str, Any]) -> None:
        asked = retry_seconds(answer.headers) if answer is not None else None
        pause = pause if asked is None else max(PAUSE_SECONDS, asked)
        if time.monotonic() + pause > give_up:
            if answer is not None:
                raise _failure(answer, words, f"Try again in {shown(asked)}, as it asks." if asked else "")
            raise Failure(Exit.AWAY, f"{self.context.url} does not answer", "Is the address right, and are you online?")
        if self.tells_pauses:
            self.say(f"The server is {'busy' if answer is not None else 'away'}: trying again in {pause:.0f} s.")
        time.sleep(pause)


def _pauses() -> Iterator[float]:
    pause = PAUSE_SECONDS
    while True:
        yield pause
        pause = min(2 * pause, LONGEST_PAUSE_SECONDS)


def _lines(answer: Answer) -> Iterator[bytes]:
    """Whole lines only: half a line was cut off."""
    rest = b""
    for part in answer.stream(65536):
        *whole, rest = (rest + part).split(b"\n")
        yield from filter(None, whole)


def _query(values: Mapping[str, Any]) -> str:
    given = {key: value for key, value in values.items() if value not in (None, (), [], "")}
    words = {key: str(value).lower() if isinstance(value, bool) else value for key, value in given.items()}
    return f"?{urlencode(words, doseq=True)}" if words else ""


def _failure(answer: Answer, words: Mapping[str, Any], advice: str = "") -> Failure:
    place = answer.headers.get("location", "")
    return failure_of(answer.status, _body(answer), words.get("options", {}), place, advice)


def _body(answer: Answer) -> Any:
    try:
        return json.loads(answer.data, object_hook=Object)
    except (ValueError, RecursionError):
        return answer.data.decode(errors="replace")
