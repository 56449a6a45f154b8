"""The simulated ccoctl makes and deletes what the real one does, and goes wrong as the real one goes wrong."""

import json
import stat
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import yaml
from ocpctl_local.moto import aws, inventory
from ocpctl_local.simulator.credentials_requests import REQUESTS

from tests.integration import aws_endpoint
from tests.integration.aws_endpoint import Endpoint
from tests.integration.local.simulated_release import Release
from tests.waiting import wait_for

FOREIGN = 150
KILLED = -9


@pytest.fixture(scope="module")
def faults(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The endpoint's rules."""
    return tmp_path_factory.mktemp("aws") / "faults.json"


@pytest.fixture(scope="module")
def endpoint(faults: Path) -> Iterator[Endpoint]:
    with pytest.MonkeyPatch.context() as patch, aws_endpoint.endpoint(faults.parent, patch) as made:
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


def test_a_private_bucket_stands_behind_cloudfront(endpoint: Endpoint, release: Release) -> None:
    done = release.create_all("hidden-x2b4c", "--create-private-s3-bucket")
    assert done.code == 0, done.err
    kinds = Counter(thing.kind for thing in inventory.things(endpoint) if thing.infra_id == "hidden-x2b4c")
    once = {"bucket": 1, "identity-provider": 1, "distribution": 1, "access-identity": 1}
    assert kinds == {"role": len(REQUESTS), **once}
    blocked = endpoint.client("s3").get_public_access_block(Bucket="hidden-x2b4c-oidc")
    assert set(blocked["PublicAccessBlockConfiguration"].values()) == {True}
    manifest = release.out("hidden-x2b4c") / "manifests" / "cluster-authentication-02-config.yaml"
    assert yaml.safe_load(manifest.read_text())["spec"]["serviceAccountIssuer"].endswith(".cloudfront.net")
    assert release.delete("hidden-x2b4c").code == 0
    assert not [thing for thing in inventory.things(endpoint) if thing.infra_id == "hidden-x2b4c"]


def test_a_full_account(endpoint: Endpoint, release: Release) -> None:
    """Everything is found among 150 foreign roles by a newer ccoctl; an older one reads the first page only."""
    iam = endpoint.client("iam")
    for number in range(FOREIGN):
        iam.create_role(RoleName=f"a-foreign-{number:03d}", AssumeRolePolicyDocument="{}")
    release.create_all("among-x2b4c")
    release.set(ccoctl_old=True)
    assert release.delete("among-x2b4c").code == 0
    assert roles(endpoint, "among-x2b4c") == expected("among-x2b4c"), "they are on the second page"
    assert not providers(endpoint, "among-x2b4c")
    release.set()
    release.delete("among-x2b4c")
    assert nothing_left(endpoint, "among-x2b4c")
    for number in range(FOREIGN):
        iam.delete_role(RoleName=f"a-foreign-{number:03d}")


def test_a_role_that_is_there_is_used_again_whatever_it_trusts(endpoint: Endpoint, release: Release) -> None:
    iam, name = endpoint.client("iam"), expected("again-x2b4c")[0]
    iam.create_role(RoleName=name, AssumeRolePolicyDocument='{"Version":"2012-10-17","Statement":[]}')
    release.set(ccoctl_old=True)
    done = release.create_all("again-x2b4c")
    assert (done.code, f"Existing role arn:aws:iam::{aws.ACCOUNT}:role/{name} found" in done.err) == (0, True)
    role = iam.get_role(RoleName=name)["Role"]
    assert (role["AssumeRolePolicyDocument"]["Statement"], role.get("Tags", [])) == ([], [])
    assert len(list((release.out("again-x2b4c") / "manifests").iterdir())) == len(REQUESTS), "one secret is missing"
    release.set()
    release.create_all("again-x2b4c")
    assert len(list((release.out("again-x2b4c") / "manifests").iterdir())) == len(REQUESTS) + 1
    release.delete("again-x2b4c")
    assert roles(endpoint, "again-x2b4c") == [name], "it has no tag"


@pytest.mark.parametrize(
    ("step", "made"),
    [
        ("bucket-untagged", (1, 0, 0)),
        ("bucket", (1, 0, 0)),
        ("provider-untagged", (1, 1, 0)),
        ("provider", (1, 1, 0)),
        ("role-3-bare", (1, 1, 3)),
    ],
)
def test_whoever_dies_leaves_what_was_made(
    endpoint: Endpoint, release: Release, step: str, made: tuple[int, int, int]
) -> None:
    name = f"dies-{step}-x2b4c"
    release.set(ccoctl_die=step)
    assert release.create_all(name).code == KILLED
    found = (buckets(endpoint, name), providers(endpoint, name), roles(endpoint, name))
    assert tuple(map(len, found)) == made
    assert release.records("ccoctl-create-all")[-1]["mark"] == "made", "no end"
    release.delete(name)
    left = (bool(buckets(endpoint, name)), bool(providers(endpoint, name)), bool(roles(endpoint, name)))
    assert left == (step == "bucket-untagged", step == "provider-untagged", False), "what has no tag stays"


def test_a_bucket_that_is_there_gets_no_tags(endpoint: Endpoint, release: Release) -> None:
    """Outside of us-east-1, where making it again is no error and everything follows."""
    release.set(ccoctl_die="bucket-untagged")
    assert release.create_all("twice-x2b4c", region="eu-west-1").code == KILLED
    release.set()
    done = release.create_all("twice-x2b4c", region="eu-west-1")
    assert (done.code, "Using existing RSA keypair found at " in done.err) == (0, True)
    assert "Bucket twice-x2b4c-oidc already exists and is owned by the user" in done.err
    assert release.run("ccoctl", "aws", "delete", "--name=twice-x2b4c", "--region=eu-west-1").code == 0
    assert (roles(endpoint, "twice-x2b4c"), buckets(endpoint, "twice-x2b4c")) == ([], ["twice-x2b4c-oidc"])


@pytest.mark.parametrize(
    ("rule", "said", "made"),
    [
        (
            {"service": "s3", "operation": "CreateBucket", "status": 409, "code": "BucketAlreadyExists"},
            "Failed to create Identity provider: ",
            0,
        ),
        (
            {"service": "iam", "operation": "CreateRole", "after": 3, "status": 409, "code": "LimitExceeded"},
            "Failed to process IAM Roles: ",
            3,
        ),
        ({"service": "iam", "status": 400, "code": "ThrottlingException"}, "Failed to create Identity provider: ", 0),
    ],
)
def test_what_aws_refuses_ends_the_call(
    endpoint: Endpoint, release: Release, faults: Path, rule: dict[str, Any], said: str, made: int
) -> None:
    name = f"refused-{rule['code'].lower()[:12]}-x2b4c"
    faults.write_text(json.dumps([rule]))
    done = release.create_all(name)
    faults.write_text("[]")
    last = done.err.splitlines()[-1]
    assert (done.code, last[20:].startswith(said), rule["code"] in last) == (1, True, True)
    assert len(roles(endpoint, name)) == made
    assert release.records("ccoctl-create-all")[-1]["code"] == "1"
    release.delete(name)
    assert nothing_left(endpoint, name)


def test_knobs_of_one_cluster(endpoint: Endpoint, release: Release) -> None:
    """The third role is the last one, and only the first time."""
    release.set(ccoctl_fail="role-3", ccoctl_error="LimitExceeded", ccoctl_times=1)
    done = release.create_all("limited-x2b4c")
    assert (done.code, "api error LimitExceeded" in done.err) == (1, True)
    assert len(roles(endpoint, "limited-x2b4c")) == 3
    assert release.create_all("limited-x2b4c").code == 0
    release.set(ccoctl_skip=["roles", "provider"])
    done = release.delete("limited-x2b4c")
    assert (done.code, done.err.count("AccessDenied")) == (0, 2)
    assert roles(endpoint, "limited-x2b4c") == expected("limited-x2b4c")
    assert providers(endpoint, "limited-x2b4c")
    assert not buckets(endpoint, "limited-x2b4c")
    release.set()
    release.delete("limited-x2b4c")


def test_a_call_that_hangs_goes_on_when_a_file_is_there(endpoint: Endpoint, release: Release) -> None:
    until = release.folder / "until"
    release.set(ccoctl_hang="provider", hang_until=str(until))
    with ThreadPoolExecutor() as pool:
        call = pool.submit(release.create_all, "hangs-x2b4c")
        wait_for(lambda: providers(endpoint, "hangs-x2b4c"), what="the provider")
        assert not roles(endpoint, "hangs-x2b4c")
        until.touch()
        assert call.result().code == 0
    release.delete("hangs-x2b4c")


def test_wrong_flags_end_with_one(release: Release) -> None:
    done = release.run("ccoctl", "aws", "create-all", "--name", "a")
    assert (done.code, done.err) == (
        1,
        'Error: required flag(s) "region", "credentials-requests-dir" not set\n',
    )
    assert release.run("ccoctl", "aws", "delete", "--nam", "a").code == 1
    assert release.run("ccoctl", "gcp", "delete").code == 1


def test_steps_that_do_not_exist_are_refused(release: Release) -> None:
    with pytest.raises(ValueError, match="unknown step moon"):
        release.set(ccoctl_die="moon")
    with pytest.raises(ValueError, match="unknown kinds"):
        release.set(ccoctl_skip=["moon"])


def test_a_release_may_lack_its_programs(release: Release) -> None:
    release.set(omit=["oc", "4.20.3/ccoctl"])
    promised = (release.home / "SHA256SUMS").read_text()
    assert [line.partition("  ")[2] for line in promised.splitlines()] == ["openshift-install"]
    assert not any((release.home / name).exists() for name in ("oc", "ccoctl"))


def test_a_name_that_the_infra_id_cuts_is_known_to_the_journal(release: Release) -> None:
    name = "a-very-long-name-for-a-cluster"
    folder = release.config(name, "Manual")
    assert release.installer("create manifests", folder).code == 0
    infra_id = json.loads((folder / ".openshift_install_state.json").read_text())["infra_id"]
    release.delete(infra_id)
    assert {record["cluster"] for record in release.records("ccoctl-delete")} == {name}
