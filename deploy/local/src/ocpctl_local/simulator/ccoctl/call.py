"""One call of ccoctl: what it is asked for, its log, its journal, and the faults that it was told to have."""

import sys
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from botocore import xform_name
from botocore.exceptions import ClientError

from ocpctl_local.simulator import cluster_names
from ocpctl_local.simulator.cloud import CCOCTL, Cloud, Tags, code_of
from ocpctl_local.simulator.death import die
from ocpctl_local.simulator.journal import Journal
from ocpctl_local.simulator.knobs import Knobs

STEP_SECONDS = 0.1  # after each thing that was made, at time scale 1
OWNED = "owned"


class Failed(Exception):
    """The call ends with an error, in ccoctl's words."""


@dataclass(slots=True, kw_only=True)
class Call:
    """Grows no state but a fault that waits for the next thing to be made."""

    name: str
    cloud: Cloud
    knobs: Knobs
    journal: Journal
    operation: str
    counter: Path
    _fails_next: bool = field(default=False, repr=False)

    @classmethod
    def begin(cls, name: str, region: str, config: Path, operation: str) -> "Call":
        """Tells the journal that it begins."""
        knobs, cluster = cluster_names.knobs_of(config, name), cluster_names.name_of(config, name)
        journal = Journal(path=knobs.journal, cluster=cluster, infra_id=name)
        journal.write(operation, "start")
        counter = config.with_name(f"ccoctl-failed-{cluster}")
        cloud = Cloud(region, name, agent=CCOCTL)
        return cls(name=name, cloud=cloud, knobs=knobs, journal=journal, operation=operation, counter=counter)

    @property
    def bucket(self) -> str:
        """The bucket with the discovery documents."""
        return f"{self.name}-oidc"

    @property
    def mark(self) -> str:
        """The key of the tag by which delete finds what create-all has made."""
        return f"openshift.io/cloud-credential-operator/{self.name}"

    @property
    def tags(self) -> Tags:
        """Of everything that takes tags."""
        return [{"Key": self.mark, "Value": OWNED}, {"Key": "Name", "Value": self.name}]

    def owns(self, tags: Tags) -> bool:
        """Whether the tag says that a thing is of this name."""
        return {"Key": self.mark, "Value": OWNED} in tags

    def say(self, message: str) -> None:
        """A line as Go's `log` writes it."""
        sys.stderr.write(f"{datetime.now(tz=UTC).strftime('%Y/%m/%d %H:%M:%S')} {message}\n")
        sys.stderr.flush()

    def do(self, service: str, operation: str, **words: Any) -> Any:
        """Makes, changes or deletes one thing. Raises ClientError."""
        if self._fails_next:
            self._fails_next = False
            raise _injected(self.knobs.ccoctl_error, operation)
        return getattr(getattr(self.cloud, service), xform_name(operation))(**words)

    def reached(self, step: str, *, made: str = "", deleted: str = "") -> None:
        """A step is done: the journal learns of its thing; a fault of this step happens."""
        for mark, thing in (("made", made), ("deleted", deleted)):
            if thing:
                self.journal.write(self.operation, mark, thing=thing)
        self.journal.sleep(STEP_SECONDS * self.knobs.time_scale, self.operation)
        if step in (self.knobs.ccoctl_fail, self.knobs.ccoctl_die, self.knobs.ccoctl_hang) and self._is_due():
            self._misbehave(step)

    def _is_due(self) -> bool:
        done = int(self.counter.read_text()) if self.counter.exists() else 0
        if done < self.knobs.ccoctl_times:
            self.counter.write_text(str(done + 1))
        return done < self.knobs.ccoctl_times

    def _misbehave(self, step: str) -> None:
        if step == self.knobs.ccoctl_die:
            die()
        until = self.knobs.hang_until
        while step == self.knobs.ccoctl_hang and not (until and Path(until).exists()):
            self.journal.sleep(0.5, self.operation)
        self._fails_next = step == self.knobs.ccoctl_fail

    def skip(self, part: str, operation: str) -> None:
        """Raises ClientError when this part of a delete is told to fail."""
        if part in self.knobs.ccoctl_skip:
            raise _injected(self.knobs.ccoctl_error, operation)

    def end(self, code: int) -> int:
        """Tells the journal that it ends, and how."""
        self.journal.write(self.operation, "end", code=str(code))
        return code


def _injected(code: str, operation: str) -> ClientError:
    answer: Any = {
        "Error": {"Code": code, "Message": "injected"},
        "ResponseMetadata": {"HTTPStatusCode": 400},
    }
    return ClientError(answer, operation)


def in_words(error: Exception) -> str:
    """As the AWS SDK for Go words it."""
    if not isinstance(error, ClientError):
        return str(error)
    status = error.response["ResponseMetadata"].get("HTTPStatusCode", 400)
    return (
        f"operation error {error.operation_name}, https response error StatusCode: {status}, "
        f"RequestID: 00000000-0000-0000-0000-000000000000, "
        f"api error {code_of(error)}: {error.response['Error']['Message']}"
    )
