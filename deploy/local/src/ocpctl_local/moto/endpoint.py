"""The local AWS endpoint: moto's server, with faults (ocpctl_local.moto.faults) that are switched on while it runs."""

import io
import json
import random
import threading
import time
from collections import defaultdict, deque
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import parse_qs

from ocpctl_local.moto import calls, late_lists, requests
from ocpctl_local.moto.faults import Faults, Rule
from ocpctl_local.moto.late_tags import LateTags
from ocpctl_local.moto.requests import Environ

StartResponse = Callable[..., Any]
SIDE_BY_SIDE = {"s3", "sqs", ""}  # uploads and long polls take long; "" is moto's own page
LATE = "ocpctl.late"  # of a call: how late lists are
S3_OPERATIONS = {"PUT": "PutObject", "GET": "GetObject", "HEAD": "HeadObject", "DELETE": "DeleteObject"}


class Endpoint:
    """A WSGI application: applies faults, then calls moto."""

    def __init__(self, inner: Any, faults: Faults) -> None:
        self._inner = inner
        self._faults = faults
        self._late_tags = LateTags()
        self._calls = calls.Calls()
        self._one_at_a_time = threading.Lock()
        self._doubles: defaultdict[str, deque[list[bytes]]] = defaultdict(deque)  # by queue

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Answers one call."""
        if self._late_tags.handles(environ["PATH_INFO"], environ["QUERY_STRING"]):
            return _answer(start_response, 200, b"")
        if environ["PATH_INFO"] == calls.PATH:
            return _answer(start_response, 200, self._calls.as_json())
        self._calls.remember(environ)
        rules = self._faults.rules()
        if not rules:
            return self._through(environ, start_response)
        service, operation = requests.service(environ), _operation(environ)
        rule = next((rule for rule in rules if rule.fits(service, operation)), None)
        return self._under(rule, environ, start_response) if rule else self._through(environ, start_response)

    def _through(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """One call at a time: moto reads, decides and writes without a lock of its own."""
        answer: Iterable[bytes]
        if requests.service(environ) in SIDE_BY_SIDE:
            answer = self._inner(environ, start_response)
        else:
            requests.body(environ)  # a client that sends its body slowly must not block others
            with self._one_at_a_time, late_lists.late(environ.get(LATE, 0.0)):
                answer = list(self._inner(environ, start_response))
        return answer

    def _under(self, rule: Rule, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        time.sleep(rule.delay)
        environ[LATE] = rule.late
        if rule.status:
            return _answer(start_response, rule.status, _error(rule, environ))
        if rule.lose or rule.double:
            return self._receive(rule, environ, start_response)
        return self._through(environ, start_response)

    def _receive(self, rule: Rule, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        request = environ["wsgi.input"].getvalue()
        doubles = self._doubles[json.loads(request)["QueueUrl"]]
        if doubles:
            start_response("200 OK", [("content-type", "application/x-amz-json-1.0")])
            return doubles.popleft()
        body = list(self._through(environ, start_response))
        messages = json.loads(b"".join(body)).get("Messages", [])
        if messages and random.random() < rule.lose:
            self._delete(environ, request, messages[0]["ReceiptHandle"])
            return [b"{}"]
        if messages and random.random() < rule.double:
            doubles.append(body)
        return body

    def _delete(self, environ: Environ, request: bytes, handle: str) -> None:
        body = json.dumps({"QueueUrl": json.loads(request)["QueueUrl"], "ReceiptHandle": handle}).encode()
        inner = environ | {
            "HTTP_X_AMZ_TARGET": "AmazonSQS.DeleteMessage",
            "CONTENT_LENGTH": str(len(body)),
            "wsgi.input": io.BytesIO(body),
        }
        for name in [name for name in inner if name.startswith(("werkzeug.", "flask."))]:
            del inner[name]
        list(self._inner(inner, lambda *words: None))


def _operation(environ: Environ) -> str:
    """From the target header, the form, or S3's method. The body can be read again afterwards."""
    if target := environ.get("HTTP_X_AMZ_TARGET"):
        requests.body(environ)
        return str(target).rpartition(".")[2]
    if requests.service(environ) == "s3":
        if environ["REQUEST_METHOD"] == "PUT" and _is_bucket(environ):
            return "CreateBucket"
        return S3_OPERATIONS.get(environ["REQUEST_METHOD"], "")
    form = parse_qs(requests.body(environ).decode(errors="replace"))
    return form.get("Action", [""])[0]


def _is_bucket(environ: Environ) -> bool:
    """Whether the address names a bucket and nothing of it."""
    return "/" not in environ["PATH_INFO"].strip("/") and not environ.get("QUERY_STRING")


def _error(rule: Rule, environ: Environ) -> bytes:
    """The error in the format of the service."""
    if environ.get("HTTP_X_AMZ_TARGET"):
        return json.dumps({"__type": rule.code, "message": "injected"}).encode()
    if requests.service(environ) == "s3":
        return f"<Error><Code>{rule.code}</Code><Message>injected</Message></Error>".encode()
    detail = f"<Error><Type>Receiver</Type><Code>{rule.code}</Code><Message>injected</Message></Error>"
    return f"<ErrorResponse>{detail}<RequestId>0</RequestId></ErrorResponse>".encode()


def _answer(start_response: StartResponse, status: int, body: bytes) -> Iterable[bytes]:
    start_response(f"{status} injected", [("content-length", str(len(body)))])
    return [body]
