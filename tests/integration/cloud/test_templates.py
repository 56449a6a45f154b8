"""What the templates make.

The local endpoint checks the grammar of policies and attaches them; it enforces none, asks for no capability, checks no
rule of parameters, gives no outputs, and makes no association of Pod Identity.
"""

import json
from collections.abc import Mapping
from typing import Any

from ocpctl_local.moto.aws import ACCOUNT, REGION

from tests.integration.aws_endpoint import Endpoint
from tests.integration.cloud.stacks import deploy

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
        logical_name = policy["PolicyName"].split("-")[-2]
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
    deploy(endpoint, "policies", VALUES)
    runner, janitor = attached(endpoint, "runner"), attached(endpoint, "janitor")
    assert (set(runner), set(janitor)) == (OF_RUNNERS, OF_JANITORS)
    assert "${" not in json.dumps([runner, janitor])
    assert not {*by_sid(runner), *by_sid(janitor)} & BY_CONDITION


def test_one_role_for_both_gets_all_of_them_and_what_private_documents_need(endpoint: Endpoint) -> None:
    make_roles(endpoint, "both")
    values = VALUES | {"RunnerRole": "both", "JanitorRole": "both", "PrivateDiscovery": "true"}
    deploy(endpoint, "policies", values)
    assert set(attached(endpoint, "both")) == {*OF_RUNNERS, *OF_JANITORS, "PrivateDiscoveryDocuments"}


def test_with_clusters_elsewhere_own_keys_and_tokens_each_role_has_what_it_needs_for_them(endpoint: Endpoint) -> None:
    roles = ("runner", "janitor", "scheduler", "gateway")
    make_roles(endpoint, *roles)
    deploy(endpoint, "policies", VALUES | EVERYTHING | {"PrivateDiscovery": "true"})
    have = {role: attached(endpoint, role) for role in roles}
    assert [set(have[role]) for role in roles] == [{"Runner"}, {"Janitor"}, {"Scheduler"}, {"Gateway"}]
    statements = {sid: one for documents in have.values() for sid, one in by_sid(documents).items()}
    assert statements.keys() >= BY_CONDITION
    assert "${" not in json.dumps(have)
    assert statements["OwnClusterRole"]["Resource"] == CLUSTER_ROLE
    login = f"arn:aws:rds-db:{REGION}:{ACCOUNT}:dbuser:db-ABCDEFGHIJ/ocpctl_scheduler"
    assert statements["SchedulerDatabase"]["Resource"] == login


def test_pod_identity_gives_each_role_to_its_service_account_alone(endpoint: Endpoint) -> None:
    made = deploy(endpoint, "roles", {"EksCluster": "platform"})
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
    made = deploy(endpoint, "roles", {"OidcProvider": provider, "Namespace": "other"})
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
    made = deploy(endpoint, "target-account", values)
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
    deploy(endpoint, "policies", VALUES | {"PrivateDiscovery": "true"})
    both = by_sid(attached(endpoint, "runner")) | by_sid(attached(endpoint, "janitor"))
    values = {"RunnerRoleArn": CLUSTER_ROLE, "JanitorRoleArn": CLUSTER_ROLE, "ExternalId": "id"}
    made = deploy(endpoint, "target-account", values | {"PrivateDiscovery": "true"})
    target = by_sid(attached(endpoint, made["ClusterRole"]))
    own = {"OwnDispatches", "OwnArtifactBucket", "OwnArtifacts", "OwnOutputs", "OwnPullSecret", "OwnPasswords"}
    assert target == {sid: one for sid, one in both.items() if sid not in {*own, "JanitorDeadLetters"}}
