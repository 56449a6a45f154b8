"""The policies of deploy/cloudformation/policies.yaml fit into IAM, and into what the programs' makers publish."""

import json
import re
from collections import Counter

import pytest
import yaml
from ocpctl_local.settings import ROOT

from tests.policy.actions import known
from tools.policies import FOLDER, PURPOSES, documents, statements

SIZE_LIMIT = 6_144  # characters of a managed policy without white space
POLICIES_LIMIT = 10  # that a role may have
# The longest that a variable of the template can stand for.
LONGEST = {
    "AWS::Partition": "aws-us-gov",
    "AWS::Region": "ap-southeast-1",
    "AWS::AccountId": "1" * 12,
    "BucketName": "b" * 63,
    "ClusterRoleArn": f"arn:aws-us-gov:iam::{'1' * 12}:role/{'r' * 64}",
    "QueueKeyArn": f"arn:aws-us-gov:kms:ap-southeast-1:{'1' * 12}:key/{'1' * 36}",
    "BucketKeyArn": f"arn:aws-us-gov:kms:ap-southeast-1:{'1' * 12}:key/{'1' * 36}",
    "PullSecretKeyArn": f"arn:aws-us-gov:kms:ap-southeast-1:{'1' * 12}:key/{'1' * 36}",
    "DatabaseResourceId": "cluster-ABCDEFGHIJKLMNOPQRSTUVWXYZ",
    "PullSecretArn": f"arn:aws-us-gov:secretsmanager:ap-southeast-1:{'1' * 12}:secret:ocpctl/pull-secret-abcdef",
}
PUBLISHED = yaml.safe_load((ROOT / "tests" / "policy" / "published.yaml").read_text())


def size(document: object) -> int:
    text = json.dumps(document, separators=(",", ":"))
    return len(re.sub(r"\$\{([^}]+)\}", lambda found: LONGEST[found[1]], text))


@pytest.mark.parametrize("name", documents())
def test_a_policy_is_not_too_large(name: str) -> None:
    assert size(documents()[name]["PolicyDocument"]) <= SIZE_LIMIT


def test_a_role_has_not_too_many_policies() -> None:
    attached = Counter(role for properties in documents().values() for role in properties["Roles"])
    assert attached.keys() == {"${RunnerRole}", "${JanitorRole}", "${SchedulerRole}", "${GatewayRole}"}
    assert max(attached.values()) <= POLICIES_LIMIT - 3, "room for the owner's own"


def test_all_actions_are_actions_of_iam_each_named_once_in_a_statement() -> None:
    for one in statements():
        assert {action.lower() for action in one.actions} <= known(), one.sid
        assert len(set(one.actions)) == len(one.actions), one.sid
    sids = [one.sid for one in statements()]
    assert len(set(sids)) == len(sids)


def test_each_statement_of_ours_has_a_purpose() -> None:
    assert PURPOSES.keys() == {one.sid for one in statements() if not one.sid.startswith("Installer")}


@pytest.mark.parametrize("group", PUBLISHED["installer"])
def test_the_installer_has_what_its_makers_publish(group: str) -> None:
    beginning = "Installer" + "".join(word.capitalize() for word in group.split("-"))
    granted = {action for one in statements() if one.sid.startswith(beginning) for action in one.actions}
    assert granted == set(PUBLISHED["installer"][group])


def test_the_installer_has_nothing_else() -> None:
    published = {action for actions in PUBLISHED["installer"].values() for action in actions}
    granted = {action for one in statements() if one.sid.startswith("Installer") for action in one.actions}
    assert granted == published


def test_ccoctl_has_nothing_that_its_makers_do_not_publish() -> None:
    granted = {action for one in statements() if one.sid.startswith("Ccoctl") for action in one.actions}
    assert granted <= set(PUBLISHED["ccoctl"])


def test_what_writes_outside_of_ec2_and_load_balancing_is_bound_to_names() -> None:
    """Where a statement stands for everything, it reads; or IAM knows no resource for it."""
    everywhere = [action for one in statements() if "*" in one.resources for action in one.actions]
    writing = {action for action in everywhere if not re.search(":(Describe|Get|List|Search)", action)}
    unnamed = {action for action in writing if action.split(":")[0] not in ("ec2", "elasticloadbalancing")}
    assert unnamed == {"route53:CreateHostedZone"}


def test_no_policy_can_name_a_role_twice() -> None:
    """IAM's schema wants different ones, and one role may be given for both."""
    lists = re.findall(r"      Roles:.*\n((?:        - .*\n)+)", (FOLDER / "policies.yaml").read_text())
    second = [line for each in lists for line in each.splitlines()[1:]]
    assert second == ['        - !If [TwoRoles, !Ref JanitorRole, !Ref "AWS::NoValue"]']
