"""The error tree. One base, few leaves; each leaf is one thing that a caller can react to.

    OcpctlError
    ├── InvalidRequest      400  malformed; names the fields
    ├── NotAuthenticated    401  no or wrong identity
    ├── NotPermitted        403  known identity, not allowed
    ├── NotFound            404
    ├── NameTaken           409  an unreleased cluster has this name
    ├── WrongState          409  the state does not allow it; says which would
    ├── RequestInProgress   409  same idempotency key, first call not finished
    ├── PolicyRefused       422  well formed, against policy; names the fields
    ├── KeyReused           422  same idempotency key, other request
    ├── RateLimited         429  too many of these in this time; try again later
    ├── Fenced              409  the lease is lost (runners only)
    ├── Refused             412  a lease step's precondition does not hold (runners only)
    ├── StaleState          409  a compare-and-set lost its race; the caller may look again
    ├── Unavailable         503  a part is away; try again
    ├── CloudRefused        500  a cloud's own word for why it refuses a call; never sent over the wire
    └── ProviderDisabled    500  nothing is done in this cloud in this phase; never sent over the wire

`rpc/status.py` is the one table that maps the tree to gRPC and HTTP statuses.
"""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldProblem:
    """A field that is wrong: its public JSON name, what is wrong and allowed, a stable reason word."""

    field: str
    description: str
    reason: str


class OcpctlError(Exception):
    """Base of all expected errors. `message` is meant for the user; `reason` is stable and documented.

    With `retry_after_seconds` the same request may be well later.
    """

    reason = "INTERNAL"
    retry_after_seconds: float | None = None

    def __init__(self, message: str, *, reason: str | None = None, problems: Sequence[FieldProblem] = ()) -> None:
        super().__init__(message)
        self.message = message
        self.reason = reason or type(self).reason
        self.problems = tuple(problems)


class InvalidRequest(OcpctlError):
    """The request is malformed; `problems` names the fields."""

    reason = "INVALID_REQUEST"


class NotAuthenticated(OcpctlError):
    """No identity, or one that cannot be verified."""

    reason = "NOT_AUTHENTICATED"


class NotPermitted(OcpctlError):
    """The identity is known and may not do this."""

    reason = "NOT_PERMITTED"


class NotFound(OcpctlError):
    """Nothing of this id exists, or the caller may not know of it."""

    reason = "NOT_FOUND"


class NameTaken(OcpctlError):
    """A cluster whose name is not released yet has this name in this domain."""

    reason = "NAME_TAKEN"


class WrongState(OcpctlError):
    """The state of what is asked for does not allow the request."""

    reason = "WRONG_STATE"


class RequestInProgress(OcpctlError):
    """A call with the same idempotency key has not finished."""

    reason = "REQUEST_IN_PROGRESS"


class PolicyRefused(OcpctlError):
    """Well formed, but against the profile's policy; `problems` names every violation."""

    reason = "POLICY_REFUSED"


class KeyReused(OcpctlError):
    """The idempotency key was used for another request."""

    reason = "IDEMPOTENCY_KEY_REUSED"


class RateLimited(OcpctlError):
    """So many were accepted lately that this one must wait `retry_after_seconds`."""

    reason = "RATE_LIMITED"

    def __init__(self, message: str, *, retry_after_seconds: float) -> None:
        super().__init__(message)
        self.retry_after_seconds = retry_after_seconds


class Fenced(OcpctlError):
    """The caller's lease is lost. It must stop at once and write nothing more."""

    reason = "FENCED"


class Refused(OcpctlError):
    """A lease step is refused although the lease holds; `reason` says which condition failed."""

    reason = "REFUSED"


class StaleState(OcpctlError):
    """A compare-and-set found another state than expected."""

    reason = "STALE_STATE"

    def __init__(self, what: str, *, expected: object, found: object) -> None:
        super().__init__(f"{what}: expected {expected}, found {found}")
        self.expected = expected
        self.found = found


class Unavailable(OcpctlError):
    """A needed part does not answer. Safe to try again after `retry_after_seconds`."""

    reason = "UNAVAILABLE"

    def __init__(self, message: str, *, retry_after_seconds: float = 2.0) -> None:
        super().__init__(message)
        self.retry_after_seconds = retry_after_seconds


class CloudUnavailable(Unavailable):
    """What does not answer is the cloud, or this process asks it wrongly."""


class CloudRefused(OcpctlError):
    """A cloud refuses a call, for a reason that another try alone does not change.

    `cloud` is its name for people, `code` its own word for the reason. `not_permitted`: the credentials lack a right.
    `advice`: what to look at; "": nothing is known.
    """

    reason = "CLOUD_REFUSED"

    def __init__(
        self, cloud: str, *, operation: str, code: str, not_permitted: bool = False, details: str = "", advice: str = ""
    ) -> None:
        super().__init__(f"{cloud} refused a call: {code}. {advice}".rstrip())
        self.cloud = cloud
        self.operation = operation
        self.code = code
        self.not_permitted = not_permitted
        self.advice = advice
        self._details = details

    def __str__(self) -> str:
        """For logs: with all that the cloud said."""
        return f"{self._details} {self.advice}".strip() if self._details else self.message


class ProviderDisabled(OcpctlError):
    """The provider is known, its profiles are read and its requests are checked, and nothing is done in its cloud."""

    reason = "PROVIDER_DISABLED"

    def __init__(self, label: str) -> None:
        super().__init__(f"{label} is disabled in this phase")
