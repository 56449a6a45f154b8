"""JSON logs on stdout, one line a record, without secrets, for our records and those of libraries alike.

A line of ours does not pass through the standard library's records, handlers and formatters, which made it three times
as expensive; those of libraries do.
"""

import logging
import sys
import threading
from collections.abc import MutableMapping
from contextlib import suppress
from functools import lru_cache
from typing import Any, TextIO

import structlog
from opentelemetry import trace

from ocpctl_common.telemetry.redaction import Redactor

_plain = Redactor()
_SECRET_KEYS = ("password", "secret", "token", "kubeconfig", "pull_secret", "authorization")


class Lines:
    """Writes whole lines. That nobody can read them stops no service."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._lock = threading.Lock()

    def msg(self, line: str) -> None:
        """One line, at once."""
        with self._lock, suppress(OSError, ValueError):  # ValueError: the stream is closed
            self._stream.write(f"{line}\n")
            self._stream.flush()

    debug = info = warning = warn = error = critical = exception = fatal = log = msg


def configure(service: str, level: str) -> None:
    """Sets up logging of this process. Call once, first."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="ts"),
        _add_service(service),
        _add_trace,
        structlog.processors.format_exc_info,
        redact_record,
    ]
    lines = Lines(sys.stdout)
    structlog.configure(
        processors=[*shared, structlog.processors.JSONRenderer()],
        logger_factory=lambda *_: lines,
        wrapper_class=structlog.make_filtering_bound_logger(level),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.JSONRenderer(),
            ],
        )
    )
    logging.basicConfig(handlers=[handler], level=level, force=True)
    for noisy in ("botocore", "boto3", "urllib3", "s3transfer"):
        logging.getLogger(noisy).setLevel(logging.WARNING)


def redact_record(logger: Any, method: str, record: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Masks values by key name and by shape."""
    for key, value in record.items():
        if _names_a_secret(key):
            record[key] = "[REDACTED]"
        elif isinstance(value, str):
            record[key] = _plain.redact(value)
    return record


@lru_cache(1024)
def _names_a_secret(key: str) -> bool:
    return any(word in key.lower() for word in _SECRET_KEYS)


def _add_service(service: str) -> Any:
    def add(logger: Any, method: str, record: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        record["service"] = service
        return record

    return add


def _add_trace(logger: Any, method: str, record: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    context = trace.get_current_span().get_span_context()
    if context.is_valid:
        record["trace_id"] = format(context.trace_id, "032x")
    return record
