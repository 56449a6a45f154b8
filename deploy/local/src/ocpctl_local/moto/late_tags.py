"""Adds tags to EC2 resources of the local endpoint later: tag searches are eventually consistent.

POST /ocpctl/late-tag?resource=…&key=…&value=…&seconds=…    the tag is there after so many seconds
POST /ocpctl/show-tags                                      all of them are there when it returns
"""

import threading
from urllib.parse import parse_qs

from moto.ec2.models import ec2_backends

from ocpctl_local.moto.aws import ACCOUNT, REGION


class LateTags:
    """Thread-safe."""

    def __init__(self) -> None:
        self._timers: list[threading.Timer] = []
        self._lock = threading.Lock()

    def handles(self, path: str, query: str) -> bool:
        """Whether the call was one of the two above; then it is done."""
        if path == "/ocpctl/late-tag":
            self._put({name: values[0] for name, values in parse_qs(query).items()})
        elif path == "/ocpctl/show-tags":
            self._show()
        else:
            return False
        return True

    def _put(self, word: dict[str, str]) -> None:
        tag = ([word["resource"]], {word["key"]: word["value"]})
        later = threading.Timer(float(word["seconds"]), ec2_backends[ACCOUNT][REGION].create_tags, tag)
        later.daemon = True
        with self._lock:
            self._timers.append(later)
        later.start()

    def _show(self) -> None:
        with self._lock:
            for timer in self._timers:
                if timer.is_alive():
                    timer.cancel()
                    timer.function(*timer.args)
            self._timers.clear()
