"""The simulated ccoctl makes and deletes what the real one does, and goes wrong as the real one goes wrong."""

import stat
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from ocpctl_local.moto import aws
from ocpctl_local.simulator.credentials_requests import REQUESTS

from tests.integration import aws_endpoint
from tests.integration.aws_endpoint import Endpoint
from tests.integration.local.simulated_release import Release

FOREIGN = 150
KILLED = -9


@pytest.fixture(scope="module")
def endpoint(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Endpoint]:
    with pytest.MonkeyPatch.context() as patch, aws_endpoint.endpoint(tmp_path_factory.mktemp("aws"), patch) as made:
        yield made


@pytest.fixture
def release(tmp_path: Path, endpoint: Endpoint) -> Release:
    return Release(folder=tmp_path)


def roles(endpoint: Endpoint, name: str) -> list[str]:
    found = endpoint.client("iam").get_paginator("list_roles").paginate()
    names = [role["RoleName"] for page in found for role in page["Roles"]]
    return sorted(each for each in names if each.startswith(f"{name}-"))


def provider(name: str) -> str:
    return f"arn:aws:iam::{aws.ACCOUNT}:oidc-provider/{name}-oidc.s3.{aws.REGION}.amazonaws.com"


def providers(endpoint: Endpoint, name: str) -> list[str]:
    found = endpoint.client("iam").list_open_id_connect_providers()["OpenIDConnectProviderList"]
    return [item["Arn"] for item in found if f"/{name}-oidc." in item["Arn"]]


def buckets(endpoint: Endpoint, name: str) -> list[str]:
    return [item["Name"] for item in endpoint.client("s3").list_buckets()["Buckets"] if item["Name"] == f"{name}-oidc"]


def nothing_left(endpoint: Endpoint, name: str) -> bool:
    return not (roles(endpoint, name) or providers(endpoint, name) or buckets(endpoint, name))


def tags(name: str) -> list[dict[str, str]]:
    return [
        {"Key": f"openshift.io/cloud-credential-operator/{name}", "Value": "owned"},
        {"Key": "Name", "Value": name},
    ]


def expected(name: str) -> list[str]:
    return sorted(f"{name}-{request.namespace}-{request.secret}"[:64] for request in REQUESTS)


def test_what_create_all_makes(endpoint: Endpoint, release: Release) -> None:
    done = release.create_all("made-x2b4c")
    assert done.code == 0, done.err
    iam, s3 = endpoint.client("iam"), endpoint.client("s3")
    assert roles(endpoint, "made-x2b4c") == expected("made-x2b4c")
    for name in expected("made-x2b4c"):
        role = iam.get_role(RoleName=name)["Role"]
        [statement] = role["AssumeRolePolicyDocument"]["Statement"]
        assert statement["Principal"] == {"Federated": provider("made-x2b4c")}
        assert role["Tags"] == tags("made-x2b4c")
        assert role["Description"].startswith("OpenShift role for openshift-")
        assert iam.list_role_policies(RoleName=name)["PolicyNames"] == [name]
    found = iam.get_open_id_connect_provider(OpenIDConnectProviderArn=provider("made-x2b4c"))
    assert (found["Tags"], found["ClientIDList"]) == (tags("made-x2b4c"), ["openshift", "sts.amazonaws.com"])
    assert s3.get_bucket_tagging(Bucket="made-x2b4c-oidc")["TagSet"] == tags("made-x2b4c")
    keys = [item["Key"] for item in s3.list_objects_v2(Bucket="made-x2b4c-oidc")["Contents"]]
    assert keys == [".well-known/openid-configuration", "keys.json"]
    for key in keys:
        assert s3.get_object_tagging(Bucket="made-x2b4c-oidc", Key=key)["TagSet"] == tags("made-x2b4c")


def test_what_create_all_writes(release: Release) -> None:
    done = release.create_all("written-x2b4c")
    out = release.out("written-x2b4c")
    files = {path.relative_to(out).as_posix(): path for path in out.rglob("*") if path.is_file()}
    secrets = {f"manifests/{request.namespace}-{request.secret}-credentials.yaml" for request in REQUESTS}
    others = {"serviceaccount-signer.private", "serviceaccount-signer.public"}
    others |= {"tls/bound-service-account-signing-key.key", "manifests/cluster-authentication-02-config.yaml"}
    assert set(files) == secrets | others
    assert {stat.S_IMODE(path.stat().st_mode) for path in files.values()} == {0o600}
    assert {stat.S_IMODE((out / part).stat().st_mode) for part in ("", "manifests", "tls")} == {0o700}
    private = files["serviceaccount-signer.private"].read_bytes()
    assert files["tls/bound-service-account-signing-key.key"].read_bytes() == private
    secret = yaml.safe_load(files["manifests/openshift-machine-api-aws-cloud-credentials-credentials.yaml"].read_text())
    role = f"arn:aws:iam::{aws.ACCOUNT}:role/written-x2b4c-openshift-machine-api-aws-cloud-credentials"
    assert secret["stringData"]["credentials"].splitlines() == [
        "[default]",
        "sts_regional_endpoints = regional",
        f"role_arn = {role}",
        "web_identity_token_file = /var/run/secrets/openshift/serviceaccount/token",
    ]
    said = [line[20:] for line in done.err.splitlines()]
    assert said[0] == "Generating RSA keypair"
    assert f"Identity Provider created with ARN: {provider('written-x2b4c')}" in said
    assert f"Role {role} created" in said


def test_delete_takes_everything_and_nothing_else(endpoint: Endpoint, release: Release) -> None:
    release.create_all("gone-x2b4c")
    release.create_all("gone-y2b4c")
    before = roles(endpoint, "gone-y2b4c")
    done = release.delete("gone-x2b4c")
    assert done.code == 0
    assert nothing_left(endpoint, "gone-x2b4c")
    assert roles(endpoint, "gone-y2b4c") == before
    assert f"Identity Provider with ARN {provider('gone-x2b4c')} deleted" in done.err
    assert release.delete("gone-x2b4c").code == 0, "nothing is there any more"


def test_the_journal_tells_each_call_and_each_thing(release: Release) -> None:
    release.create_all("told-x2b4c")
    release.delete("told-x2b4c")
    for operation, mark in (("ccoctl-create-all", "made"), ("ccoctl-delete", "deleted")):
        records = release.records(operation)
        assert [records[0]["mark"], records[-1]["mark"]] == ["start", "end"]
        assert records[-1]["code"] == "0"
        assert {(record["cluster"], record["infra_id"]) for record in records} == {("told", "told-x2b4c")}
        things = [record["thing"] for record in records if record["mark"] == mark]
        assert len(things) == 1 + 2 + 1 + len(REQUESTS)
        assert {thing.partition(" ")[0] for thing in things} == {"bucket", "object", "provider", "role"}
