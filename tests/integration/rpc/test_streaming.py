"""Streams of a server with all interceptors: context, errors, counting, and an end for everybody."""

import threading
from collections.abc import Iterator

import grpc
import pytest
from ocpctl.v1 import job_service_pb2 as pb
from ocpctl.v1 import types_pb2
from ocpctl.v1.job_service_pb2_grpc import (
    JobServiceServicer,
    JobServiceStub,
    add_JobServiceServicer_to_server,
)
from ocpctl_api_gateway.streams import Stream, StreamLimits, Streams
from ocpctl_common.errors import NotFound, OcpctlError, Unavailable
from ocpctl_common.rpc import context as call_context
from ocpctl_common.rpc.client import channel
from ocpctl_common.rpc.peers import ENVOY, GATEWAY
from ocpctl_common.rpc.server import Port, serve
from ocpctl_common.rpc.status import from_rpc_error
from ocpctl_common.telemetry import metrics

from tests.conftest import tls
from tests.waiting import wait_for

WAIT = 20


class Told(JobServiceServicer):
    """Does what the job's id says."""

    def __init__(self) -> None:
        self.revoked: set[str] = set()
        self.streams = Streams(StreamLimits(at_once=3, per_caller=2, seconds=30), self.revoked.__contains__)
        self.ended = threading.Event()

    def GetJob(self, request: pb.GetJobRequest, context: grpc.ServicerContext) -> pb.Job:
        """See the proto."""
        raise NotFound("no jobs here")

    def ListJobs(self, request: pb.ListJobsRequest, context: grpc.ServicerContext) -> pb.ListJobsResponse:
        """See the proto."""
        raise NotFound("no jobs here")

    def StreamJobLog(
        self, request: pb.StreamJobLogRequest, context: grpc.ServicerContext
    ) -> Iterator[pb.StreamJobLogResponse]:
        """See the proto."""
        if request.job_id == "missing":
            raise NotFound("there is no such job")
        try:
            with self.streams.enter(context, request.job_id, request.job_id) as stream:
                yield from self._until_it_ends(request, stream)
        finally:
            self.ended.set()

    def _until_it_ends(self, request: pb.StreamJobLogRequest, stream: Stream) -> Iterator[pb.StreamJobLogResponse]:
        yield said(f"{call_context.request_id()} {call_context.method()}")
        if request.job_id == "defect":
            raise ValueError("secret text")
        while not stream.gone and not stream.must_end():
            stream.pause(0.1)
        if reason := stream.must_end():
            yield pb.StreamJobLogResponse(end=pb.JobLogEnd(reason=reason))


def said(text: str) -> pb.StreamJobLogResponse:
    return pb.StreamJobLogResponse(line=pb.JobLogLine(text=text))


@pytest.fixture
def told() -> Iterator[tuple[Told, JobServiceStub]]:
    servicer = Told()
    server = serve(
        Port(listen="127.0.0.1:0", tls=tls(GATEWAY), workers=6),
        register=[lambda server: add_JobServiceServicer_to_server(servicer, server)],
        service_names=["ocpctl.v1.JobService"],
    )
    with channel(server.address, tls=tls(ENVOY), server_name=GATEWAY) as to_server:
        yield servicer, JobServiceStub(to_server)
    server.stop(0)


def follow(stub: JobServiceStub, job_id: str) -> Iterator[pb.StreamJobLogResponse]:
    return stub.StreamJobLog(pb.StreamJobLogRequest(job_id=job_id), timeout=WAIT, metadata=(("x-request-id", "req-7"),))


def failure(stub: JobServiceStub, job_id: str) -> OcpctlError:
    with pytest.raises(grpc.RpcError) as caught:
        list(follow(stub, job_id))
    return from_rpc_error(caught.value)


def test_context_and_errors_are_those_of_calls(told: tuple[Told, JobServiceStub]) -> None:
    _, stub = told
    assert next(follow(stub, "a")).line.text == "req-7 StreamJobLog"
    assert isinstance(failure(stub, "missing"), NotFound)
    assert failure(stub, "defect").message == "internal error; the operators find it under req-7"


def test_a_client_that_goes_away_frees_its_thread(told: tuple[Told, JobServiceStub]) -> None:
    servicer, stub = told
    call = follow(stub, "a")
    next(call)
    call.cancel()  # type: ignore[attr-defined]
    assert servicer.ended.wait(WAIT)


def in_flight() -> float:
    return metrics.registry(metrics.SERVED).get_sample_value("ocpctl_rpc_in_flight") or 0.0


def test_what_is_served_now_is_counted_until_it_ends(told: tuple[Told, JobServiceStub]) -> None:
    servicer, stub = told
    wait_for(lambda: in_flight() == 0)  # streams of the tests before
    streams = [follow(stub, name) for name in ("a", "b")]
    assert all(next(stream) for stream in streams)
    assert in_flight() == 2
    assert isinstance(failure(stub, "missing"), NotFound)
    streams[0].cancel()  # type: ignore[attr-defined]
    wait_for(lambda: in_flight() == 1)
    servicer.streams.stop()
    assert [message.end.reason for message in streams[1]] == [types_pb2.StreamEnd.STOPPING]
    wait_for(lambda: in_flight() == 0)


def test_streams_are_counted_in_all_and_for_a_caller(told: tuple[Told, JobServiceStub]) -> None:
    _, stub = told
    streams = [follow(stub, name) for name in ("a", "a", "b")]
    assert all(next(stream) for stream in streams)
    assert "you have 2 streams" in str(failure(stub, "a"))
    refused = failure(stub, "c")
    assert isinstance(refused, Unavailable)
    assert "3 streams are open" in refused.message


def test_a_server_that_stops_says_so_in_every_stream(told: tuple[Told, JobServiceStub]) -> None:
    servicer, stub = told
    stream = follow(stub, "a")
    next(stream)
    servicer.streams.stop()
    assert [message.end.reason for message in stream] == [types_pb2.StreamEnd.STOPPING]


def test_a_stream_ends_with_its_session(told: tuple[Told, JobServiceStub]) -> None:
    servicer, stub = told
    stream, other = follow(stub, "a"), follow(stub, "b")
    next(stream)
    next(other)
    servicer.revoked.add("a")
    assert [message.end.reason for message in stream] == [types_pb2.StreamEnd.SESSION_REVOKED]
    servicer.streams.stop()
    assert [message.end.reason for message in other] == [types_pb2.StreamEnd.STOPPING]
