"""Runner and installer act as the same principal, by the same source, and each renews its credentials from there."""

import json
import os
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from ocpctl_common.errors import CloudUnavailable
from ocpctl_common.lifecycle.states import CredentialsMode
from ocpctl_common.providers.cloud import Scope
from ocpctl_common.providers.protocol import ClusterRole
from ocpctl_installer_runner import cluster_credentials
from ocpctl_local.kubernetes.client import StandIn
from ocpctl_local.moto import aws

from tests.integration import aws_endpoint, credential_endpoints
from tests.integration.aws_endpoint import Endpoint
from tests.integration.credential_endpoints import CredentialEndpoints, arn
from tests.integration.credential_host import AWS, SOURCES, Host, asked, wrapper
from tests.integration.local.simulated_release import Release, stand_in

OTHER = "210987654321"
ROLE = ClusterRole(arn=arn("clusters", OTHER), external_id="of-ocpctl")
PROVIDER = {
    "keys": "EnvConfigCredentials",
    "web identity": "WebIdentityCredentials",
    "container": "CredentialsEndpointProvider",
    "container's URL": "CredentialsEndpointProvider",
    "instance": "EC2RoleProvider",
}


@pytest.fixture(scope="module")
def endpoint(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Endpoint]:
    with pytest.MonkeyPatch.context() as patch, aws_endpoint.endpoint(tmp_path_factory.mktemp("aws"), patch) as made:
        yield made


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory) -> StandIn:
    return stand_in(tmp_path_factory.mktemp("kubernetes"))


@pytest.fixture
def given(endpoint: Endpoint) -> Iterator[CredentialEndpoints]:
    with credential_endpoints.running(endpoint, os.environ["AWS_ENDPOINT_URL"]) as made:
        yield made


@pytest.fixture
def host(tmp_path: Path, given: CredentialEndpoints, monkeypatch: pytest.MonkeyPatch) -> Host:
    return Host(folder=tmp_path, given=given, patch=monkeypatch)


@pytest.fixture
def release(host: Host, api: StandIn) -> Release:
    """Its programs find the container's endpoint where the test has it."""
    made = Release(folder=host.folder, api=api)
    wrapped = f"-I {wrapper(host)}"
    for program in ("openshift-install", "ccoctl"):
        launcher = made.home / program
        launcher.write_text(launcher.read_text().replace("-I -m", wrapped))
    return made


def own_principal(cloud: Any) -> str:
    return str(cloud.account._sts.get_caller_identity()["Arn"])


def mode(cloud: Any, *accounts: str) -> CredentialsMode:
    settings: Any = type("Settings", (), {"mint_accounts": frozenset(accounts)})
    return cluster_credentials.mode(settings, cloud)


@pytest.mark.parametrize("role", [None, ROLE], ids=["own role", "role of another account"])
@pytest.mark.parametrize("source", SOURCES)
def test_runner_and_installer_are_one_principal(
    host: Host, release: Release, source: str, role: ClusterRole | None
) -> None:
    host.source(source)
    cloud = AWS.connect(role)
    account = OTHER if role else aws.ACCOUNT
    assert cloud.account.ask() == account
    assert list(cloud.credential_problems()) == []
    principal = own_principal(cloud)
    with host.child(role) as child:
        assert asked(child)[0] == principal
    minting = source == "keys" and role is None
    assert mode(cloud, account) is (CredentialsMode.MINT if minting else CredentialsMode.MANUAL)
    folder = release.config("a", "Manual")
    assert release.installer("create manifests", folder, host.environment(role)).code == 0
    name = "AssumeRoleProvider" if role else PROVIDER[source]
    assert f'\\"{name}\\" provider' in (folder / ".openshift_install.log").read_text()


