"""The credentials requests of a release for AWS: which operator wants a role, for which accounts, to do what."""

from dataclasses import dataclass
from typing import Any

API_VERSION = "cloudcredential.openshift.io/v1"
TOKEN = "/var/run/secrets/openshift/serviceaccount/token"  # noqa: S105 - a file's name


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One request. `file` is the name that `oc` gives it."""

    file: str
    name: str
    namespace: str
    secret: str
    accounts: tuple[str, ...]
    actions: tuple[str, ...]

    def document(self) -> dict[str, Any]:
        """The manifest in the release payload."""
        statement = {"effect": "Allow", "action": list(self.actions), "resource": "*"}
        provider = {"apiVersion": API_VERSION, "kind": "AWSProviderSpec", "statementEntries": [statement]}
        return {
            "apiVersion": API_VERSION,
            "kind": "CredentialsRequest",
            "metadata": {"name": self.name, "namespace": "openshift-cloud-credential-operator"},
            "spec": {
                "cloudTokenPath": TOKEN,
                "providerSpec": provider,
                "secretRef": {"name": self.secret, "namespace": self.namespace},
                "serviceAccountNames": list(self.accounts),
            },
        }

    @property
    def key(self) -> str:
        """`<namespace>/<secret>`: by it the cluster finds the secret."""
        return f"{self.namespace}/{self.secret}"


REQUESTS = (
    Request(
        file="0000_30_cluster-api_00_credentials-request.yaml",
        name="openshift-cluster-api-aws",
        namespace="openshift-cluster-api",
        secret="capa-manager-bootstrap-credentials",  # noqa: S106 - a secret's name, as everywhere below
        accounts=("capa-controller-manager",),
        actions=("ec2:CreateTags", "ec2:DescribeInstances", "ec2:RunInstances", "ec2:TerminateInstances"),
    ),
    Request(
        file="0000_30_machine-api-operator_00_credentials-request.yaml",
        name="openshift-machine-api-aws",
        namespace="openshift-machine-api",
        secret="aws-cloud-credentials",  # noqa: S106
        accounts=("machine-api-controllers",),
        actions=("ec2:CreateTags", "ec2:DescribeInstances", "ec2:RunInstances", "iam:PassRole"),
    ),
    Request(
        file="0000_50_cloud-credential-operator_05-iam-ro-credentialsrequest.yaml",
        name="cloud-credential-operator-iam-ro",
        namespace="openshift-cloud-credential-operator",
        secret="cloud-credential-operator-iam-ro-creds",  # noqa: S106
        accounts=("cloud-credential-operator",),
        actions=("iam:GetUser", "iam:GetUserPolicy", "iam:ListAccessKeys"),
    ),
    Request(
        file="0000_50_cluster-image-registry-operator_01-registry-credentials-request.yaml",
        name="openshift-image-registry",
        namespace="openshift-image-registry",
        secret="installer-cloud-credentials",  # noqa: S106
        accounts=("cluster-image-registry-operator", "registry"),
        actions=("s3:CreateBucket", "s3:DeleteBucket", "s3:GetObject", "s3:PutObject", "s3:PutBucketTagging"),
    ),
    Request(
        file="0000_50_cluster-ingress-operator_00-ingress-credentials-request.yaml",
        name="openshift-ingress",
        namespace="openshift-ingress-operator",
        secret="cloud-credentials",  # noqa: S106
        accounts=("ingress-operator",),
        actions=("elasticloadbalancing:DescribeLoadBalancers", "route53:ChangeResourceRecordSets"),
    ),
    Request(
        file="0000_50_cluster-network-operator_02-cncc-credentials.yaml",
        name="openshift-cloud-network-config-controller-aws",
        namespace="openshift-cloud-network-config-controller",
        secret="cloud-credentials",  # noqa: S106
        accounts=("cloud-network-config-controller",),
        actions=("ec2:AssignPrivateIpAddresses", "ec2:DescribeInstances", "ec2:DescribeSubnets"),
    ),
    Request(
        file="0000_50_cluster-storage-operator_03_credentials_request_aws.yaml",
        name="aws-ebs-csi-driver-operator",
        namespace="openshift-cluster-csi-drivers",
        secret="ebs-cloud-credentials",  # noqa: S106
        accounts=("aws-ebs-csi-driver-operator", "aws-ebs-csi-driver-controller-sa"),
        actions=("ec2:AttachVolume", "ec2:CreateVolume", "ec2:DeleteVolume", "ec2:DetachVolume"),
    ),
)
# Whose pods cannot work without a request's secret.
OPERATORS = {
    "openshift-cluster-api": "cluster-api",
    "openshift-machine-api": "machine-api",
    "openshift-cloud-credential-operator": "cloud-credential",
    "openshift-image-registry": "image-registry",
    "openshift-ingress-operator": "ingress",
    "openshift-cloud-network-config-controller": "network",
    "openshift-cluster-csi-drivers": "storage",
}
