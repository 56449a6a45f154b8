"""A role for each credentials request, with the secret that tells the operator of it."""

import json
from pathlib import Path
from typing import Any

import yaml
from botocore.exceptions import ClientError

from ocpctl_local.simulator import go_yaml
from ocpctl_local.simulator.ccoctl.call import Call
from ocpctl_local.simulator.ccoctl.key_pair import write
from ocpctl_local.simulator.ccoctl.provider import Provider
from ocpctl_local.simulator.cloud import code_of

NAME_LIMIT = 64
TOKEN = "/var/run/secrets/openshift/serviceaccount/token"  # noqa: S105 - a file's name


def make(call: Call, folder: Path, requests: Path, provider: Provider) -> None:
    """In the order of the files. Raises ClientError, OSError."""
    documents = [go_yaml.load(path.read_text()) for path in sorted(requests.iterdir()) if path.suffix == ".yaml"]
    wanted = [document for document in documents if document["kind"] == "CredentialsRequest"]
    for number, request in enumerate(wanted, 1):
        _role(call, folder, request, provider, number)


def name_of(call: Call, request: dict[str, Any]) -> str:
    """Cut: requests with long names may get the same one."""
    secret = request["spec"]["secretRef"]
    return f"{call.name}-{secret['namespace']}-{secret['name']}"[:NAME_LIMIT]


def _role(call: Call, folder: Path, request: dict[str, Any], provider: Provider, number: int) -> None:
    """One that exists is used again, whatever it trusts and whoever's it is."""
    name = name_of(call, request)
    arn, is_new = _existing(call, name), False
    if arn:
        call.say(f"Existing role {arn} found")
    else:
        arn, is_new = _create(call, name, request, provider), True
        call.say(f"Role {arn} created")
        call.reached(f"role-{number}-bare", made=f"role {name}")
    if is_new or not call.knobs.ccoctl_old:
        _secret(call, folder, request, arn)
    call.do("iam", "PutRolePolicy", RoleName=name, PolicyName=name, PolicyDocument=_policy(request))
    call.say(f"Updated Role policy for Role {name}")
    call.reached(f"role-{number}")


def _existing(call: Call, name: str) -> str:
    try:
        return str(call.cloud.iam.get_role(RoleName=name)["Role"]["Arn"])
    except ClientError as error:
        if code_of(error) != "NoSuchEntity":
            raise
        return ""


def _create(call: Call, name: str, request: dict[str, Any], provider: Provider) -> str:
    secret = request["spec"]["secretRef"]
    made = call.do(
        "iam",
        "CreateRole",
        RoleName=name,
        Description=f"OpenShift role for {secret['namespace']}/{secret['name']}",
        AssumeRolePolicyDocument=json.dumps(trust(request, provider)),
        Tags=call.tags,
    )
    return str(made["Role"]["Arn"])


def trust(request: dict[str, Any], provider: Provider) -> dict[str, Any]:
    """The pods of the request's service accounts, by the tokens of this issuer."""
    namespace, accounts = request["spec"]["secretRef"]["namespace"], request["spec"]["serviceAccountNames"]
    subjects = [f"system:serviceaccount:{namespace}:{account}" for account in accounts]
    statement = {
        "Effect": "Allow",
        "Principal": {"Federated": provider.arn},
        "Action": "sts:AssumeRoleWithWebIdentity",
        "Condition": {"StringEquals": {f"{provider.issuer.removeprefix('https://')}:sub": subjects}},
    }
    return {"Version": "2012-10-17", "Statement": [statement]}


def _policy(request: dict[str, Any]) -> str:
    statements = [
        {"Effect": entry["effect"], "Action": entry["action"], "Resource": entry["resource"]}
        for entry in request["spec"]["providerSpec"]["statementEntries"]
    ]
    return json.dumps({"Version": "2012-10-17", "Statement": statements})


def _secret(call: Call, folder: Path, request: dict[str, Any], arn: str) -> None:
    secret = request["spec"]["secretRef"]
    lines = (
        "[default]",
        "sts_regional_endpoints = regional",
        f"role_arn = {arn}",
        f"web_identity_token_file = {request['spec'].get('cloudTokenPath', TOKEN)}",
    )
    document = {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": secret["name"], "namespace": secret["namespace"]},
        "stringData": {"credentials": "\n".join(lines)},
        "type": "Opaque",
    }
    path = folder / "manifests" / f"{secret['namespace']}-{secret['name']}-credentials.yaml"
    write(path, yaml.safe_dump(document).encode())
    call.say(f"Saved credentials configuration to: {path}")
