"""Reads a request's bytes: what is no message of the contract is the caller's mistake, not a defect of ours.

Without this, gRPC answers INTERNAL for a text that is not UTF-8, and PostgreSQL refuses a text with NUL in the middle
of a statement.
"""

from collections.abc import Callable, Iterator
from typing import Any

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import DecodeError, Message

from ocpctl_common.errors import FieldProblem, InvalidRequest

Deserializer = Callable[[bytes], Any]


def strict(deserialize: Deserializer) -> Deserializer:
    """A deserializer that returns the message, or InvalidRequest as a value: gRPC lets none be raised here."""

    def read(raw: bytes) -> Message | InvalidRequest:
        try:
            message: Message = deserialize(raw)
        except DecodeError:
            return InvalidRequest("the request is not a message of the contract, or a text in it is not UTF-8")
        fields = list(_fields_with_nul(message)) if b"\0" in raw else []
        return _nul(fields) if fields else message

    return read


def check_texts(message: Message) -> None:
    """For a message that comes from other bytes than its own. Raises InvalidRequest."""
    if fields := list(_fields_with_nul(message)):
        raise _nul(fields)


def _nul(fields: list[str]) -> InvalidRequest:
    problems = [FieldProblem(field=name, description="must not contain NUL", reason="NUL_CHARACTER") for name in fields]
    return InvalidRequest(f"{', '.join(fields)}: must not contain NUL", problems=problems)


def _fields_with_nul(message: Message) -> Iterator[str]:
    for field, value in message.ListFields():
        if any(_holds_nul(part) for part in _parts(field, value)):
            yield field.json_name


def _parts(field: FieldDescriptor, value: Any) -> Iterator[Any]:
    """What a field holds: one value, those of a list, or keys and values of a map."""
    if field.message_type is not None and field.message_type.GetOptions().map_entry:
        yield from value
        yield from value.values()
    elif field.is_repeated:
        yield from value
    else:
        yield value


def _holds_nul(part: Any) -> bool:
    if isinstance(part, Message):
        return any(_fields_with_nul(part))
    return isinstance(part, str) and "\0" in part
