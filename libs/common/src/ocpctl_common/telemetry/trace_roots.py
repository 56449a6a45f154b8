"""What may begin a trace. Imported only where tracing is on."""

from collections.abc import Sequence

from opentelemetry.context import Context
from opentelemetry.sdk.trace.sampling import Decision, ParentBased, Sampler, SamplingResult
from opentelemetry.trace import Link, SpanKind, TraceState
from opentelemetry.util.types import Attributes


class OwnRoots(Sampler):
    """Spans of our own begin traces; calls that nobody traces, made or served, do not."""

    def should_sample(
        self,
        parent_context: Context | None,
        trace_id: int,
        name: str,
        kind: SpanKind | None = None,
        attributes: Attributes = None,
        links: Sequence[Link] | None = None,
        trace_state: TraceState | None = None,
    ) -> SamplingResult:
        own = kind in (None, SpanKind.INTERNAL)
        return SamplingResult(Decision.RECORD_AND_SAMPLE if own else Decision.DROP, attributes if own else None)

    def get_description(self) -> str:
        return "OwnRoots"


def sampler() -> Sampler:
    """With a parent, its decision holds: that of Envoy for a request."""
    return ParentBased(OwnRoots())
