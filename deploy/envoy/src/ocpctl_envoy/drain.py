"""`python -m ocpctl_envoy.drain`: has the Envoy of the same settings finish its requests, before it is stopped."""

import json
import sys
import time
from collections.abc import Callable
from http.client import HTTPConnection

from ocpctl_common.settings import host_port

from ocpctl_envoy.settings import EnvoySettings

ACTIVE = "http.edge.downstream_rq_active"
MIN_SECONDS = 5.0  # so long a load balancer may still send new requests: they are answered
MAX_SECONDS = 40.0  # streams live longer; their clients continue them elsewhere
PAUSE_SECONDS = 0.5


def drain(
    admin: str,
    *,
    min_seconds: float = MIN_SECONDS,
    max_seconds: float = MAX_SECONDS,
    sleep: Callable[[float], None] = time.sleep,
) -> int:
    """How many requests still run at the end.

    From the start on health checks fail, and connections end with their next answer.
    Raises OSError when nothing answers at the address.
    """
    _ask(admin, "POST", "/healthcheck/fail")
    waited = 0.0
    while (active := _active(admin)) or waited < min_seconds:
        if waited >= max_seconds:
            break
        sleep(PAUSE_SECONDS)
        waited += PAUSE_SECONDS
    return active


def _active(admin: str) -> int:
    """Requests of clients that run now."""
    stats = json.loads(_ask(admin, "GET", f"/stats?format=json&filter=^{ACTIVE}$"))["stats"]
    return sum(int(one["value"]) for one in stats)


def _ask(admin: str, method: str, path: str) -> bytes:
    connection = HTTPConnection(*host_port(admin), timeout=5)
    try:
        connection.request(method, path)
        answer = connection.getresponse()
        body = answer.read()
    finally:
        connection.close()
    if answer.status >= 400:  # noqa: PLR2004 - the first status of an error
        raise OSError(f"{path} of {admin} answers {answer.status}")
    return body


def main() -> None:
    """Ends with 1 and a sentence when there is no Envoy to ask."""
    try:
        active = drain(EnvoySettings.load(sys.argv[1:]).admin_listen)
    except OSError as error:
        sys.exit(f"cannot drain Envoy: {error} (OCPCTL_ADMIN_LISTEN)")
    sys.stdout.write(f"drained; {active} requests still run\n")


if __name__ == "__main__":
    main()
