"""The templates, deployed as `aws cloudformation deploy` does it: by a change set.

The local endpoint checks the grammar of policies and attaches them; it enforces none, asks for no capability, checks no
rule of parameters and gives no outputs. Of ocpctl.yaml it makes queues, keys, and the bucket
with its encryption. It makes no access block, bucket policy, lifecycle, secret or alarm, and no association of Pod
Identity: tests/house/test_template.py reads those.
"""

import json
import os
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
import urllib3
from ocpctl_local.moto.aws import ACCOUNT, REGION
from ocpctl_local.settings import ROOT

from tests.integration import aws_endpoint
from tests.integration.aws_endpoint import Endpoint

TEMPLATES = ROOT / "deploy" / "cloudformation"
STACK = "ocpctl-policies"
BUCKET = "ocpctl-artifacts-local"
KEY = f"arn:aws:kms:{REGION}:{ACCOUNT}:key"
CLUSTER_ROLE = "arn:aws:iam::210987654321:role/clusters"
VALUES = {
    "RunnerRole": "runner",
    "JanitorRole": "janitor",
    "BucketName": BUCKET,
    "PullSecretArn": f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:ocpctl/pull-secret-abcdef",
}
EVERYTHING = {
    "SchedulerRole": "scheduler",
    "GatewayRole": "gateway",
    "ClusterRoleArn": CLUSTER_ROLE,
    "QueueKeyArn": f"{KEY}/queue",
    "BucketKeyArn": f"{KEY}/bucket",
    "PullSecretKeyArn": f"{KEY}/secret",
    "DatabaseResourceId": "db-ABCDEFGHIJ",
}
OF_CLUSTERS = {"Cleanup", "Verification", "Ccoctl", "Installer", "InstallerGlobal"}
OF_RUNNERS = {"Runner", *OF_CLUSTERS}
OF_JANITORS = {"Verification", "Janitor", "Search"}
KEYS = ["QueueKey", "BucketKey", "PullSecretKey"]
SERVICE_ACCOUNTS = {
    "ApiGateway": "api-gateway",
    "Scheduler": "scheduler",
    "InstallerRunner": "installer-runner",
    "Janitor": "janitor",
}
# Statements that are there with a parameter only.
BY_CONDITION = {
    "GatewayBucketKey",
    "GatewayDatabase",
    "SchedulerQueueKey",
    "SchedulerDatabase",
    "OwnClusterRole",
    "OwnQueueKey",
    "OwnBucketKey",
    "OwnPullSecretKey",
    "JanitorClusterRole",
    "JanitorQueueKey",
    "JanitorDatabase",
}


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Endpoint]:
    """One for all tests here: to start it takes seconds."""
    folder = tmp_path_factory.mktemp("endpoint")
    with pytest.MonkeyPatch.context() as patch, aws_endpoint.endpoint(folder, patch) as made:
        yield made


@pytest.fixture
def endpoint(shared: Endpoint) -> Endpoint:
    """Without any stack or role."""
    urllib3.request("POST", f"{os.environ['AWS_ENDPOINT_URL']}/moto-api/reset", retries=False, timeout=10)
    return shared


def deploy(endpoint: Endpoint, name: str, values: Mapping[str, str], stack: str = STACK) -> dict[str, str]:
    """The ids of what the endpoint has made, by the names in the template."""
    formation = endpoint.client("cloudformation")
    made = formation.create_change_set(
        StackName=stack,
        ChangeSetName="first",
        ChangeSetType="CREATE",
        TemplateBody=(TEMPLATES / name).read_text(),
        Capabilities=["CAPABILITY_IAM"],
        Parameters=[{"ParameterKey": key, "ParameterValue": value} for key, value in values.items()],
    )
    formation.execute_change_set(ChangeSetName=made["Id"])
    assert formation.describe_stacks(StackName=stack)["Stacks"][0]["StackStatus"] == "CREATE_COMPLETE"
    resources = formation.describe_stack_resources(StackName=stack)["StackResources"]
    return {one["LogicalResourceId"]: one["PhysicalResourceId"] for one in resources if "LogicalResourceId" in one}


