"""Remembers who has called which operation of the local endpoint, as CloudTrail would.

GET /ocpctl/calls    each caller, service, operation and account once, as JSON:
                     [["ocpctl/janitor", "sqs", "ReceiveMessage", "123456789012"], …]

The caller is what the user agent says of the program. It is empty for whoever gives no name, e.g. a test.
"""

import json
import re

from moto.iam.models import get_account_id_from

from ocpctl_local.moto import operations, requests
from ocpctl_local.moto.requests import Environ

PATH = "/ocpctl/calls"
CALLER = re.compile(r"ocpctl/[\w-]+|OpenShift/4\.x \w+|(?:ccoctl|openshift-operators)(?=/)")


class Calls:
    """Thread-safe."""

    def __init__(self) -> None:
        self._seen: set[tuple[str, str, str, str]] = set()

    def remember(self, environ: Environ) -> None:
        """Leaves the request as it was."""
        service = requests.service(environ)
        if service:
            account = get_account_id_from(requests.access_key(environ))
            self._seen.add((_caller(environ), service, operations.asked_for(environ), account))

    def seen(self) -> set[tuple[str, str, str, str]]:
        """Caller, service, operation, account of the credentials."""
        return self._seen.copy()

    def as_json(self) -> bytes:
        """In order."""
        return json.dumps(sorted(self.seen())).encode()


def _caller(environ: Environ) -> str:
    found = CALLER.search(environ.get("HTTP_USER_AGENT", ""))
    return found[0] if found else ""
