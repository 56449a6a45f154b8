"""The scheduler's IdentityService: each method translates and delegates."""

from datetime import datetime

import grpc
from google.protobuf.timestamp_pb2 import Timestamp
from ocpctl.internal.v1 import identity_service_pb2 as pb
from ocpctl.internal.v1.identity_service_pb2_grpc import IdentityServiceServicer
from ocpctl_common.ids import MappingId, SessionId, new_mapping_id
from ocpctl_common.store.engine import Database
from ocpctl_common.store.mappings import MappingChange, NewMapping
from ocpctl_common.store.sessions import Extension, NewSession

from ocpctl_scheduler import identities
from ocpctl_scheduler.translation import fields, requests

Context = grpc.ServicerContext


class IdentityServicer(IdentityServiceServicer):
    """Sessions and mappings."""

    def __init__(self, engine: Database) -> None:
        self._engine = engine

    def OpenSession(self, request: pb.OpenSessionRequest, context: Context) -> pb.OpenSessionResponse:
        return _ends(identities.open_session(self._engine, _new_session(request), request.correlation_id))

    def ExtendSession(self, request: pb.ExtendSessionRequest, context: Context) -> pb.OpenSessionResponse:
        fields.require(request, "session_id", "principal", "life_seconds", "max_seconds")
        longer = Extension(
            id=SessionId(request.session_id),
            principal_arn=request.principal,
            life_seconds=request.life_seconds,
            max_seconds=request.max_seconds,
        )
        return _ends(identities.extend_session(self._engine, longer, request.correlation_id))

    def RevokeSession(self, request: pb.RevokeSessionRequest, context: Context) -> pb.RevokeSessionResponse:
        fields.require(request, "session_id")
        replayed = identities.revoke_session(
            self._engine,
            requests.request_key(request.context, "RevokeSession"),
            SessionId(request.session_id),
            owner=request.owner,
            correlation_id=request.context.correlation_id,
        )
        return pb.RevokeSessionResponse(replayed=replayed)

    def CreateMapping(self, request: pb.CreateMappingRequest, context: Context) -> pb.Mapping:
        key = requests.request_key(request.context, "CreateRbacMapping")
        answer = identities.create_mapping(self._engine, key, _new_mapping(request), request.context.correlation_id)
        return pb.Mapping(document=answer.document, replayed=answer.replayed)

    def UpdateMapping(self, request: pb.UpdateMappingRequest, context: Context) -> pb.Mapping:
        key = requests.request_key(request.context, "UpdateRbacMapping")
        answer = identities.update_mapping(self._engine, key, _change(request), request.context.correlation_id)
        return pb.Mapping(document=answer.document, replayed=answer.replayed)

    def DeleteMapping(self, request: pb.DeleteMappingRequest, context: Context) -> pb.DeleteMappingResponse:
        fields.require(request, "mapping_id")
        key = requests.request_key(request.context, "DeleteRbacMapping")
        mapping_id = MappingId(request.mapping_id)
        replayed = identities.delete_mapping(self._engine, key, mapping_id, request.context.correlation_id)
        return pb.DeleteMappingResponse(replayed=replayed)


def _ends(when: str) -> pb.OpenSessionResponse:
    stamp = Timestamp()
    stamp.FromDatetime(datetime.fromisoformat(when))
    return pb.OpenSessionResponse(expire_time=stamp)


def _new_session(request: pb.OpenSessionRequest) -> NewSession:
    fields.require(request, "session_id", "principal", "account_id", "unique_id", "nonce_sha256", "life_seconds")
    return NewSession(
        id=SessionId(request.session_id),
        principal_arn=request.principal,
        account_id=request.account_id,
        unique_id=request.unique_id,
        session_name=request.session_name,
        nonce_sha256=request.nonce_sha256,
        life_seconds=request.life_seconds,
    )


def _new_mapping(request: pb.CreateMappingRequest) -> NewMapping:
    fields.require(request, "iam_principal_arn", "account_id", "team", "role", "scope")
    return NewMapping(
        id=new_mapping_id(),
        iam_principal_arn=request.iam_principal_arn,
        account_id=request.account_id,
        team=request.team,
        role=request.role,
        scope=request.scope,
        expires_in_hours=request.expires_in_hours or None,
        created_by=request.context.principal,
    )


def _change(request: pb.UpdateMappingRequest) -> MappingChange:
    fields.require(request, "mapping_id")
    return MappingChange(
        id=MappingId(request.mapping_id),
        enabled=request.enabled if request.HasField("enabled") else None,
        expires_in_hours=request.expires_in_hours if request.HasField("expires_in_hours") else None,
        forget_unique_id=request.forget_unique_id,
    )
