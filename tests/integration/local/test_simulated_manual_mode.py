"""The simulated installer and oc in the manual credentials mode: what is refused, and what a cluster needs."""

import base64
import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from ocpctl_installer_runner.installer.failure_rules import Ended, Evidence, classify, load_rules
from ocpctl_local.kubernetes.client import StandIn
from ocpctl_local.moto import aws
from ocpctl_local.simulator.credentials_requests import REQUESTS

from tests.integration import aws_endpoint
from tests.integration.aws_endpoint import Endpoint
from tests.integration.local.simulated_release import STATIC, TEMPORARY, VERSION, Release, stand_in

REFUSED = (
    'failed to fetch Openshift Manifests: failed to generate asset "Openshift Manifests": '
    "AWS credentials provided by {} are not valid for {} credentials mode"
)
SECRET = "openshift/99_cloud-creds-secret.yaml"
KILLED = -9
SIGNING_KEY = "tls/bound-service-account-signing-key.key"


@pytest.fixture(scope="module")
def endpoint(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Endpoint]:
    with pytest.MonkeyPatch.context() as patch, aws_endpoint.endpoint(tmp_path_factory.mktemp("aws"), patch) as made:
        yield made


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory) -> StandIn:
    return stand_in(tmp_path_factory.mktemp("kubernetes"))


@pytest.fixture
def release(tmp_path: Path, endpoint: Endpoint, api: StandIn) -> Release:
    return Release(folder=tmp_path, api=api)


def log(folder: Path) -> str:
    return (folder / ".openshift_install.log").read_text()


def fatal(folder: Path) -> str:
    """The last record's message, which is fatal."""
    last = log(folder).splitlines()[-1]
    assert " level=fatal " in last
    return str(json.loads(last.partition(" msg=")[2]))


def sources(folder: Path) -> dict[str, tuple[dict[str, str], str]]:
    """Temporary credentials: the environment that has them, and the installer's name for their source."""
    keys = folder / "keys"
    keys.write_text("[default]\naws_access_key_id = a\naws_secret_access_key = b\naws_session_token = c\n")
    (folder / "token").write_text("token")
    role = {"AWS_ROLE_ARN": f"arn:aws:iam::{aws.ACCOUNT}:role/runner", "AWS_ROLE_SESSION_NAME": "runner"}
    chain = folder / "chain"
    chain.write_text(
        f"[default]\nrole_arn = {role['AWS_ROLE_ARN']}\nsource_profile = keys\n"
        "[profile keys]\naws_access_key_id = a\naws_secret_access_key = b\n"
    )
    return {
        "environment": (TEMPORARY, "EnvConfigCredentials"),
        "file": ({"AWS_SHARED_CREDENTIALS_FILE": str(keys)}, f"SharedConfigCredentials: {keys}"),
        "web identity": (role | {"AWS_WEB_IDENTITY_TOKEN_FILE": str(folder / "token")}, "WebIdentityCredentials"),
        "chain": ({"AWS_CONFIG_FILE": str(chain)}, "AssumeRoleProvider"),
    }


@pytest.mark.parametrize("kind", ["environment", "file", "web identity", "chain"])
def test_temporary_credentials_are_refused_in_the_default_mode(release: Release, kind: str) -> None:
    env, source = sources(release.folder)[kind]
    refused, taken = release.config("refused", ""), release.config("taken", "Manual")
    assert release.installer("create manifests", refused, env).code == 1
    assert fatal(refused) == REFUSED.format(source, "default")
    assert not (refused / "manifests").exists()
    assert release.installer("create manifests", taken, env).code == 0
    assert f'Credentials loaded from the AWS config using \\"{source}\\" provider' in log(taken)
    assert not (taken / SECRET).exists()


def test_another_mode_is_named_in_the_refusal(release: Release) -> None:
    folder = release.config("minting", "Mint")
    assert release.installer("create manifests", folder).code == 1
    assert fatal(folder) == REFUSED.format("EnvConfigCredentials", "Mint")


def test_static_keys_become_the_clusters_secret_in_the_default_mode_only(release: Release) -> None:
    default, manual = release.config("default", ""), release.config("manual", "Manual")
    for folder in (default, manual):
        assert release.installer("create manifests", folder, STATIC).code == 0
    secret = yaml.safe_load((default / SECRET).read_text())
    assert (secret["metadata"]["namespace"], secret["metadata"]["name"]) == ("kube-system", "aws-creds")
    assert base64.b64decode(secret["data"]["aws_access_key_id"]).decode() == aws.KEY
    assert not (manual / SECRET).exists()


def test_no_credentials_at_all(release: Release) -> None:
    folder = release.config("none", "")
    assert release.installer("create manifests", folder, {}).code == 1
    assert "no EC2 IMDS role found" in fatal(folder)


