"""The SQS FIFO queue of dispatches."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Protocol

import boto3

from ocpctl_common.cloud.session import CONFIG, aws_errors
from ocpctl_common.errors import CloudRefused, StaleState
from ocpctl_common.messages import JobDispatch, Unreadable, decode

# AWS's words for a receipt handle whose claim has run out: the message is in the queue again, somebody else's or gone.
CLAIM_OVER = ("ReceiptHandleIsInvalid", "InvalidParameterValue", "MessageNotInflight")


class Sendable(Protocol):
    """What a message to be sent has."""

    @property
    def id(self) -> int: ...
    @property
    def group_id(self) -> str: ...
    @property
    def dedup_id(self) -> str: ...
    @property
    def body(self) -> str: ...
    @property
    def attributes(self) -> dict[str, str]: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """A received message. `receives` counts how often it was handed out."""

    body: str
    handle: str
    receives: int
    attributes: dict[str, str]

    @property
    def job_id(self) -> str | None:
        """The job that it dispatches; None: it is no dispatch."""
        try:
            return decode(JobDispatch, self.body).job_id
        except Unreadable:
            return None


class JobQueue:
    """Sends, receives one at a time, deletes. Raises Unavailable; StaleState when a claim has run out."""

    def __init__(self, session: boto3.Session, url: str) -> None:
        self._sqs = session.client("sqs", config=CONFIG)
        self._url = url

    def send_batch(self, messages: Sequence[Sendable]) -> Sequence[int]:
        """Sends at most ten; returns the ids of those that the queue has accepted."""
        entries = [
            {
                "Id": str(message.id),
                "MessageBody": message.body,
                "MessageGroupId": message.group_id,
                "MessageDeduplicationId": message.dedup_id,
                "MessageAttributes": {
                    key: {"DataType": "String", "StringValue": value}
                    for key, value in message.attributes.items()
                    if value
                },
            }
            for message in messages
        ]
        with aws_errors("the job queue"):
            answer = self._sqs.send_message_batch(QueueUrl=self._url, Entries=entries)  # type: ignore[arg-type]
        return [int(done["Id"]) for done in answer.get("Successful", [])]

    def receive(self, wait_seconds: int, *, claim_seconds: int) -> Message | None:
        """The next message, or None after `wait_seconds` without one. It and its group are ours for the claim."""
        with aws_errors("the job queue"):
            answer = self._sqs.receive_message(
                QueueUrl=self._url,
                MaxNumberOfMessages=1,
                WaitTimeSeconds=wait_seconds,
                VisibilityTimeout=claim_seconds,
                MessageAttributeNames=["All"],
                MessageSystemAttributeNames=["ApproximateReceiveCount"],
            )
        for raw in answer.get("Messages", []):
            attributes = {key: value.get("StringValue", "") for key, value in raw.get("MessageAttributes", {}).items()}
            receives = int(raw.get("Attributes", {}).get("ApproximateReceiveCount", "1"))
            return Message(body=raw["Body"], handle=raw["ReceiptHandle"], receives=receives, attributes=attributes)
        return None

    def give_back(self, message: Message, *, after_seconds: int) -> None:
        """Somebody else gets the message, and its group goes on, after so many seconds."""
        with _claimed():
            self._sqs.change_message_visibility(
                QueueUrl=self._url, ReceiptHandle=message.handle, VisibilityTimeout=after_seconds
            )

    def delete(self, message: Message) -> None:
        """The message got its verdict."""
        with _claimed():
            self._sqs.delete_message(QueueUrl=self._url, ReceiptHandle=message.handle)


@contextmanager
def _claimed() -> Iterator[None]:
    try:
        with aws_errors("the job queue"):
            yield
    except CloudRefused as error:
        if error.code.rpartition(".")[2] in CLAIM_OVER:
            raise StaleState("the claim on a message", expected="ours", found=f"run out ({error.code})") from error
        raise
