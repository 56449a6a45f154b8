"""A job's log as it comes. Cut off or ended early, it goes on after the last line that was seen; none comes twice."""

import json
import time
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import urllib3

from ocpctl_cli.failures import Exit, Failure

if TYPE_CHECKING:
    from ocpctl_cli.api import Api

PAUSE_SECONDS = 1.0
COMPLETE, REVOKED = "COMPLETE", "SESSION_REVOKED"

Line = Mapping[str, Any]


def lines(api: "Api", job_id: str, *, follow: bool, tail: int | None = None) -> Iterator[Line]:
    """All lines, in their order. Ends with the log, or, with `follow`, with the job. Raises Failure."""
    after, last = None, tail
    while True:
        end = None
        try:
            with api.stream(f"/jobs/{job_id}/log", follow=follow or None, tail=last, afterSequence=after) as messages:
                for message in map(json.loads, messages):
                    if line := message.get("line"):
                        after, last = line["sequence"], None
                        yield line
                    end = message.get("end", end)
        except (urllib3.exceptions.HTTPError, ValueError):
            api.say("The connection was cut: going on.")
        if end and end.get("reason") == COMPLETE:
            return
        if end and end.get("reason") == REVOKED:
            raise Failure(Exit.SIGN_IN, "your session was ended", "Sign in: ocpctl login")
        time.sleep(PAUSE_SECONDS)
