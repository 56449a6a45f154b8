"""Envoy's own errors in the one shape: a mapper for every status that it may answer with by itself.

What is refused before it is a request (for its path, framing or size) has no request id, and Envoy has no words for it.
"""

import json
from collections.abc import Iterator
from typing import Any, NamedTuple

Json = dict[str, Any]
ITS_WORDS = "%LOCAL_REPLY_BODY%"
SIGN_IN = f"{ITS_WORDS}; sign in: POST /api/v1/auth/logins, or `python -m ocpctl_client sign-in`"
RATE_LIMITED = 429


class Reply(NamedTuple):
    """HTTP status, google.rpc.Code, reason word, sentence."""

    http: int
    code: int
    reason: str
    sentence: str = ITS_WORDS


REPLIES = (
    Reply(400, 3, "INVALID_REQUEST"),
    Reply(401, 16, "NOT_AUTHENTICATED"),
    Reply(403, 7, "NOT_PERMITTED"),
    Reply(404, 5, "NOT_FOUND"),
    Reply(405, 12, "METHOD_NOT_ALLOWED"),
    Reply(408, 4, "REQUEST_TIMEOUT", "the request did not arrive in time"),
    Reply(413, 8, "BODY_TOO_LARGE", "the body is larger than 1 MiB"),
    Reply(415, 3, "UNSUPPORTED_MEDIA_TYPE"),
    Reply(426, 9, "UPGRADE_REQUIRED", "HTTP/1.1 or HTTP/2, please"),
    Reply(429, 8, "RATE_LIMITED", "too many requests; try again after Retry-After"),
    Reply(431, 8, "HEADERS_TOO_LARGE", "the headers, with path and query, are larger than 16 KiB or more than 100"),
    Reply(500, 13, "INTERNAL"),
    Reply(502, 14, "UNAVAILABLE"),
    Reply(503, 14, "UNAVAILABLE"),
    Reply(504, 4, "DEADLINE_EXCEEDED"),
)
EARLY = (
    Reply(400, 3, "INVALID_REQUEST", "the path, a header or the framing of the request is malformed"),
    *(reply for reply in REPLIES if reply.http in (408, 426, 431)),
)
NO_REQUEST_ID: Json = {
    "header_filter": {"header": {"name": "x-request-id", "present_match": True, "invert_match": True}}
}


class IdentityReply(NamedTuple):
    """A reply of the token check that Envoy would give another status: a word of its details, and the reply."""

    word: str
    reply: Reply


IDENTITY = (
    # Keys that could not be fetched are our fault, not the caller's.
    IdentityReply("Jwks_remote", Reply(503, 14, "UNAVAILABLE", "sessions cannot be checked now; try again")),
    # A token for somebody else is no token; Envoy would say 403.
    IdentityReply("Audiences", Reply(401, 16, "NOT_AUTHENTICATED", SIGN_IN)),
    IdentityReply("jwt_authn_access_denied", Reply(401, 16, "NOT_AUTHENTICATED", SIGN_IN)),
)
GRPC: Json = {"header_filter": {"header": {"name": "content-type", "string_match": {"prefix": "application/grpc"}}}}


def identity_mappers() -> str:
    """The mappers of IDENTITY as YAML, first in line; gRPC callers get the sentence alone."""
    return "\n".join(f"                    - {json.dumps(mapper)}" for row in IDENTITY for mapper in _changed(*row))


def _changed(word: str, reply: Reply) -> Iterator[Json]:
    text = {"text_format_source": {"inline_string": reply.sentence}}
    json_mapper = _mapper(reply, [_details(word)], [*_info(reply), *_request()]) | {"status_code": reply.http}
    yield json_mapper | {"filter": {"and_filter": {"filters": [_details(word), GRPC]}}, "body_format_override": text}
    yield json_mapper


def _details(word: str) -> Json:
    kind = "type.googleapis.com/envoy.extensions.access_loggers.filters.cel.v3.ExpressionFilter"
    expression = f"response.code_details.contains('{word}')"
    name = "envoy.access_loggers.extension_filters.cel"
    return {"extension_filter": {"name": name, "typed_config": {"@type": kind, "expression": expression}}}


def mappers(retry_seconds: int) -> str:
    """The mappers as YAML. `retry_seconds` is what a caller waits who asked too often."""
    early = [_mapper(reply, [_status(reply), NO_REQUEST_ID], _info(reply)) for reply in EARLY]
    usual = [
        _mapper(reply, [_status(reply)], [*_info(reply), *_request(), *_retry(reply, retry_seconds)])
        for reply in REPLIES
    ]
    return "\n".join(f"                    - {json.dumps(mapper)}" for mapper in early + usual)


def _mapper(reply: Reply, filters: list[Json], details: list[Json]) -> Json:
    body = {"code": reply.code, "message": reply.sentence, "details": details}
    return {
        "filter": {"and_filter": {"filters": filters}} if len(filters) > 1 else filters[0],
        "body_format_override": {"json_format": body, "content_type": "application/json"},
    }


def _status(reply: Reply) -> Json:
    value = {"default_value": reply.http, "runtime_key": f"ocpctl.reply.{reply.http}"}
    return {"status_code_filter": {"comparison": {"op": "EQ", "value": value}}}


def _info(reply: Reply) -> list[Json]:
    return [{"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": reply.reason, "domain": "ocpctl"}]


def _request() -> list[Json]:
    return [{"@type": "type.googleapis.com/google.rpc.RequestInfo", "requestId": "%REQ(X-REQUEST-ID)%"}]


def _retry(reply: Reply, seconds: int) -> list[Json]:
    if reply.http != RATE_LIMITED:
        return []
    return [{"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": f"{seconds}s"}]
