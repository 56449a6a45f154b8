"""A template, deployed as `aws cloudformation deploy` does it: by a change set."""

from collections.abc import Mapping

from ocpctl_local.settings import ROOT

from tests.integration.aws_endpoint import Endpoint

TEMPLATES = ROOT / "deploy" / "cloudformation"


def deploy(endpoint: Endpoint, template: str, values: Mapping[str, str]) -> dict[str, str]:
    """The ids of what the endpoint has made, by the names in the template."""
    stack, formation = f"stack-of-{template}", endpoint.client("cloudformation")
    made = formation.create_change_set(
        StackName=stack,
        ChangeSetName="first",
        ChangeSetType="CREATE",
        TemplateBody=(TEMPLATES / f"{template}.yaml").read_text(),
        Capabilities=["CAPABILITY_IAM"],
        Parameters=[{"ParameterKey": key, "ParameterValue": value} for key, value in values.items()],
    )
    formation.execute_change_set(ChangeSetName=made["Id"])
    assert formation.describe_stacks(StackName=stack)["Stacks"][0]["StackStatus"] == "CREATE_COMPLETE"
    resources = formation.describe_stack_resources(StackName=stack)["StackResources"]
    return {one["LogicalResourceId"]: one["PhysicalResourceId"] for one in resources if "LogicalResourceId" in one}
