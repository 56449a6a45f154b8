"""Traces: exported when an OTLP endpoint is set; otherwise nothing of the SDK is even imported.

The context of a request is stored with its job (`traceparent`), because a queue and hours lie between: the runner's
span is linked to it, not its child.

A trace begins with a request at Envoy, which decides about its share, or with a span that this module was asked for: a
run, a sweep's candidate. What services do by themselves all day (presence, heartbeats, polls, health) begins none.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, cast

import grpc
from opentelemetry import trace
from opentelemetry.trace import Link
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

REPEATED = ("Progress", "AppendLog")  # calls that a run makes all the time: its stages are events of its spans
_state = {"on": False}
_propagator = TraceContextTextMapPropagator()


def configure(service: str, otlp_endpoint: str | None) -> None:
    """Turns tracing on for this process when `otlp_endpoint` (`host:port`) is given."""
    if otlp_endpoint is None:
        return
    try:
        from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter  # noqa: PLC0415 - an extra
    except ImportError as error:
        raise SystemExit("OCPCTL_OTLP_ENDPOINT is set: install ocpctl-common[otlp]") from error
    from opentelemetry.instrumentation.botocore import BotocoreInstrumentor  # noqa: PLC0415 - an extra
    from opentelemetry.sdk.resources import Resource  # noqa: PLC0415 - only if tracing is on
    from opentelemetry.sdk.trace import TracerProvider  # noqa: PLC0415 - only if tracing is on
    from opentelemetry.sdk.trace.export import BatchSpanProcessor  # noqa: PLC0415 - only if tracing is on

    from ocpctl_common.telemetry.trace_roots import sampler  # noqa: PLC0415 - only if tracing is on

    provider = TracerProvider(sampler=sampler(), resource=Resource.create({"service.name": service}))
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(endpoint=otlp_endpoint, insecure=True)))
    trace.set_tracer_provider(provider)
    BotocoreInstrumentor().instrument(tracer_provider=provider)  # type: ignore[no-untyped-call]
    _state["on"] = True


def server_interceptors() -> Sequence[Any]:
    """What the gRPC server needs; nothing when tracing is off."""
    if not _state["on"]:
        return ()
    from opentelemetry.instrumentation.grpc import server_interceptor  # noqa: PLC0415 - only if tracing is on

    return (server_interceptor(),)  # type: ignore[no-untyped-call]


def traced(channel: grpc.Channel) -> grpc.Channel:
    """The channel with spans around its calls; the channel itself when tracing is off."""
    if not _state["on"]:
        return channel
    from opentelemetry.instrumentation.grpc import client_interceptor, filters  # noqa: PLC0415 - only if tracing is on
    from opentelemetry.instrumentation.grpc.grpcext import intercept_channel  # noqa: PLC0415 - only if tracing is on

    wanted = filters.negate(filters.any_of(*(filters.method_name(name) for name in REPEATED)))
    interceptor = client_interceptor(filter_=wanted)  # type: ignore[no-untyped-call]
    return cast("grpc.Channel", intercept_channel(channel, interceptor))  # type: ignore[no-untyped-call]


def are_on() -> bool:
    """Whether this process exports any."""
    return _state["on"]


def current_traceparent() -> str:
    """The W3C traceparent of the running span, or ""."""
    carrier: dict[str, str] = {}
    _propagator.inject(carrier)
    return carrier.get("traceparent", "")


@contextmanager
def linked_span(name: str, traceparent: str, **attributes: str) -> Iterator[None]:
    """A new root span that is linked to the request that made the job."""
    context = trace.get_current_span(_propagator.extract({"traceparent": traceparent})).get_span_context()
    links = [Link(context)] if context.is_valid else []
    with _tracer().start_as_current_span(name, links=links, attributes=attributes):
        yield


@contextmanager
def span(name: str, **attributes: str) -> Iterator[None]:
    """A step of what is going on; by itself it begins a trace."""
    with _tracer().start_as_current_span(name, attributes=attributes):
        yield


def event(name: str, **attributes: str) -> None:
    """A moment within the running span."""
    trace.get_current_span().add_event(name, attributes)


def _tracer() -> trace.Tracer:
    return trace.get_tracer("ocpctl")