def test_the_release_has_its_image_and_its_requests(release: Release) -> None:
    printed = release.run("openshift-install", "version").out
    assert printed.startswith(f"openshift-install {VERSION}\n")
    image = next(line for line in printed.splitlines() if line.startswith("release image "))
    config = release.config("extracted", "Manual")
    done = release.extract(config, **{"from": image.removeprefix("release image ")})
    assert (done.code, done.err) == (0, "")
    assert done.out.startswith(f"Extracted release payload from digest {image.partition('@')[2]} created at ")
    written = [yaml.safe_load(path.read_text()) for path in sorted(release.requests.iterdir())]
    keys = {(one["spec"]["secretRef"]["namespace"], one["spec"]["secretRef"]["name"]) for one in written}
    assert keys == {(request.namespace, request.secret) for request in REQUESTS}
    assert {one["apiVersion"] for one in written} == {"cloudcredential.openshift.io/v1"}
    assert all(one["spec"]["serviceAccountNames"] for one in written)
    assert all(one["spec"]["providerSpec"]["statementEntries"] for one in written)


def test_what_oc_refuses(release: Release) -> None:
    config, login = release.config("refusing", "Manual"), release.folder / "login.json"
    other = "quay.io/openshift-release-dev/ocp-release@sha256:" + "0" * 64
    done = release.extract(config, **{"from": other})
    assert (done.code, done.err) == (1, f"error: unable to read image {other}: manifest unknown: manifest unknown\n")
    for content in ("", "{}", '{"auths":{}}', '{"auths":{"r":{"auth":"!"}}}'):
        login.write_text(content)
        done = release.extract(config, registry_config=login)
        assert (done.code, "unauthorized" in done.err) == (1, True), content
    assert "unauthorized" in release.extract(config, registry_config="").err
    release.set(oc_fault="unauthorized")
    assert "unauthorized" in release.extract(config).err
    release.set(oc_fault="die")
    assert release.extract(config).code == KILLED
    assert not release.requests.exists()


def prepared(release: Release, name: str) -> tuple[Path, str]:
    """An install directory with its manifests, and its infra id from a copy of it: nothing is made yet."""
    folder = release.config(name, "Manual")
    assert release.installer("create manifests", folder).code == 0
    copy = release.folder / f"copy-{name}"
    shutil.copytree(folder, copy)
    assert release.installer("create ignition-configs", copy).code == 0
    return folder, json.loads((copy / "metadata.json").read_text())["infraID"]


def test_a_cluster_in_the_manual_mode(release: Release, endpoint: Endpoint) -> None:
    folder, infra_id = prepared(release, "whole")
    release.create_all(infra_id)
    release.give(infra_id, folder)
    assert release.installer("create ignition-configs", folder).code == 0
    assert json.loads((folder / "metadata.json").read_text())["infraID"] == infra_id
    assert not any((folder / part).exists() for part in ("manifests", "openshift", "tls"))
    done = release.installer("create cluster", folder)
    assert (done.code, "Install complete!" in done.err) == (0, True)
    users = endpoint.client("iam").get_paginator("list_users").paginate()
    assert not [user for page in users for user in page["Users"]], "roles took their place"
    assert release.installer("destroy cluster", folder).code == 0
    assert len(endpoint.client("iam").list_open_id_connect_providers()["OpenIDConnectProviderList"]) == 1
    assert release.delete(infra_id).code == 0


def _no_key(folder: Path, infra_id: str, iam: Any) -> None:
    (folder / SIGNING_KEY).unlink()


def _no_secret(folder: Path, infra_id: str, iam: Any) -> None:
    next(folder.glob("manifests/*ebs*")).unlink()


def _other_trust(folder: Path, infra_id: str, iam: Any) -> None:
    """As of a role that was there before."""
    name = f"{infra_id}-openshift-ingress-operator-cloud-credentials"
    machines = {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}
    trust = json.dumps({"Version": "2012-10-17", "Statement": [machines]})
    iam.update_assume_role_policy(RoleName=name, PolicyDocument=trust)


@pytest.mark.parametrize(
    ("spoil", "operators"),
    [
        (_no_secret, "Cluster operator storage is not available"),
        (_other_trust, "Cluster operator ingress is not available"),
        (_no_key, "Cluster operators cloud-credential, cluster-api, image-registry, ingress"),
    ],
)
def test_operators_without_credentials(
    release: Release, endpoint: Endpoint, spoil: Callable[[Path, str, Any], None], operators: str
) -> None:
    folder, infra_id = prepared(release, "spoiled")
    release.create_all(infra_id)
    release.give(infra_id, folder)
    spoil(folder, infra_id, endpoint.client("iam"))
    release.installer("create ignition-configs", folder)
    assert release.installer("create cluster", folder).code == 6
    assert f"failed to initialize the cluster: {operators}" in log(folder)
    rules = load_rules()
    assert classify(rules, Evidence.of(log(folder), rules), Ended(code=6)).failure_class == "OPERATORS"
    release.installer("destroy cluster", folder)
    release.delete(infra_id)
