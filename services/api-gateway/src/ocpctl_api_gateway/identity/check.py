"""Answers Envoy's external authorisation filter before a request is transcoded, while method, path and body are raw.

It identifies callers that send no session but a signature, or the identity header of a trusted front. It checks the
bodies of changes against the contract.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import grpc
from google.protobuf import json_format
from ocpctl.external import ext_authz_pb2 as pb
from ocpctl.external.ext_authz_pb2_grpc import AuthorizationServicer
from ocpctl_common.access import Caller
from ocpctl_common.errors import InvalidRequest, NotAuthenticated, NotPermitted, OcpctlError
from ocpctl_common.rpc.interceptors import REQUEST_ID
from ocpctl_common.rpc.status import mapping, to_status
from ocpctl_common.sigv4.canonical import HttpRequest
from ocpctl_common.sigv4.keys import KeyRing
from ocpctl_common.sigv4.verifying import verify_request
from ocpctl_common.sts.identity import CallerIdentity, parse_identity

from ocpctl_api_gateway.identity.body_check import check_body
from ocpctl_api_gateway.identity.query_check import check_query
from ocpctl_api_gateway.identity.refusals import Refusals
from ocpctl_api_gateway.principal import IDEMPOTENCY_KEY, IDENTITY, Claims, encode

PRINCIPAL = "x-ocpctl-principal"
FRONT = "x-ocpctl-front-identity"
SIGNED = "AWS4-"
SERVICE = "ocpctl"
_OK = pb.CheckResponse()


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestIdentity:
    """Identifies signers whose keys we hold, and callers whom a trusted front names.

    `front_peer` is the DNS name in the front's certificate; "" trusts no front.
    """

    keys: KeyRing
    regions: tuple[str, ...]
    front_peer: str
    clock: Callable[[], datetime]

    def claims(self, attributes: pb.AttributeContext) -> Claims | None:
        """The caller; None for a request that has a session or no identity. Raises NotAuthenticated."""
        headers = attributes.request.http.headers
        if FRONT in headers:
            return _claims(self._of_front(attributes.source.principal, headers[FRONT]))
        if headers.get("authorization", "").startswith(SIGNED):
            return _claims(self._of_signature(attributes.request.http))
        return None

    def _of_signature(self, http: pb.AttributeContext.HttpRequest) -> CallerIdentity:
        request = HttpRequest(
            method=http.method, path=http.path, headers={**http.headers, "host": http.host}, body=http.raw_body
        )
        if http.method not in ("GET", "HEAD") and IDEMPOTENCY_KEY in http.headers:
            _must_be_signed(http.headers["authorization"], IDEMPOTENCY_KEY)
        key = verify_request(request, service=SERVICE, regions=self.regions, keys=self.keys, now=self.clock())
        return parse_identity(key.arn, key.user_id, key.account)

    def _of_front(self, peer: str, word: str) -> CallerIdentity:
        if not self.front_peer or peer.removeprefix("DNS:") != self.front_peer:
            raise NotAuthenticated(f"the header {FRONT} is for the configured front only", reason="FRONT_NOT_TRUSTED")
        fields = dict(part.partition("=")[::2] for part in word.split(";"))
        try:
            return parse_identity(fields["arn"], fields["user-id"], fields["account"])
        except KeyError as error:
            raise NotAuthenticated(f"the header {FRONT} lacks {error}", reason="FRONT_NOT_TRUSTED") from error


def _must_be_signed(authorization: str, name: str) -> None:
    """With another idempotency key, a repeated signed request would be a second request."""
    signed = authorization.partition("SignedHeaders=")[2].partition(",")[0].strip()
    if name not in signed.split(";"):
        raise NotAuthenticated(f"sign the header {name} too", reason="HEADER_NOT_SIGNED")


def _claims(verified: CallerIdentity) -> Claims:
    caller = Caller(arn=verified.arn, account_id=verified.account, unique_id=verified.unique_id)
    return Claims(caller=caller, session_name=verified.session_name)


class RequestCheck(AuthorizationServicer):
    """Refuses identities that cannot be verified, and queries and bodies that break the contract."""

    def __init__(self, identity: RequestIdentity, refusals: Refusals) -> None:
        self._identity = identity
        self._refusals = refusals

    def Check(self, request: pb.CheckRequest, context: grpc.ServicerContext) -> pb.CheckResponse:
        http = request.attributes.request.http
        try:
            if http.headers.get("x-envoy-auth-partial-body") == "true":
                raise InvalidRequest("the body is too large", reason="BODY_TOO_LARGE")
            claims = self._identity.claims(request.attributes)
            check_query(http.method, http.path)
            check_body(http.path.partition("?")[0], http.raw_body)
        except OcpctlError as error:
            if isinstance(error, NotAuthenticated | NotPermitted):
                self._refusals.add("SignedRequest", error)
            return _denied(error, http.headers.get(REQUEST_ID, ""))
        return _identified(claims) if claims else _OK


def _identified(claims: Claims) -> pb.CheckResponse:
    """Lets the request pass with the headers that Envoy would make from a session's token."""
    response = pb.CheckResponse()
    for name, value in ((IDENTITY, encode(claims.to_json())), (PRINCIPAL, claims.caller.arn)):
        response.ok_response.headers.add().header.MergeFrom(pb.HeaderValue(key=name, value=value))
    response.ok_response.headers_to_remove.extend((FRONT, "authorization"))
    return response


def _denied(error: OcpctlError, request_id: str) -> pb.CheckResponse:
    row = mapping(error)
    response = pb.CheckResponse()
    response.status.code = row.code.value[0]
    response.denied_response.status.code = row.http
    response.denied_response.body = json_format.MessageToJson(to_status(error, request_id), indent=None)
    header = response.denied_response.headers.add()
    header.header.key, header.header.value = "content-type", "application/json"
    return response
