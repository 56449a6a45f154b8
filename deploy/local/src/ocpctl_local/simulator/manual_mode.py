"""Whether the operators of a cluster in the manual credentials mode get credentials: AWS is asked as it will be."""

from typing import Any

from botocore.exceptions import ClientError

from ocpctl_local.simulator.aws_credentials import MANUAL
from ocpctl_local.simulator.cloud import Cloud, code_of
from ocpctl_local.simulator.credentials_requests import OPERATORS, REQUESTS
from ocpctl_local.simulator.files import State


def problem(cloud: Cloud, state: State) -> str:
    """What the installer says at last when an operator has no credentials; else nothing. Raises ClientError."""
    if state.credentials_mode != MANUAL:
        return ""
    names = sorted(OPERATORS[request.namespace] for request in REQUESTS if not _works(cloud, state, request.key))
    if not names:
        return ""
    return f"failed to initialize the cluster: {_sentence(names)}"


def _sentence(names: list[str]) -> str:
    if len(names) == 1:
        return f"Cluster operator {names[0]} is not available"
    return f"Cluster operators {', '.join(names)} are not available"


def _works(cloud: Cloud, state: State, key: str) -> bool:
    """The secret, the key that signs the pods' tokens, the role, and the provider that the role trusts."""
    manual = state.manual
    arn = manual.get("roles", {}).get(key, "")
    if not (arn and manual["signing_key"] and manual["issuer"]):
        return False
    try:
        role = cloud.iam.get_role(RoleName=arn.rpartition("/")[2])["Role"]
        trusted = _trusted(role, manual["issuer"].removeprefix("https://"))
        for provider in trusted:
            cloud.iam.get_open_id_connect_provider(OpenIDConnectProviderArn=provider)
    except ClientError as error:
        if code_of(error) != "NoSuchEntity":
            raise
        return False
    return bool(trusted)


def _trusted(role: dict[str, Any], host: str) -> list[str]:
    """The providers in the role's trust that stand for the issuer."""
    principals = [statement.get("Principal") for statement in role["AssumeRolePolicyDocument"]["Statement"]]
    found = [str(each.get("Federated", "")) for each in principals if isinstance(each, dict)]
    return [arn for arn in found if arn.endswith(f":oidc-provider/{host}")]
