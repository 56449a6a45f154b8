"""What an error of the API means for the command: exit code, words, and the option that caused it."""

from collections.abc import Mapping
from typing import Any

from ocpctl_cli.durations import LONGEST
from ocpctl_cli.failures import Exit, Failure

CODES = {
    400: Exit.USAGE,
    401: Exit.SIGN_IN,
    403: Exit.REFUSED,
    404: Exit.NOT_FOUND,
    409: Exit.REFUSED,
    413: Exit.USAGE,
    414: Exit.USAGE,
    422: Exit.REFUSED,
    429: Exit.AWAY,
    431: Exit.USAGE,
    503: Exit.AWAY,
    504: Exit.AWAY,
}
HINTS = {
    "NOT_ENROLLED": "A platform admin can give you a role: ocpctl admin mappings add",
    "NOT_PERMITTED": "`ocpctl whoami` shows your roles.",
    "NAME_TAKEN": "Choose another name, or destroy the cluster that has it: `ocpctl get NAME` shows it.",
    "UNAVAILABLE": "Try again; nothing was lost.",
}
UNAUTHENTICATED = 401
REFUSED = "the request is refused:"
SIGN_IN_HINT = "Sign in: ocpctl login"


def is_worth_another_try(status: int) -> bool:
    """The server is busy, or something between is away."""
    return CODES.get(status) is Exit.AWAY


def failure_of(status: int, body: Any, options: Mapping[str, str], place: str = "", advice: str = "") -> Failure:
    """`options`: the option of each field of the request that was sent. `place`: where the answer sends one to.

    `advice` is what else is known to do.
    """
    if place:
        return Failure(Exit.FAILED, f"the server answered {status}: it is elsewhere", f"Use --url {_server(place)}")
    error = body if isinstance(body, dict) else {}
    details = _details(error)
    reason = str(details.get("ErrorInfo", {}).get("reason", ""))
    violations = _violations(details, options)
    message = REFUSED if violations else str(error.get("message") or f"the server answered {status}")
    return Failure(
        CODES.get(status, Exit.FAILED),
        message,
        SIGN_IN_HINT if status == UNAUTHENTICATED else violations or advice or HINTS.get(reason, ""),
        str(details.get("RequestInfo", {}).get("requestId", "")),
    )


def retry_seconds(headers: Mapping[str, str]) -> float | None:
    """What the server asks for in `retry-after`; None when it does not, or not in seconds."""
    asked = headers.get("retry-after", "").strip()
    return min(float(asked), LONGEST) if asked.isascii() and asked.isdecimal() else None


def _server(address: str) -> str:
    """Without the path of a call."""
    return address.partition("/api/v1")[0]


def _details(error: Mapping[str, Any]) -> dict[str, Any]:
    """By the last part of the type's name; a detail that is none is nothing."""
    return {str(one.get("@type", "")).rpartition(".")[2]: one for one in _objects(error.get("details"))}


def _violations(details: Mapping[str, Any], options: Mapping[str, str]) -> str:
    violations = _objects(details.get("BadRequest", {}).get("fieldViolations"))
    return "\n".join(
        f"{_option(str(one.get('field', '')), options)}: {one.get('description', '')}" for one in violations
    )


def _objects(found: Any) -> list[dict[str, Any]]:
    """Errors come from what stands between, too: what is no list of objects is nothing."""
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def _option(field: str, options: Mapping[str, str]) -> str:
    return options.get(field.partition(".")[0].partition("[")[0], field)
