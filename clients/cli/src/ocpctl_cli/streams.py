"""Streams of the API. Cut off or ended early, one goes on after the last element that was seen; none comes twice."""

import json
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import urllib3

from ocpctl_cli.failures import Exit, Failure
from ocpctl_cli.objects import Object, odd

if TYPE_CHECKING:
    from ocpctl_cli.api import Api

PAUSE_SECONDS = 1.0
TRIES = 10  # without a single message
COMPLETE = "COMPLETE"
# Ends after which there is nothing to go on with.
LAST = {
    "SESSION_REVOKED": (Exit.SIGN_IN, "your session was ended", "Sign in: ocpctl login"),
    "FAILED": (Exit.FAILED, "the server could not go on", "What was printed is not all; try again"),
}


def elements(path: str, name: str, api: "Api", *, tail: int | None = None, **query: Any) -> Iterator[Object]:
    """All messages of the kind `name` in their order, until the server says that these were all. Raises Failure."""
    after, reason, in_vain = None, "", 0
    while reason != COMPLETE:
        reason, in_vain = "", in_vain + 1
        try:
            with api.stream(path, **query, tail=None if after else tail, afterSequence=after) as messages:
                for message in map(_message, messages):
                    found = message.part(name)
                    if found and _is_seen(found, after):
                        continue
                    in_vain = 0
                    if found:
                        after = found["sequence"]
                        yield found
                    reason = str(message.part("end").get("reason", reason))
        except (urllib3.exceptions.HTTPError, ValueError):
            api.say("The connection was cut: going on.")
        if in_vain == TRIES:
            raise Failure(Exit.AWAY, f"the server was asked {TRIES} times, and said nothing", "See: ocpctl doctor")
        if reason in LAST:
            raise Failure(*LAST[reason])
        if reason != COMPLETE:
            time.sleep(PAUSE_SECONDS)


def _is_seen(found: Object, after: Any) -> bool:
    """Sequences grow. A server that begins again has said nothing."""
    try:
        return after is not None and int(found["sequence"]) <= int(after)
    except (TypeError, ValueError) as error:
        raise odd("with a sequence that is no whole number") from error


def _message(line: bytes) -> Object:
    """Raises ValueError: what is no message was cut off, or comes from another program."""
    if isinstance(found := json.loads(line, object_hook=Object), Object):
        return found
    raise json.JSONDecodeError("no message", str(found), 0)
