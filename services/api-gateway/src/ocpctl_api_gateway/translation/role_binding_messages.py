"""Role bindings: the protobuf of requests and answers, and the values of the domain."""

import json
from datetime import datetime

from ocpctl.internal.v1 import identity_service_pb2 as identity_pb
from ocpctl.internal.v1 import request_service_pb2 as request_pb
from ocpctl.v1 import access_service_pb2 as access_pb
from ocpctl.v1 import types_pb2
from ocpctl_common.access import ADMIN, ALL, REQUESTER, TEAM, RoleMapping, principal_arn
from ocpctl_common.errors import FieldProblem, InvalidRequest, NotFound
from ocpctl_common.ids import MAPPING_ID
from ocpctl_common.profiles.policy import LABEL, LABEL_RULE

from ocpctl_api_gateway.translation.session_messages import role_enum
from ocpctl_api_gateway.translation.times import timestamp

MAX_HOURS = 24 * 366


def role_binding(row: RoleMapping) -> access_pb.RbacMapping:
    return access_pb.RbacMapping(
        id=row.id,
        iam_principal_arn=row.iam_principal_arn,
        account_id=row.account_id,
        unique_id=row.unique_id or "",
        team=row.team,
        role=role_enum(row.role),
        all_teams=row.scope == ALL,
        enabled=row.enabled,
        expire_time=timestamp(row.expires_at),
        create_time=timestamp(row.created_at),
        created_by=row.created_by,
    )


def stored_role_binding(document: str) -> access_pb.RbacMapping:
    """A role binding from the answer that the scheduler has stored with the idempotency key."""
    raw = json.loads(document)
    times = {name: raw[name] and datetime.fromisoformat(raw[name]) for name in ("created_at", "expires_at")}
    return role_binding(RoleMapping(**raw | times))


def create_command(
    request: access_pb.CreateRbacMappingRequest, context: request_pb.RequestContext
) -> identity_pb.CreateMappingRequest:
    """Raises InvalidRequest for each field that breaks a rule."""
    arn, account = principal_arn(request.iam_principal_arn)
    role = types_pb2.Role.Value.Name(request.role).lower()
    _check(
        {
            "team": _team_problem(request.team),
            "role": "" if request.role else "is required",
            "allTeams": "must be false for REQUESTER" if role == REQUESTER and request.all_teams else "",
            "expiresInHours": _hours_problem(request.expires_in_hours),
        }
    )
    scope = ALL if request.all_teams or role == ADMIN else TEAM
    return identity_pb.CreateMappingRequest(
        context=context,
        iam_principal_arn=arn,
        account_id=account,
        team=request.team,
        role=role,
        scope=scope,
        expires_in_hours=request.expires_in_hours,
    )


def update_command(
    request: access_pb.UpdateRbacMappingRequest, context: request_pb.RequestContext
) -> identity_pb.UpdateMappingRequest:
    """Raises InvalidRequest, NotFound."""
    _check({"expiresInHours": _hours_problem(request.expires_in_hours)})
    return identity_pb.UpdateMappingRequest(
        context=context,
        mapping_id=checked_id(request.mapping_id),
        enabled=request.enabled if request.HasField("enabled") else None,
        expires_in_hours=request.expires_in_hours if request.HasField("expires_in_hours") else None,
        forget_unique_id=request.forget_unique_id,
    )


def checked_id(text: str) -> str:
    """An id of the right form. Raises NotFound."""
    if not MAPPING_ID.fullmatch(text):
        raise NotFound("there is no such mapping; ids look like map_ and 26 characters")
    return text


def _team_problem(team: str) -> str:
    return "" if LABEL.fullmatch(team) else LABEL_RULE


def _hours_problem(hours: int) -> str:
    return "" if 0 <= hours <= MAX_HOURS else f"must be 0 (no end) to {MAX_HOURS}"


def _check(rules: dict[str, str]) -> None:
    problems = [FieldProblem(field=f, description=r, reason="MAPPING_INVALID") for f, r in rules.items() if r]
    if problems:
        raise InvalidRequest("; ".join(f"{p.field} {p.description}" for p in problems), problems=problems)
