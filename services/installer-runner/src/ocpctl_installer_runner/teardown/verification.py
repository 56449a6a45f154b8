"""The proof that nothing of an attempt is left: two looks in a row that find nothing, and a receipt of them."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ocpctl.internal.v1 import lease_service_pb2 as pb
from ocpctl_common.failpoints import Failpoint, reach

from ocpctl_installer_runner.attempt import Attempt
from ocpctl_installer_runner.errors import RunFailed
from ocpctl_installer_runner.teardown.scope import target_of

DESTROY = "DESTROY"  # the failure class of a destroy that has not reached its goal
LOOKS = 2
MOST_NAMED = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """One look; `found` names what exists, by type."""

    began: datetime
    ended: datetime
    found: Mapping[str, Sequence[str]]

    @property
    def names(self) -> list[str]:
        """Type and name of everything that was found."""
        return [f"{kind} {name}" for kind, names in self.found.items() for name in names]

    @property
    def summary(self) -> str:
        """For people."""
        if not self.names:
            return "Nothing that is left was seen."
        return f"{len(self.names)} resources are left, among them {', '.join(self.names[:MOST_NAMED])}."


def look(attempt: Attempt, gone: pb.DirtyAttempt) -> Look:
    """What exists of an attempt now."""
    began = attempt.tools.clock()
    found = attempt.cloud.remaining(target_of(gone, attempt.domain))
    return Look(began=began, ended=attempt.tools.clock(), found=found)


def prove(attempt: Attempt, gone: pb.DirtyAttempt) -> dict[str, Any]:
    """The receipt: JSON of ocpctl.v1.AttemptReceipt. Raises RunFailed when anything is found, LeaseLost."""
    attempt.progress("checking absence", 80, f"Looking for anything that is left of {gone.infra_id}.")
    looks = [_empty_look(attempt, gone)]
    while len(looks) < LOOKS:
        _wait(attempt)
        reach(Failpoint.DESTROY_BETWEEN_LOOKS)
        looks.append(_empty_look(attempt, gone))
    return _receipt(gone, looks)


def _empty_look(attempt: Attempt, gone: pb.DirtyAttempt) -> Look:
    seen = look(attempt, gone)
    if seen.names:
        raise RunFailed(DESTROY, seen.summary)
    return seen


def _wait(attempt: Attempt) -> None:
    """The second look comes later, because listings are eventually consistent."""
    give_up = time.monotonic() + attempt.tools.settings.absence_interval_seconds
    while (left := give_up - time.monotonic()) > 0:
        attempt.lease.check()
        time.sleep(min(left, 1.0))


def _receipt(gone: pb.DirtyAttempt, looks: list[Look]) -> dict[str, Any]:
    checks = [
        {
            "startTime": seen.began.isoformat(),
            "endTime": seen.ended.isoformat(),
            "found": {kind: len(names) for kind, names in seen.found.items()},
        }
        for seen in looks
    ]
    return {
        "attemptId": gone.attempt_id,
        "infraId": gone.infra_id,
        "accountId": gone.aws_account_id,
        "region": gone.region,
        "checks": checks,
        "verifiedAt": looks[-1].ended.isoformat(),
    }
