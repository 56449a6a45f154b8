"""What a runner checks before it takes creates, against an AWS endpoint: each lack is told in words."""

import base64
import json
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import boto3
import pytest
from ocpctl_common.cloud.artifacts import ArtifactStore
from ocpctl_common.cloud.secrets import SecretStore
from ocpctl_common.providers.aws.account import CallerAccount
from ocpctl_common.providers.aws.cloud import AwsCloud
from ocpctl_common.providers.aws.resources.clients import Clients
from ocpctl_common.providers.registry import Clouds
from ocpctl_installer_runner import fitness_checks, pull_secret
from ocpctl_local.moto import aws

from tests.integration import aws_endpoint
from tests.integration.aws_endpoint import Endpoint

RELEASES = ("4.20.3", "4.20.4")
PROGRAMS = ("openshift-install", "oc", "ccoctl")
AUTH = base64.b64encode(b"user:password").decode()
PULL_SECRET = json.dumps({"auths": {"registry.example.com": {"auth": AUTH}}})


@pytest.fixture(scope="module")
def endpoint(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Endpoint]:
    with pytest.MonkeyPatch.context() as patch, aws_endpoint.endpoint(tmp_path_factory.mktemp("aws"), patch) as made:
        s3, secrets = made.client("s3"), made.client("secretsmanager")
        for bucket, status in {"good": "Enabled", "plain": None, "suspended": "Suspended"}.items():
            s3.create_bucket(Bucket=bucket)
            if status:
                s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": status})
        for name, value in {"good": PULL_SECRET, "torn": PULL_SECRET[:-9], "null": '{"auths": null}'}.items():
            secrets.create_secret(Name=name, SecretString=value)
        yield made


@dataclass
class Lookout:
    """A runner that lacks nothing, until a test takes something away."""

    endpoint: Endpoint
    installers: Path
    bucket: str = "good"
    secret: str = "good"
    session: Callable[[], Any] = aws.session
    mint: frozenset[str] = frozenset({aws.ACCOUNT})

    def faults(self) -> dict[str, str]:
        """By their words."""
        settings = SimpleNamespace(
            installers_dir=self.installers,
            work_dir=self.installers,
            pull_secret_arn=self.secret,
            bucket=self.bucket,
            mint_accounts=self.mint,
        )
        artifacts, secrets = ArtifactStore(boto3.Session(), self.bucket), SecretStore(boto3.Session())
        account = CallerAccount(aws.session(), fresh=aws.session)
        dependencies: Any = SimpleNamespace(
            settings=settings,
            artifacts=artifacts,
            pull_secret=lambda: pull_secret.read(secrets.get(self.secret)),
            clouds=Clouds({"aws": AwsCloud(self.session(), account, Clients(boto3.Session()))}),
        )
        return {found.name: found.sentence for found in fitness_checks.faults(dependencies, frozenset(RELEASES))}


@pytest.fixture
def lookout(endpoint: Endpoint, tmp_path: Path) -> Lookout:
    for release in RELEASES:
        (tmp_path / release).mkdir()
        for name in PROGRAMS:
            program = tmp_path / release / name
            program.write_text("#!/bin/sh\n")
            program.chmod(0o755)
        (tmp_path / release / "SHA256SUMS").write_text("".join(f"{'0' * 64}  {name}\n" for name in PROGRAMS))
    return Lookout(endpoint, tmp_path)


def test_nothing_is_lacking(lookout: Lookout) -> None:
    assert lookout.faults() == {}


@pytest.mark.parametrize(
    ("bucket", "told"),
    [("missing", "NoSuchBucket"), ("plain", "keeps no versions"), ("suspended", "keeps no versions")],
)
def test_a_bucket_that_keeps_nothing(lookout: Lookout, bucket: str, told: str) -> None:
    lookout.bucket = bucket
    assert told in lookout.faults()["Bucket"]
    assert bucket in lookout.faults()["Bucket"]


@pytest.mark.parametrize(("secret", "told"), [("torn", "it is not JSON"), ("null", 'no object "auths"')])
def test_a_pull_secret_that_is_none(lookout: Lookout, secret: str, told: str) -> None:
    lookout.secret = secret
    assert told in lookout.faults()["PullSecret"]


def test_a_pull_secret_that_is_not_there(lookout: Lookout) -> None:
    lookout.secret = "missing"
    assert lookout.faults() == {
        "Refused": "AWS refused this runner the call GetSecretValue: ResourceNotFoundException."
    }


@pytest.mark.parametrize("release", RELEASES)
def test_one_release_of_several(lookout: Lookout, release: str) -> None:
    (lookout.installers / release / "openshift-install").unlink()
    assert release in lookout.faults()["InstallerMissing"]


def test_credentials(lookout: Lookout) -> None:
    lookout.session = lambda: SimpleNamespace(get_credentials=lambda: None)
    assert "There are no AWS credentials" in lookout.faults()["NoCredentials"]


def temporary() -> boto3.Session:
    """Those of a role."""
    return boto3.Session("key", "secret", "token", region_name=aws.REGION)


@pytest.mark.parametrize("program", ["oc", "ccoctl"])
def test_who_cannot_let_clusters_make_credentials_needs_what_makes_them(lookout: Lookout, program: str) -> None:
    (lookout.installers / RELEASES[0] / program).unlink()
    assert lookout.faults() == {}
    for change in ({"session": temporary}, {"mint": frozenset({"999999999999"})}):
        faults = replace(lookout, **change).faults()
        assert list(faults) == ["InstallerMissing"]
        assert f"no {program} for OpenShift {RELEASES[0]}" in faults["InstallerMissing"]
        assert "OCPCTL_MINT_ACCOUNTS" in faults["InstallerMissing"]


def test_credentials_of_a_role_are_as_good(lookout: Lookout) -> None:
    lookout.session = temporary
    assert lookout.faults() == {}


def test_everything_at_once(lookout: Lookout) -> None:
    lookout.bucket, lookout.secret, lookout.installers = "missing", "null", lookout.installers / "nothing"
    lookout.installers.mkdir()
    lookout.session = lambda: SimpleNamespace(get_credentials=lambda: None)
    assert set(lookout.faults()) == {"InstallerMissing", "PullSecret", "Bucket", "NoCredentials"}


@pytest.mark.parametrize("part", ["", "_S3", "_SECRETS_MANAGER", "_STS"])
def test_a_part_of_the_cloud_that_does_not_answer(lookout: Lookout, monkeypatch: pytest.MonkeyPatch, part: str) -> None:
    monkeypatch.setenv(f"AWS_ENDPOINT_URL{part}", "http://127.0.0.1:9")
    assert "does not answer (EndpointConnectionError)" in lookout.faults()["CloudUnreachable"]


def test_a_bucket_whose_name_is_none(lookout: Lookout) -> None:
    lookout.bucket = "Bad Bucket/.."
    assert "does not answer (ParamValidationError)" in lookout.faults()["CloudUnreachable"]


def test_a_work_folder_that_runs_nothing(lookout: Lookout, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        os, "statvfs", lambda path: SimpleNamespace(f_flag=os.ST_NOEXEC, f_bavail=0, f_blocks=0, f_bfree=0, f_frsize=1)
    )
    assert "no program runs there" in lookout.faults()["WorkFolderRunsNothing"]