def test_only_the_clusters_cloud_is_another_and_its_role_needs_no_region(host: Host) -> None:
    host.source("instance")
    assert own_principal(AWS.connect()) == f"arn:aws:sts::{aws.ACCOUNT}:assumed-role/runner/given"
    for name in ("AWS_REGION", "AWS_DEFAULT_REGION"):
        host.patch.delenv(name)
    assert own_principal(AWS.connect(ROLE)) == f"arn:aws:sts::{OTHER}:assumed-role/clusters/ocpctl"
    with host.child(ROLE) as child:
        assert asked(child)[0] == f"arn:aws:sts::{OTHER}:assumed-role/clusters/ocpctl"


@pytest.mark.parametrize(
    ("source", "role"),
    [
        *product(("web identity", "container", "container's URL"), (None, ROLE)),
        # An instance's own keys that end so soon botocore takes for good as long as IMDS gives no better ones.
        ("instance", ROLE),
        ("keys", ROLE),
    ],
)
def test_a_session_that_ends_is_renewed_under_a_living_installer(
    host: Host, source: str, role: ClusterRole | None
) -> None:
    host.source(source)
    host.given.seconds = 60
    with host.child(role) as child:
        principal, first = asked(child)
        again, second = asked(child)
    assert (again, second != first) == (principal, True)


@pytest.mark.parametrize("role", [None, ROLE], ids=["own role", "role of another account"])
def test_a_web_identitys_token_is_rotated_under_a_living_installer(host: Host, role: ClusterRole | None) -> None:
    host.source("web identity")
    host.given.seconds = 60
    with host.child(role) as child:
        asked(child)
        assert set(host.given.web_tokens) == {"first"}
        host.file("web-token", "second")
        host.given.web_tokens.clear()
        asked(child)
    assert set(host.given.web_tokens) == {"second"}


@pytest.mark.parametrize("role", [None, ROLE], ids=["own role", "role of another account"])
def test_a_containers_token_is_rotated_under_a_living_installer(host: Host, role: ClusterRole | None) -> None:
    host.source("container's URL")
    host.given.seconds = 60
    with host.child(role) as child:
        principal, _ = asked(child)
        host.given.token = "second"
        host.file("container-token", "second")
        host.given.given.clear()
        assert asked(child)[0] == principal
    assert host.given.given


@pytest.mark.parametrize("source", ["container", "instance"])
def test_another_principal_than_expected(host: Host, source: str) -> None:
    """An installer that is started now would act in another account than this process does."""
    host.source(source)
    account = AWS.connect().account
    assert account.ask() == aws.ACCOUNT
    host.given.role = arn("runner", OTHER)
    with pytest.raises(CloudUnavailable, match="another account than when this process was started"):
        account.ask()


def test_a_source_that_is_gone(host: Host) -> None:
    host.source("container")
    cloud = AWS.connect(ROLE)
    host.given.token = "not told to anybody"
    with pytest.raises(CloudUnavailable, match="CredentialRetrievalError"):
        cloud.account.ask()


def test_a_cluster_lives_and_ends_in_the_other_account(host: Host, release: Release) -> None:
    """Teardown verification looks there, and whoever looks with the runner's own credentials sees nothing of it."""
    host.source("web identity")
    cloud, own, env = AWS.connect(ROLE), AWS.connect(), host.environment(ROLE)
    route53 = cloud._clients.get("route53", aws.REGION)  # type: ignore[attr-defined]
    route53.create_hosted_zone(Name=aws.BASE_DOMAIN, CallerReference="other account")
    folder = release.config("there", "Manual")
    assert release.installer("create manifests", folder, env).code == 0
    assert release.installer("create ignition-configs", folder, env).code == 0
    infra_id = json.loads((folder / "metadata.json").read_text())["infraID"]
    release.installer("create cluster", folder, env)  # without credentials of its own it does not become ready
    scope = Scope(infra_id=infra_id, region=aws.REGION, domain=f"there.{aws.BASE_DOMAIN}")
    found = cloud.remaining(scope)
    assert found["ec2:vpc"]
    assert not any(own.remaining(scope).values())
    assert infra_id in cloud.orphans.infra_ids(aws.REGION)
    assert infra_id not in own.orphans.infra_ids(aws.REGION)
    assert release.installer("destroy cluster", folder, env).code == 0
    assert not any(cloud.remaining(scope).values())
