"""Gateways behind a name whose addresses change, as a headless Service's do: Envoy follows, and no call is lost."""

import socket
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from ocpctl_local.stack import Stack

from tests.e2e.wire import Json, envoy, get
from tests.faults.outsider import beside, environment
from tests.waiting import wait_for

OLD, NEW = "127.0.0.1", "127.0.0.3"
NAME = "gateways.test"
HEADER, A, TTL = 12, 1, 1
ANSWER = b"\x81\x80"  # recursion desired and available, no error
UNKNOWN = "/api/v1/clusters/clu_00000000000000000000000000"  # a gateway logs which calls it has refused
GATEWAY = (sys.executable, "-m", "ocpctl_api_gateway")


@dataclass
class NameServer:
    """Answers every question for an IPv4 address with `addresses`, and every other one with nothing. Knows UDP only."""

    addresses: list[str]
    socket: socket.socket
    asked: Counter[str] = field(default_factory=Counter)

    @property
    def port(self) -> int:
        return int(self.socket.getsockname()[1])

    def serve(self) -> None:
        """Until its socket is closed."""
        while True:
            try:
                query, client = self.socket.recvfrom(4096)
            except OSError:
                return
            self.socket.sendto(self._answer(query), client)

    def _answer(self, query: bytes) -> bytes:
        end = query.index(b"\0", HEADER) + 1 + 4  # the name, its type and class
        wanted = int.from_bytes(query[end - 4 : end - 2], "big")
        found = list(self.addresses) if wanted == A else []
        self.asked[" ".join(found)] += 1
        counts = b"".join(number.to_bytes(2, "big") for number in (1, len(found), 0, 0))
        records = (
            b"\xc0\x0c" + query[end - 4 : end] + TTL.to_bytes(4, "big") + b"\x00\x04" + socket.inet_aton(address)
            for address in found
        )
        return query[:2] + ANSWER + counts + query[HEADER:end] + b"".join(records)


@pytest.fixture
def names() -> Iterator[NameServer]:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as made:
        made.bind((OLD, 0))
        server = NameServer([OLD], made)
        threading.Thread(target=server.serve, daemon=True).start()
        yield server


@contextmanager
def asking(stack: Stack, url: str) -> Iterator[Counter[int]]:
    """Asks all the time, for the length of the block; the answers by status."""
    answers, over = Counter[int](), threading.Event()

    def ask() -> None:
        while not over.wait(0.05):
            answers[get(stack, UNKNOWN, token="requester", url=url).status] += 1

    thread = threading.Thread(target=ask)
    thread.start()
    yield answers
    over.set()
    thread.join()


def test_envoy_follows_the_name_to_other_gateways(stack: Stack, names: NameServer, tmp_path: Path) -> None:
    port = stack.state.ports["gateway"]

    def by_name(clusters: Json) -> None:
        clusters["gateway"]["typed_dns_resolver_config"] = resolver(names.port)
        [endpoint] = clusters["gateway"]["load_assignment"]["endpoints"][0]["lb_endpoints"]
        endpoint["endpoint"]["address"] = {"socket_address": {"address": NAME, "port_value": port}}

    another = environment(stack, "api-gateway") | {"OCPCTL_LISTEN": f"{NEW}:{port}"}
    with envoy(stack, tmp_path, change_clusters=by_name) as url, asking(stack, url) as answers:
        wait_for(lambda: answers[404] > 5, what="answers of the old gateway")
        with beside(stack, "another-gateway", another, GATEWAY) as process:
            names.addresses = [OLD, NEW]
            wait_for(lambda: served(stack, "another-gateway"), what="calls at the new gateway")
            names.addresses = [NEW]
            seen = names.asked[NEW]
            wait_for(lambda: names.asked[NEW] > seen, what="a question after the change")
            names.addresses = [OLD]  # the new one goes, in order, when Envoy knows that it is gone
            seen = names.asked[OLD]
            wait_for(lambda: names.asked[OLD] > seen, what="a question after the change")
            assert process.poll() is None
        before = answers[404]
        wait_for(lambda: answers[404] > before + 10, what="answers of the old gateway alone")
    assert set(answers) == {404}, answers


def served(stack: Stack, name: str) -> bool:
    """Whether a gateway has answered a call."""
    return "NOT_FOUND" in (stack.folder / "logs" / f"{name}.log").read_text()


def resolver(port: int) -> Json:
    kind = "envoy.extensions.network.dns_resolver.cares.v3.CaresDnsResolverConfig"
    return {
        "name": "envoy.network.dns_resolver.cares",
        "typed_config": {
            "@type": f"type.googleapis.com/{kind}",
            "resolvers": [{"socket_address": {"address": OLD, "port_value": port}}],
        },
    }
