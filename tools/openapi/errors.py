"""What every route may answer besides what was asked for: one shape of errors (docs/api.md)."""

from typing import Any

# Durable when answered, done later: 202.
ACCEPTED = {"CreateCluster", "DestroyCluster", "CancelCreate", "ScaleWorkers", "RetryDestroy"}
ALSO_OK = {"CreateCluster"}  # validateOnly
WORDS = {
    "400": "Malformed; names the fields.",
    "401": "No valid session.",
    "403": "The caller's roles do not allow it.",
    "404": "It does not exist, or not for this caller.",
    "408": "The request did not arrive in time.",
    "409": "The state, or another request, does not allow it.",
    "413": "The body is too large.",
    "422": "Well formed, against policy; or an Idempotency-Key of another request.",
    "429": "Too many requests; try again after Retry-After.",
    "431": "The headers, with path and query, are too large.",
    "503": "A part is away; try again after RetryInfo.",
}
ALWAYS, WITH_ID, CHANGING = ("400", "401", "403", "408", "429", "431", "503"), ("404", "409"), ("409", "413", "422")
DETAIL = {
    "type": "object",
    "description": "google.rpc.ErrorInfo, RequestInfo, BadRequest or RetryInfo, told apart by `@type`.",
    "properties": {"@type": {"type": "string"}},
    "required": ["@type"],
}
STATUS = {
    "type": "object",
    "description": "google.rpc.Status",
    "properties": {
        "code": {"type": "integer", "format": "int32", "description": "google.rpc.Code"},
        "message": {"type": "string", "description": "What went wrong and what to do, for people."},
        "details": {"type": "array", "items": {"$ref": "#/components/schemas/ErrorDetail"}},
    },
    "required": ["code", "message", "details"],
}
COMPONENTS: dict[str, dict[str, Any]] = {
    "parameters": {
        "IdempotencyKey": {
            "name": "Idempotency-Key",
            "in": "header",
            "required": True,
            "description": "1 to 255 visible characters, new for every new request, the same for a retry.",
            "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]+$"},
        }
    },
    "responses": {
        f"Error{status}": {
            "description": word,
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Status"}}},
        }
        for status, word in WORDS.items()
    },
    "schemas": {"ErrorDetail": DETAIL, "Status": STATUS},
}


def answers(method: str, content: dict[str, Any], *, changes: bool, names: bool) -> dict[str, Any]:
    """The responses of a method; `names`: its path names one thing."""
    good = {"description": "As asked.", "content": content}
    accepted = good | {"description": "Accepted: durable now, done later."}
    found: dict[str, Any] = {"202": accepted} if method in ACCEPTED else {"200": good}
    if method in ALSO_OK:
        found["200"] = good
    errors = {*ALWAYS, *(WITH_ID if names else ()), *(CHANGING if changes else ())}
    return dict(
        sorted((found | {status: {"$ref": f"#/components/responses/Error{status}"} for status in errors}).items())
    )
