"""Remembers who has called which operation of the local endpoint, as CloudTrail would.

GET /ocpctl/calls    each caller, service and operation once, as JSON: [["ocpctl/janitor", "sqs", "ReceiveMessage"], …]

The caller is what the user agent says of the program. It is empty for whoever gives no name, e.g. a test.
"""

import json
import re

from ocpctl_local.moto import operations, requests
from ocpctl_local.moto.requests import Environ

PATH = "/ocpctl/calls"
CALLER = re.compile(r"ocpctl/[\w-]+|OpenShift/4\.x \w+|(?:ccoctl|openshift-operators)(?=/)")


class Calls:
    """Thread-safe."""

    def __init__(self) -> None:
        self._seen: set[tuple[str, str, str]] = set()

    def remember(self, environ: Environ) -> None:
        """Leaves the request as it was."""
        service = requests.service(environ)
        if service:
            self._seen.add((_caller(environ), service, operations.asked_for(environ)))

    def seen(self) -> set[tuple[str, str, str]]:
        """Caller, service, operation."""
        return self._seen.copy()

    def as_json(self) -> bytes:
        """In order."""
        return json.dumps(sorted(self.seen())).encode()


def _caller(environ: Environ) -> str:
    found = CALLER.search(environ.get("HTTP_USER_AGENT", ""))
    return found[0] if found else ""
