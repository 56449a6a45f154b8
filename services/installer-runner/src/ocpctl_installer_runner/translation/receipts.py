"""The receipt of a verified teardown: JSON of ocpctl.v1.AttemptReceipt."""

import json
from collections.abc import Sequence

from ocpctl_installer_runner.lease_grants import CleanupTarget
from ocpctl_installer_runner.lease_messages import VerificationCheck


def receipt_json(target: CleanupTarget, checks: Sequence[VerificationCheck]) -> str:
    """Counts only: `checks` are in their order, and the last one found nothing."""
    return json.dumps(
        {
            "attemptId": target.attempt_id,
            "infraId": target.infra_id,
            "accountId": target.account_id,
            "region": target.region,
            "checks": [
                {
                    "startTime": check.started.isoformat(),
                    "endTime": check.ended.isoformat(),
                    "found": {kind: len(names) for kind, names in check.found.items()},
                }
                for check in checks
            ],
            "verifiedAt": checks[-1].ended.isoformat(),
        }
    )
