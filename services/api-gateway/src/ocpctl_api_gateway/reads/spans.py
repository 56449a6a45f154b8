"""Reads times and spans of time from requests. Errors name the field and the rule."""

from datetime import datetime, timedelta

from ocpctl_common.errors import FieldProblem, InvalidRequest

MAX_SPAN = timedelta(days=366)
RULE = "must be a time as in RFC 3339 with a zone, e.g. 2026-01-31T00:00:00Z (a + in a URL is written %2B)"


def moment(field: str, text: str) -> datetime | None:
    """The time that a field names; None when it is empty. Raises InvalidRequest."""
    if not text:
        return None
    try:
        time = datetime.fromisoformat(text)
    except ValueError as error:
        raise _refused(field, RULE) from error
    if time.tzinfo is None:
        raise _refused(field, RULE)
    return time


def ordered(begin: datetime | None, end: datetime | None) -> None:
    """Raises InvalidRequest for a span that ends before it begins."""
    if begin and end and end <= begin:
        raise _refused("to", "must be after `from`")


def whole(begin_text: str, end_text: str) -> tuple[datetime, datetime]:
    """A span with both ends, of at most 366 days. Raises InvalidRequest."""
    begin, end = moment("from", begin_text), moment("to", end_text)
    if begin is None:
        raise _refused("from", "is required", "FIELD_REQUIRED")
    if end is None:
        raise _refused("to", "is required", "FIELD_REQUIRED")
    ordered(begin, end)
    if end - begin > MAX_SPAN:
        raise _refused("to", f"must be at most {MAX_SPAN.days} days after `from`")
    return begin, end


def _refused(field: str, rule: str, reason: str = "TIME_INVALID") -> InvalidRequest:
    return InvalidRequest(f"{field} {rule}", problems=[FieldProblem(field=field, description=rule, reason=reason)])
