"""`destroy cluster`: deletes whatever carries an identifier of metadata.json, until a look finds nothing more.

Finds nothing: done just the same, also in the wrong account.
"""

import os
import urllib.parse
import urllib.request
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from ocpctl_local.simulator import deletion, search
from ocpctl_local.simulator.cloud import DESTROYER, Cloud, code_of
from ocpctl_local.simulator.journal import Journal
from ocpctl_local.simulator.knobs import Knobs
from ocpctl_local.simulator.log import InstallLog
from ocpctl_local.simulator.machines import untagged_volume
from ocpctl_local.simulator.site import Site

PAUSE_SECONDS = 1.0  # between rounds; the real one takes ten
SECONDS = 3.0  # how long the first round takes at time scale 1
STATUS_CODE = 400


def delete_all(aws: Mapping[str, Any], knobs: Knobs, journal: Journal, log: InstallLog, *, once: Path) -> None:
    """Everything; `once` is a file that remembers that the late volume of this infra id was made."""
    cloud = Cloud(aws["region"], journal.infra_id, knobs.leave, agent=DESTROYER)
    work = Destroyer(cloud, aws["identifier"], knobs, journal, log)
    work.end_instances()
    while not work.round():
        journal.write("destroy", "beat")
    if knobs.late_tags and not once.exists():
        once.touch()
        _late_volume(cloud, knobs.late_tags)


class Destroyer:
    """The rounds of one destroy; remembers what is deleted, since listings name it for a while."""

    def __init__(
        self, cloud: Cloud, identifiers: search.Identifiers, knobs: Knobs, journal: Journal, log: InstallLog
    ) -> None:
        self._cloud = cloud
        self._identifiers = identifiers
        self._knobs = knobs
        self._journal = journal
        self._log = log
        self._search = search.Search(cloud, identifiers)
        self._deleted: set[str] = set()
        self._first = True

    def end_instances(self) -> None:
        """First: as long as they run, they make more."""
        while running := self._running():
            self._cloud.ec2.terminate_instances(InstanceIds=sorted(running))
            for id_ in sorted(running):
                self._log.line("Terminating", "debug", id=id_, resourceType="instance")
            if left := self._running():
                self._log.line(f"{len(left)} instances are not terminated yet", "debug")
                self._journal.sleep(PAUSE_SECONDS, "destroy")
        self._journal.write("destroy", "beat")

    def _running(self) -> set[str]:
        found = search.instances(self._cloud, self._identifiers)
        if "ec2:instance" in self._cloud.leave:
            return set()
        for id_ in sorted(id_ for id_, state in found.items() if state == "terminated"):
            if id_ not in self._deleted:
                self._log.line("Terminated", instance=id_)
                self._deleted.add(id_)
        return {id_ for id_, state in found.items() if state != "terminated"}

    def round(self) -> bool:
        """Whether nothing is left to find. An error ends no destroy: it is tried again after a pause, for ever."""
        try:
            left = self._found()
        except (ClientError, BotoCoreError) as error:
            self._log.line("error while finding resources to delete", error=str(error))
            self._journal.sleep(PAUSE_SECONDS, "destroy")
            return False
        if not self._delete(left):
            self._journal.sleep(PAUSE_SECONDS, "destroy")
        return not left

    def _found(self) -> list[str]:
        self._log.line(f"search for matching resources by tag in {self._cloud.region}", "debug")
        found = {arn for arn in self._search.arns() if self._is_to_go(arn)} - self._deleted
        return sorted(found, key=lambda arn: (deletion.ORDER.index(deletion.kind_of(arn)), arn))

    def _is_to_go(self, arn: str) -> bool:
        kind = deletion.kind_of(arn)
        if kind != "ec2:instance" and kind not in deletion.DELETES:
            self._log.line(f"unrecognized resource type {kind}", "debug", arn=arn)
        return kind in deletion.DELETES and kind not in self._cloud.leave

    def _delete(self, arns: Sequence[str]) -> bool:
        """One after the other, in an order in which they can go; whether all of them went."""
        pause = SECONDS * self._knobs.time_scale / len(deletion.ORDER) if self._first else 0.0
        self._first = False
        before = ""
        for arn in arns:
            if (kind := deletion.kind_of(arn)) != before:
                before = kind
                self._journal.sleep(pause, "destroy")
            self._try(arn, kind)
        return self._deleted.issuperset(arns)

    def _try(self, arn: str, kind: str) -> None:
        if self._knobs.destroy_blocked and kind == "ec2:vpc":
            vpc = arn.rpartition("/")[2]
            refused = f"The vpc '{vpc}' has dependencies and cannot be deleted."
            self._log.line(_refusal("EC2: DeleteVpc", "DependencyViolation", refused), "debug", arn=arn)
            return
        try:
            deletion.delete(self._cloud, arn, self._log)
        except ClientError as error:
            what = f"{kind.partition(':')[0].upper()}: {error.operation_name}"
            text = _refusal(what, code_of(error), error.response["Error"]["Message"])
            self._log.line(text, "debug", arn=arn)
        except BotoCoreError as error:
            self._log.line(str(error), "debug", arn=arn)
        else:
            self._deleted.add(arn)


def _refusal(operation: str, code: str, message: str) -> str:
    """As the AWS SDK words it."""
    return (
        f"operation error {operation}, https response error StatusCode: {STATUS_CODE}, "
        f"RequestID: 00000000-0000-0000-0000-000000000000, api error {code}: {message}"
    )


def _late_volume(cloud: Cloud, seconds: float) -> None:
    """Something that no tag search shows yet: its tag is set by the endpoint later."""
    volume = untagged_volume(Site(cloud=cloud, domain=""))
    key, value = cloud.owned
    query = urllib.parse.urlencode({"resource": volume, "key": key, "value": value, "seconds": seconds})
    endpoint = os.environ["AWS_ENDPOINT_URL"]
    urllib.request.urlopen(f"{endpoint}/ocpctl/late-tag?{query}", data=b"", timeout=10).close()  # noqa: S310
