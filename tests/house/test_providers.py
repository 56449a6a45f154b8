"""Clouds are named in their own folders and in the registry; what else names one is listed here, with its reason."""

import re
from collections.abc import Iterator

import pytest
from ocpctl_common.providers.registry import PROVIDERS
from ocpctl_local.settings import ROOT

COMMON = "libs/common/src/ocpctl_common"
PROVIDER_ROOM = f"{COMMON}/providers"
FOLDERS = sorted(path.parent.name for path in (ROOT / PROVIDER_ROOM).glob("*/provider.py"))
WORDS = sorted({"aws", "amazon", "boto", "ibm", *FOLDERS})
NAMED = re.compile(
    f"(?i:(?<![a-z])(?:{'|'.join(WORDS)}))|(?<=[a-z])(?:{'|'.join(word.capitalize() for word in WORDS)})"
)
SOURCES = (COMMON, "services", "migrations", "tools", "protos", "clients", "deploy")
KINDS = {".py", ".proto", ".yaml", ".sql"}
# The platform that this product stands on, whatever the cloud of a cluster is.
PLATFORM = {
    f"{COMMON}/cloud/": "artifacts in S3, queues in SQS, passwords in Secrets Manager",
    f"{COMMON}/sts/": "callers prove who they are with AWS STS",
    f"{COMMON}/sigv4/": "callers sign as AWS does",
    f"{COMMON}/access.py": "callers are IAM principals",
    f"{COMMON}/service.py": "a service cannot start without what the platform's library needs",
    f"{COMMON}/telemetry/logs.py": "the platform's library logs too much",
    f"{COMMON}/telemetry/traces.py": "calls of the platform's library are steps of a trace",
    "services/api-gateway/src/ocpctl_api_gateway/identity/": "callers prove who they are with AWS STS",
    "services/api-gateway/src/ocpctl_api_gateway/settings.py": "where that STS is",
    "services/scheduler/src/ocpctl_scheduler/identities.py": "callers are IAM principals",
    "protos/ocpctl/internal/v1/identity_service.proto": "callers are IAM principals",
    "protos/ocpctl/v1/access_service.proto": "callers are IAM principals",
    "protos/ocpctl/v1/auth_service.proto": "callers sign in with AWS",
    "clients/": "callers sign in with AWS",
    "deploy/": "sets the platform up, and stands in for it and for a cluster's cloud on one machine",
    "tools/policies.py": "what the platform must allow",
    "tools/printed.py": "prints that into the page about it",
    "tools/images/contents.py": "who may have the platform's library in its image",
}
# Names that were shipped: columns, and fields of messages where they are read and written.
SHIPPED = {
    "migrations/src/ocpctl_migrations/versions/0001_initial.py": "aws_account_id is a column",
    "migrations/src/ocpctl_migrations/versions/0002_proof.py": "aws_account_id is a column",
    f"{COMMON}/store/attempts.py": "aws_account_id is a column",
    f"{COMMON}/store/concurrency_limits.py": "aws_account_id is a column",
    "protos/ocpctl/internal/v1/lease_service.proto": "aws_account_id is a field",
    "services/scheduler/src/ocpctl_scheduler/translation/": "aws_account_id is a field",
    "services/installer-runner/src/ocpctl_installer_runner/translation/": "aws_account_id is a field",
}
OTHERS = {
    f"{PROVIDER_ROOM}/registry.py": "the one registration",
    "services/installer-runner/src/ocpctl_installer_runner/installer/failure_rules.yaml": (
        "the installer's own words, of every cloud; data that an operator may replace as a whole"
    ),
}
ALLOWED = PLATFORM | SHIPPED | OTHERS


def naming() -> Iterator[str]:
    """Hand-written sources that name a cloud, but for the folders of clouds."""
    own = tuple(f"{PROVIDER_ROOM}/{folder}/" for folder in FOLDERS)
    for source in SOURCES:
        for path in sorted((ROOT / source).rglob("*")):
            name = path.relative_to(ROOT).as_posix()
            if path.suffix in KINDS and not name.startswith(own) and NAMED.search(path.read_text()):
                yield name


def test_nothing_else_names_a_cloud() -> None:
    assert [name for name in naming() if not name.startswith(tuple(ALLOWED))] == []


@pytest.mark.parametrize("exception", ALLOWED)
def test_every_exception_is_still_needed(exception: str) -> None:
    assert any(name.startswith(exception) for name in naming())


def test_every_folder_is_registered_under_its_name() -> None:
    assert sorted(PROVIDERS) == FOLDERS


@pytest.mark.parametrize("folder", FOLDERS)
def test_no_cloud_imports_another(folder: str) -> None:
    others = [f"ocpctl_common.providers.{other}." for other in FOLDERS if other != folder]
    sources = [path.read_text() for path in (ROOT / PROVIDER_ROOM / folder).rglob("*.py")]
    assert not [other for other in others if any(other in source for source in sources)]


@pytest.mark.parametrize(
    ("text", "named"),
    [("aws_account_id", True), ("useAws", True), ("AwsCloud", True), ("import boto3", True), ("draws, laws", False)],
)
def test_a_name_is_found(text: str, named: bool) -> None:
    """The control."""
    assert bool(NAMED.search(text)) is named


def test_the_folders_are_those_of_the_providers() -> None:
    """A provider without a module of this name would be checked by nobody."""
    folders = {path.parent for path in (ROOT / PROVIDER_ROOM).glob("*/__init__.py")}
    assert {path.name for path in folders} == set(FOLDERS)
