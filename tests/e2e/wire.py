"""HTTP/1.1 as a bad client would write it, byte by byte, and Envoy with the stack's configuration, slightly changed."""

import json
import signal
import socket
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.client import HTTPResponse
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import urllib3
import yaml
from ocpctl_local.client import Answer
from ocpctl_local.processes.ports import free_ports
from ocpctl_local.processes.spawn import spawn, stop
from ocpctl_local.stack import Stack

from tests.waiting import moment

SECONDS = 20.0
Json = dict[str, Any]


def exchange(url: str, request: bytes) -> Answer:
    """Sends the bytes as they are and reads one answer."""
    address = urlsplit(url)
    with socket.create_connection((address.hostname, address.port), timeout=SECONDS) as connection:
        connection.sendall(request)
        response = HTTPResponse(connection)
        response.begin()
        body = response.read()
    headers = {name.lower(): value for name, value in response.getheaders()}
    is_json = headers.get("content-type") == "application/json"
    return Answer(response.status, headers, json.loads(body) if is_json else body)


def get(stack: Stack, path: str, *headers: str, method: str = "GET", token: str = "", url: str = "") -> Answer:
    """A call without a body; path and headers go out as they are."""
    lines = [f"{method} {path} HTTP/1.1", "host: ocpctl", *headers]
    if token:
        lines.append(f"authorization: Bearer {stack.token(token)}")
    return exchange(url or stack.url, "\r\n".join([*lines, "", ""]).encode("latin-1"))


def error_of(answer: Answer) -> tuple[int, str]:
    """Status and reason of an answer in the one error shape."""
    assert answer.status >= 400, answer
    assert set(answer.body) == {"code", "message", "details"}, answer
    assert answer.body["message"], answer
    details = {detail["@type"]: detail for detail in answer.body["details"]}
    info = details["type.googleapis.com/google.rpc.ErrorInfo"]
    assert info["domain"] == "ocpctl"
    return answer.status, info["reason"]


@contextmanager
def envoy(
    stack: Stack,
    folder: Path,
    change: Callable[[Json], None] = lambda connections: None,
    change_clusters: Callable[[Json], None] = lambda clusters: None,
) -> Iterator[str]:
    """The address of a second Envoy in front of the stack; `change` gets the settings of its HTTP connections.

    `change_clusters` gets what it calls, by name.
    """
    port, admin = free_ports(2)
    keys = f"@ocpctl-keys-127.0.0.1:{stack.state.ports['envoy']}"
    text = (stack.folder / "envoy" / "envoy.yaml").read_text().replace(keys, f"@ocpctl-keys-127.0.0.1:{port}")
    config = yaml.safe_load(text)
    config["admin"]["address"]["socket_address"]["port_value"] = admin
    listener = config["static_resources"]["listeners"][0]
    listener["address"]["socket_address"]["port_value"] = port
    change(listener["filter_chains"][0]["filters"][0]["typed_config"])
    change_clusters({cluster["name"]: cluster for cluster in config["static_resources"]["clusters"]})
    path = folder / "envoy.yaml"
    path.write_text(yaml.safe_dump(config))
    with started(path, f"http://127.0.0.1:{port}") as url:
        yield url


@contextmanager
def started(config: Path, url: str, http: urllib3.PoolManager | None = None, status: int = 200) -> Iterator[str]:
    """An Envoy with this configuration, for the length of the block; begins when `url` is so far, and is that."""
    binary = Path(sys.executable).parent / "envoy"
    command: list[str | Path] = [binary, "-c", config, "--disable-hot-restart", "--concurrency", "1"]
    process = spawn(command, env={"HOME": str(config.parent)}, log=config.parent / "envoy.log")
    try:
        _wait_ready(url, http or urllib3.PoolManager(retries=False), status)
        yield url
    finally:
        stop(process, signal.SIGTERM, 10)


def filter_of(connections: Json, name: str) -> Json:
    """The settings of one filter."""
    found: Json = next(one for one in connections["http_filters"] if one["name"] == name)["typed_config"]
    return found


def _wait_ready(url: str, http: urllib3.PoolManager, status: int) -> None:
    give_up = moment(SECONDS)
    while True:
        try:
            if http.request("GET", f"{url}/readyz", timeout=2).status == status:
                return
        except urllib3.exceptions.HTTPError:
            pass
        assert time.monotonic() < give_up, "Envoy does not answer"
        time.sleep(0.05)
