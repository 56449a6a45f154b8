"""The one table from the error tree to gRPC and HTTP statuses, and the way back."""

from dataclasses import dataclass

import grpc
from google.protobuf.any_pb2 import Any as AnyMessage
from google.protobuf.message import Message
from google.rpc import error_details_pb2, status_pb2
from grpc import StatusCode
from grpc_status import rpc_status

from ocpctl_common import errors
from ocpctl_common.errors import FieldProblem, OcpctlError

DOMAIN = "ocpctl"


@dataclass(frozen=True, slots=True)
class Mapping:
    """How one leaf of the tree travels. `http` is what a REST client gets."""

    code: StatusCode
    http: int


TABLE: dict[type[OcpctlError], Mapping] = {
    errors.InvalidRequest: Mapping(StatusCode.INVALID_ARGUMENT, 400),
    errors.NotAuthenticated: Mapping(StatusCode.UNAUTHENTICATED, 401),
    errors.NotPermitted: Mapping(StatusCode.PERMISSION_DENIED, 403),
    errors.NotFound: Mapping(StatusCode.NOT_FOUND, 404),
    errors.NameTaken: Mapping(StatusCode.ALREADY_EXISTS, 409),
    errors.WrongState: Mapping(StatusCode.FAILED_PRECONDITION, 409),
    errors.RequestInProgress: Mapping(StatusCode.ABORTED, 409),
    errors.PolicyRefused: Mapping(StatusCode.INVALID_ARGUMENT, 422),
    errors.KeyReused: Mapping(StatusCode.INVALID_ARGUMENT, 422),
    errors.RateLimited: Mapping(StatusCode.RESOURCE_EXHAUSTED, 429),
    errors.Fenced: Mapping(StatusCode.ABORTED, 409),
    errors.Refused: Mapping(StatusCode.FAILED_PRECONDITION, 412),
    errors.StaleState: Mapping(StatusCode.ABORTED, 409),
    errors.Unavailable: Mapping(StatusCode.UNAVAILABLE, 503),
    errors.CloudUnavailable: Mapping(StatusCode.UNAVAILABLE, 503),
}
# Nobody who calls can react to these: they travel as INTERNAL, without a text.
NEVER_SENT = frozenset({OcpctlError, errors.CloudRefused, errors.ProviderDisabled})
# What the transcoder makes of a code when nothing else is said (google.rpc.Code's own table).
DEFAULT_HTTP = {
    StatusCode.INVALID_ARGUMENT: 400,
    StatusCode.UNAUTHENTICATED: 401,
    StatusCode.PERMISSION_DENIED: 403,
    StatusCode.NOT_FOUND: 404,
    StatusCode.ALREADY_EXISTS: 409,
    StatusCode.FAILED_PRECONDITION: 400,
    StatusCode.ABORTED: 409,
    StatusCode.RESOURCE_EXHAUSTED: 429,
    StatusCode.UNAVAILABLE: 503,
}
_KIND = "kind"  # metadata key that names the leaf, so that the client can rebuild it


def mapping(error: OcpctlError) -> Mapping:
    """The row of an error. Every leaf has one; a test enumerates them."""
    return TABLE[type(error)]


def http_override(error: OcpctlError) -> str | None:
    """The HTTP status to force when it is not the transcoder's own choice."""
    row = mapping(error)
    return None if DEFAULT_HTTP[row.code] == row.http else str(row.http)


def to_status(error: OcpctlError, request_id: str) -> status_pb2.Status:
    """The error as google.rpc.Status with its details."""
    info = error_details_pb2.ErrorInfo(reason=error.reason, domain=DOMAIN, metadata={_KIND: type(error).__name__})
    details: list[Message] = [info, error_details_pb2.RequestInfo(request_id=request_id)]
    if error.problems:
        details.append(error_details_pb2.BadRequest(field_violations=[_violation(p) for p in error.problems]))
    if error.retry_after_seconds is not None:
        retry = error_details_pb2.RetryInfo()
        retry.retry_delay.FromMilliseconds(int(error.retry_after_seconds * 1000))
        details.append(retry)
    return _status(mapping(error).code, error.message, details)


def internal_status(request_id: str) -> status_pb2.Status:
    """What a client learns of a defect: nothing but the id under which the log has it."""
    info = error_details_pb2.ErrorInfo(reason="INTERNAL", domain=DOMAIN)
    details: list[Message] = [info, error_details_pb2.RequestInfo(request_id=request_id)]
    return _status(StatusCode.INTERNAL, f"internal error; the operators find it under {request_id}", details)


def _status(code: StatusCode, message: str, details: list[Message]) -> status_pb2.Status:
    packed = []
    for detail in details:
        wrapper = AnyMessage()
        wrapper.Pack(detail)
        packed.append(wrapper)
    return status_pb2.Status(code=code.value[0], message=message, details=packed)


def _violation(problem: FieldProblem) -> error_details_pb2.BadRequest.FieldViolation:
    return error_details_pb2.BadRequest.FieldViolation(
        field=problem.field, description=problem.description, reason=problem.reason
    )


def from_rpc_error(error: grpc.RpcError) -> OcpctlError:
    """The leaf that the server raised; a transport failure is Unavailable."""
    status = rpc_status.from_call(error)
    if status is None:
        return _from_transport(error)
    info, problems, retry = error_details_pb2.ErrorInfo(), error_details_pb2.BadRequest(), error_details_pb2.RetryInfo()
    for detail in status.details:
        for target in (info, problems, retry):
            if detail.Is(target.DESCRIPTOR):
                detail.Unpack(target)
    leaf = getattr(errors, info.metadata.get(_KIND, ""), None)
    if leaf is None:
        return OcpctlError(status.message)
    rebuilt = _rebuild(leaf, status.message, info.reason, problems)
    if retry.HasField("retry_delay"):
        rebuilt.retry_after_seconds = retry.retry_delay.ToMilliseconds() / 1000
    return rebuilt


def _rebuild(leaf: type[OcpctlError], message: str, reason: str, bad: error_details_pb2.BadRequest) -> OcpctlError:
    problems = tuple(
        FieldProblem(field=v.field, description=v.description, reason=v.reason) for v in bad.field_violations
    )
    error = leaf.__new__(leaf)
    OcpctlError.__init__(error, message, reason=reason, problems=problems)
    return error


def _from_transport(error: grpc.RpcError) -> OcpctlError:
    code = error.code() if isinstance(error, grpc.Call) else StatusCode.UNKNOWN
    if code in (StatusCode.UNAVAILABLE, StatusCode.DEADLINE_EXCEEDED, StatusCode.CANCELLED):
        return errors.Unavailable(f"a part of ocpctl does not answer ({code.name}); try again")
    return OcpctlError(f"unexpected answer from a part of ocpctl: {code.name}")