def make_roles(endpoint: Endpoint, *names: str) -> None:
    for name in names:
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


def by_sid(documents: Mapping[str, Any]) -> dict[str, Any]:
    return {one["Sid"]: one for document in documents.values() for one in document["Statement"]}


def trust(endpoint: Endpoint, role: str) -> list[dict[str, Any]]:
    document = endpoint.client("iam").get_role(RoleName=role)["Role"]["AssumeRolePolicyDocument"]
    statements: list[dict[str, Any]] = document["Statement"]
    return statements


def test_each_role_gets_its_policies_with_every_variable_filled_in(endpoint: Endpoint) -> None:
    make_roles(endpoint, "runner", "janitor")
    deploy(endpoint, "policies.yaml", VALUES)
    runner, janitor = attached(endpoint, "runner"), attached(endpoint, "janitor")
    assert (set(runner), set(janitor)) == (OF_RUNNERS, OF_JANITORS)
    assert "${" not in json.dumps([runner, janitor])
    assert not {*by_sid(runner), *by_sid(janitor)} & BY_CONDITION


def test_one_role_for_both_gets_all_of_them_and_what_private_documents_need(endpoint: Endpoint) -> None:
    make_roles(endpoint, "both")
    values = VALUES | {"RunnerRole": "both", "JanitorRole": "both", "PrivateDiscovery": "true"}
    deploy(endpoint, "policies.yaml", values)
    assert set(attached(endpoint, "both")) == {*OF_RUNNERS, *OF_JANITORS, "PrivateDiscoveryDocuments"}


def test_with_clusters_elsewhere_own_keys_and_tokens_each_role_has_what_it_needs_for_them(endpoint: Endpoint) -> None:
    roles = ("runner", "janitor", "scheduler", "gateway")
    make_roles(endpoint, *roles)
    deploy(endpoint, "policies.yaml", VALUES | EVERYTHING | {"PrivateDiscovery": "true"})
    have = {role: attached(endpoint, role) for role in roles}
    assert [set(have[role]) for role in roles] == [{"Runner"}, {"Janitor"}, {"Scheduler"}, {"Gateway"}]
    statements = {sid: one for documents in have.values() for sid, one in by_sid(documents).items()}
    assert statements.keys() >= BY_CONDITION
    assert "${" not in json.dumps(have)
    assert statements["OwnClusterRole"]["Resource"] == CLUSTER_ROLE
    login = f"arn:aws:rds-db:{REGION}:{ACCOUNT}:dbuser:db-ABCDEFGHIJ/ocpctl_scheduler"
    assert statements["SchedulerDatabase"]["Resource"] == login


def test_pod_identity_gives_each_role_to_its_service_account_alone(endpoint: Endpoint) -> None:
    made = deploy(endpoint, "roles.yaml", {"EksCluster": "platform"})
    for role, account in SERVICE_ACCOUNTS.items():
        (only,) = trust(endpoint, made[role])
        assert only["Principal"] == {"Service": "pods.eks.amazonaws.com"}
        assert only["Action"] == ["sts:AssumeRole", "sts:TagSession"]
        assert only["Condition"] == {
            "StringEquals": {
                "aws:RequestTag/eks-cluster-arn": f"arn:aws:eks:{REGION}:{ACCOUNT}:cluster/platform",
                "aws:RequestTag/kubernetes-namespace": "ocpctl",
                "aws:RequestTag/kubernetes-service-account": account,
            }
        }


