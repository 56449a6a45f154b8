"""The messages of the outbox, as the dispatch of a job: a frozen dataclass a kind, one way to write and read."""

from dataclasses import dataclass
from functools import cache
from typing import Any, ClassVar, Protocol, TypeVar

from pydantic import ConfigDict, TypeAdapter, ValidationError
from pydantic.alias_generators import to_camel

from ocpctl_common.ids import ClusterId, JobId

# Fields that this version does not know are passed over: a newer sender may add some.
WIRE = ConfigDict(alias_generator=to_camel, populate_by_name=True, extra="ignore")


class Unreadable(ValueError):
    """A body is no message of its kind. Says which fields are wrong, and never what stands in them."""


class Message(Protocol):
    """A dataclass with the stable name of its kind. Fields that are added later have defaults."""

    KIND: ClassVar[str]
    __dataclass_fields__: ClassVar[dict[str, Any]]


M = TypeVar("M", bound=Message)


@dataclass(frozen=True, slots=True, kw_only=True)
class JobDispatch:
    """A job waits for a runner. The row is the truth: a runner needs the job's id alone.

    The rest is for people who look into the queue, as is `request`, the cluster's specification, which the store adds.
    """

    KIND: ClassVar[str] = "job-dispatch"
    __pydantic_config__: ClassVar[ConfigDict] = WIRE

    job_id: JobId
    cluster_id: ClusterId | None = None
    job_type: str = ""


def encode(message: Message) -> str:
    """The message as JSON."""
    return _adapter(type(message)).dump_json(message, by_alias=True).decode()


def decode(kind: type[M], body: str) -> M:
    """The message of a body. Raises Unreadable."""
    try:
        message: M = _adapter(kind).validate_json(body)
    except ValidationError as error:
        wrong = ", ".join(f"{'.'.join(map(str, one['loc'])) or 'body'}: {one['type']}" for one in error.errors())
        raise Unreadable(f"no {kind.KIND}: {wrong}") from None
    return message


@cache
def _adapter(kind: type[M]) -> TypeAdapter[M]:
    return TypeAdapter(kind)
