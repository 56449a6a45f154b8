"""A cluster whose account is not the platform's: made, verified and searched for there, by the cluster role."""

from functools import cache
from pathlib import Path

import pytest
from ocpctl_local.client import GUIDE_REQUEST, Client
from ocpctl_local.moto import aws, inventory
from ocpctl_local.settings import UNLIMITED, LeaseTimes, StackSettings
from ocpctl_local.stack import Stack, running_stack

from tests.policy.comparison import needed, not_granted
from tests.waiting import slowed
from tools.policies import TARGET, documents, statements

OTHER = "210987654321"
RUNNER, JANITOR = "ocpctl/installer-runner", "ocpctl/janitor"
THERE = (RUNNER, JANITOR, "ccoctl", "OpenShift/4.x Installer", "OpenShift/4.x Destroyer")
# The simulated installer reads tags with these; the real one with GetRole and GetUser.
SIMULATED_ONLY = {"iam:ListRoleTags", "iam:ListUserTags"}


class OtherAccount:
    """That of the clusters, as ocpctl_local.moto.inventory wants it."""

    def __init__(self, stack: Stack) -> None:
        port = stack.state.ports["aws"]
        self.client = cache(lambda service: aws.client_in(port, OTHER, service))


@pytest.mark.timeout(600)
def test_create_destroy_and_proof_in_another_account(tmp_path: Path) -> None:
    settings = StackSettings(
        folder=tmp_path / "stack",
        runners=1,
        knobs={"default": {"time_scale": 0.3, "key_bits": 2048}},
        limits=UNLIMITED,
        times=slowed(LeaseTimes()),
        cluster_account=OTHER,
    )
    with running_stack(settings) as stack:
        client, other = Client(stack), OtherAccount(stack)
        cluster_id = client.create(GUIDE_REQUEST | {"name": "elsewhere"}).body["clusterId"]
        cluster = client.wait(cluster_id, "READY", 300)
        assert cluster["credentialsMode"] == "MANUAL"
        assert any(" vpc " in thing for thing in inventory.owned(other, "elsewhere"))
        assert inventory.owned(stack, "elsewhere") == [], "in the platform's own account"
        assert (
            client.call("GET", f"/clusters/{cluster_id}/outputs").body["kubeadminPasswordRef"].split(":")[4]
            == aws.ACCOUNT
        )
        client.destroy(cluster_id)
        client.wait(cluster_id, "DESTROYED", 300)
        assert inventory.owned(other, "elsewhere") == []
        receipt = client.call("GET", f"/clusters/{cluster_id}/receipt").body
        assert OTHER in str(receipt)
        assert [check["found"]["ec2:vpc"] for check in receipt["attempts"][0]["checks"]] == [0, 0]
        said = "".join(path.read_text() for path in (stack.folder / "logs").glob("*.log"))
        assert "source_profile" not in said, "the file by which the role is taken"
        nobody_calls_with_the_credentials_of_the_wrong_account(stack)


def nobody_calls_with_the_credentials_of_the_wrong_account(stack: Stack) -> None:
    """The platform's roles have no policy of clusters then, and the cluster role has none of the platform."""
    own = {name for name in documents() if name not in documents(TARGET)}
    # The SDK takes the role in nobody's name.
    assert ("sts", "AssumeRole") in {(service, operation) for _, service, operation in stack.calls()}
    for caller, policy in ((RUNNER, "Runner"), (JANITOR, "Janitor")):
        wanted = needed(stack.calls(), caller)
        assert wanted
        assert not_granted(wanted, [one for one in statements() if one.policy == policy and policy in own]) == []
    there = needed(stack.calls(OTHER), *THERE)
    assert "ec2:RunInstances" in there
    assert not_granted(there - SIMULATED_ONLY, statements(TARGET)) == []
