"""A span for each statement, where tracing is on.

The instrumentation that OpenTelemetry's makers publish refuses SQLAlchemy 2.1.
"""

from typing import Any

from opentelemetry import trace
from opentelemetry.trace import SpanKind, Status, StatusCode
from sqlalchemy import Engine, event
from sqlalchemy.engine import ExceptionContext

KEY = "_ocpctl_span"


def trace_statements(engine: Engine) -> None:
    """Statements are named by their first word; the text has no values."""
    event.listen(engine, "before_cursor_execute", _begin)
    event.listen(engine, "after_cursor_execute", _end)
    event.listen(engine, "handle_error", _fail)


def _begin(
    connection: object, cursor: object, statement: str, parameters: object, context: Any, executemany: object
) -> None:
    attributes = {"db.system.name": "postgresql", "db.query.text": statement}
    tracer, verb = trace.get_tracer("ocpctl"), statement.split(maxsplit=1)[0]
    setattr(context, KEY, tracer.start_span(f"SQL {verb}", kind=SpanKind.CLIENT, attributes=attributes))


def _end(
    connection: object, cursor: object, statement: str, parameters: object, context: Any, executemany: object
) -> None:
    getattr(context, KEY).end()


def _fail(context: ExceptionContext) -> None:
    if span := getattr(context.execution_context, KEY, None):
        span.set_status(Status(StatusCode.ERROR, type(context.original_exception).__name__))
        span.end()
