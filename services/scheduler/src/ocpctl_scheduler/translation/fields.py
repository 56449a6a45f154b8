"""Missing fields are refused here."""

from google.protobuf.message import Message
from ocpctl_common.errors import FieldProblem, InvalidRequest


def require(message: Message, *names: str) -> None:
    """Refuses a message in which one of the fields is empty."""
    missing = [name for name in names if not getattr(message, name)]
    if missing:
        problems = [FieldProblem(field=name, description="is required", reason="FIELD_REQUIRED") for name in missing]
        raise InvalidRequest(f"missing: {', '.join(missing)}", problems=problems)
