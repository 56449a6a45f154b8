"""JSON logs on stdout, one line a record, without secrets, for our records and those of libraries alike."""

import logging
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog
from opentelemetry import trace

from ocpctl_common.telemetry.redaction import Redactor

_plain = Redactor()
_SECRET_KEYS = ("password", "secret", "token", "kubeconfig", "pull_secret", "authorization")


def configure(service: str, level: str) -> None:
    """Sets up logging of this process. Call once, first."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="ts"),
        _add_service(service),
        _add_trace,
        structlog.processors.format_exc_info,
        redact_record,
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
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
        if any(word in key.lower() for word in _SECRET_KEYS):
            record[key] = "[REDACTED]"
        elif isinstance(value, str):
            record[key] = _plain.redact(value)
    return record


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
