"""The template of policies, deployed as `aws cloudformation deploy` does it: by a change set.

The local endpoint checks the grammar of policies and attaches them; it enforces none, and asks for no capability.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ocpctl_local.settings import ROOT

from tests.integration import aws_endpoint
from tests.integration.aws_endpoint import Endpoint

TEMPLATE = ROOT / "deploy" / "cloudformation" / "policies.yaml"
STACK = "ocpctl-policies"
VALUES = {
    "RunnerRole": "runner",
    "JanitorRole": "janitor",
    "BucketName": "ocpctl-artifacts-local",
    "PullSecretArn": "arn:aws:secretsmanager:us-east-1:123456789012:secret:ocpctl/pull-secret-abcdef",
}
OF_RUNNERS = {"Runner", "Verification", "Ccoctl", "Installer", "InstallerGlobal"}
OF_JANITORS = {"Verification", "Janitor"}


@pytest.fixture
def endpoint(tmp_path: Path) -> Iterator[Endpoint]:
    with pytest.MonkeyPatch.context() as patch, aws_endpoint.endpoint(tmp_path, patch) as made:
        yield made


def deploy(endpoint: Endpoint, values: dict[str, str]) -> None:
    formation = endpoint.client("cloudformation")
    made = formation.create_change_set(
        StackName=STACK,
        ChangeSetName="first",
        ChangeSetType="CREATE",
        TemplateBody=TEMPLATE.read_text(),
        Capabilities=["CAPABILITY_IAM"],
        Parameters=[{"ParameterKey": key, "ParameterValue": value} for key, value in values.items()],
    )
    formation.execute_change_set(ChangeSetName=made["Id"])
    assert formation.describe_stacks(StackName=STACK)["Stacks"][0]["StackStatus"] == "CREATE_COMPLETE"


def make_role(endpoint: Endpoint, name: str) -> None:
    endpoint.client("iam").create_role(RoleName=name, AssumeRolePolicyDocument="{}")


def attached(endpoint: Endpoint, role: str) -> dict[str, Any]:
    """Documents of the role's policies by their names in the template."""
    iam, found = endpoint.client("iam"), {}
    for policy in iam.list_attached_role_policies(RoleName=role)["AttachedPolicies"]:
        arn = policy["PolicyArn"]
        version = iam.get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"]
        answer = iam.get_policy_version(PolicyArn=arn, VersionId=version)
        logical_name = policy["PolicyName"].removeprefix(f"{STACK}-").rpartition("-")[0]
        found[logical_name] = answer["PolicyVersion"]["Document"]
    return found


def test_each_role_gets_its_policies_with_every_variable_filled_in(endpoint: Endpoint) -> None:
    for name in ("runner", "janitor"):
        make_role(endpoint, name)
    deploy(endpoint, VALUES)
    runner, janitor = attached(endpoint, "runner"), attached(endpoint, "janitor")
    assert (set(runner), set(janitor)) == (OF_RUNNERS, OF_JANITORS)
    assert "${" not in json.dumps([runner, janitor])


def test_one_role_for_both_gets_all_of_them_and_what_private_documents_need(endpoint: Endpoint) -> None:
    make_role(endpoint, "both")
    deploy(endpoint, VALUES | {"RunnerRole": "both", "JanitorRole": "both", "PrivateDiscovery": "true"})
    assert set(attached(endpoint, "both")) == {*OF_RUNNERS, *OF_JANITORS, "PrivateDiscoveryDocuments"}
