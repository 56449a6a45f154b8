"""What the grant of a first start gives: all teams only to whom it is due."""

import pytest
from ocpctl_common.access import ROLES
from ocpctl_common.store.mappings import NewMapping
from ocpctl_scheduler import identities
from ocpctl_scheduler.actors import SCHEDULER
from ocpctl_scheduler.identities import InitialGrant

SCOPES = {"requester": "team", "platform_admin": "all", "auditor": "all"}


@pytest.mark.parametrize("role", ROLES)
def test_for_whom_an_initial_grant_holds(role: str) -> None:
    made = identities._initial(InitialGrant(arn="arn:aws:iam::123456789012:role/a/b", role=role, team="red"))
    assert made == NewMapping(
        id=made.id,
        iam_principal_arn="arn:aws:iam::123456789012:role/b",
        account_id="123456789012",
        team="red",
        role=role,
        scope=SCOPES[role],
        expires_in_hours=None,
        created_by=SCHEDULER,
    )