def test_a_web_identity_gives_each_role_to_its_service_account_alone(endpoint: Endpoint) -> None:
    provider = "oidc.eks.us-east-1.amazonaws.com/id/0123456789ABCDEF"
    made = deploy(endpoint, "roles.yaml", {"OidcProvider": provider, "Namespace": "other"})
    for role, account in SERVICE_ACCOUNTS.items():
        (only,) = trust(endpoint, made[role])
        assert only["Principal"] == {"Federated": f"arn:aws:iam::{ACCOUNT}:oidc-provider/{provider}"}
        assert only["Action"] == "sts:AssumeRoleWithWebIdentity"
        assert only["Condition"] == {
            "StringEquals": {
                f"{provider}:aud": "sts.amazonaws.com",
                f"{provider}:sub": f"system:serviceaccount:other:{account}",
            }
        }


def test_the_role_of_an_account_of_clusters_trusts_runners_and_janitors_with_the_external_id(
    endpoint: Endpoint,
) -> None:
    callers = {name: f"arn:aws:iam::123456789012:role/{name}" for name in ("runner", "janitor")}
    values = {"RunnerRoleArn": callers["runner"], "JanitorRoleArn": callers["janitor"], "ExternalId": "of-this-ocpctl"}
    made = deploy(endpoint, "target-account.yaml", values)
    role = made["ClusterRole"]
    assume, tags = trust(endpoint, role)
    assert assume["Principal"] == tags["Principal"] == {"AWS": [callers["runner"], callers["janitor"]]}
    assert assume["Condition"] == {"StringEquals": {"sts:ExternalId": "of-this-ocpctl"}}
    assert (assume["Action"], tags["Action"]) == ("sts:AssumeRole", "sts:TagSession")
    have = attached(endpoint, role)
    assert set(have) == {*OF_CLUSTERS, "Search"}
    assert "${" not in json.dumps(have)


def test_the_roles_of_an_account_of_clusters_have_no_statement_of_the_platform(endpoint: Endpoint) -> None:
    """Both halves together are the policies of one account."""
    make_roles(endpoint, "runner", "janitor")
    deploy(endpoint, "policies.yaml", VALUES | {"PrivateDiscovery": "true"})
    both = by_sid(attached(endpoint, "runner")) | by_sid(attached(endpoint, "janitor"))
    values = {"RunnerRoleArn": CLUSTER_ROLE, "JanitorRoleArn": CLUSTER_ROLE, "ExternalId": "id"}
    made = deploy(endpoint, "target-account.yaml", values | {"PrivateDiscovery": "true"}, f"{STACK}-target")
    target = by_sid(attached(endpoint, made["ClusterRole"]))
    own = {"OwnDispatches", "OwnArtifactBucket", "OwnArtifacts", "OwnOutputs", "OwnPullSecret", "OwnPasswords"}
    assert target == {sid: one for sid, one in both.items() if sid not in {*own, "JanitorDeadLetters"}}


@pytest.mark.parametrize("own_keys", ["false", "true"])
def test_queues_and_bucket_have_keys_of_their_own_when_they_shall(endpoint: Endpoint, own_keys: str) -> None:
    bucket = f"artifacts-{own_keys}"
    made = deploy(endpoint, "ocpctl.yaml", {"BucketName": bucket, "OwnKeys": own_keys}, "ocpctl")
    sqs, s3 = endpoint.client("sqs"), endpoint.client("s3")
    assert [name for name in made if name.endswith("Key")] == (KEYS if own_keys == "true" else [])
    for name in ("JobsQueue", "DestroysQueue", "JobsDeadLetterQueue"):
        url = sqs.get_queue_url(QueueName=made[name].rpartition("/")[2])["QueueUrl"]
        have = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
        assert have.get("KmsMasterKeyId", "").endswith(made.get("QueueKey", ""))
        assert ("KmsMasterKeyId" in have) is (own_keys == "true")
    (rule,) = s3.get_bucket_encryption(Bucket=bucket)["ServerSideEncryptionConfiguration"]["Rules"]
    chosen = rule["ApplyServerSideEncryptionByDefault"]
    assert chosen["SSEAlgorithm"] == "aws:kms"
    assert chosen.get("KMSMasterKeyID", "").rpartition("/")[2] == made.get("BucketKey", "")
