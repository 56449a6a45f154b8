"""What the installer wrote is read with care: a file that is no use is a failure with a name, and tells no value."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from ocpctl_installer_runner.errors import RunFailed
from ocpctl_installer_runner.installer import products

SECRET = "c2VjcmV0LWtleQ=="
GOOD: dict[str, Any] = {
    "clusters": [{"name": "a", "cluster": {"server": "https://api.a.example.com:6443"}}],
    "users": [{"name": "admin", "user": {"client-key-data": SECRET}}],
}
METADATA = {"clusterName": "team-a", "infraID": "team-a-x7k2p"}


def folder_with(folder: Path, name: str, content: str | None) -> Path:
    """An install directory in which all is well but for one file."""
    (folder / "auth").mkdir()
    good = {
        "metadata.json": json.dumps(METADATA),
        "auth/kubeconfig": yaml.safe_dump(GOOD),
        "auth/kubeadmin-password": "pw",
    }
    for file, text in (good | {name: content}).items():
        if text is not None:
            (folder / file).write_bytes(text.encode("latin-1"))
    return folder


def test_what_is_well_is_read(tmp_path: Path) -> None:
    folder = folder_with(tmp_path, "auth/kubeadmin-password", "pw\n")
    made = products.credentials(folder)
    assert (made.server, made.password, made.keys) == ("https://api.a.example.com:6443", "pw", (SECRET,))
    assert products.metadata(folder).infra_id == "team-a-x7k2p"
    assert SECRET not in repr(made)


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (None, "it is missing"),
        ("", "it has no users"),
        ("{", "it is no YAML"),
        ("\xff\xfe", "it is no text"),
        ("just words", "it has no users"),
        (yaml.safe_dump(GOOD | {"users": []}), "it has no users"),
        (yaml.safe_dump(GOOD | {"users": [SECRET]}), "one of its users has no user"),
        (yaml.safe_dump(GOOD | {"clusters": None}), "it has no clusters"),
        (yaml.safe_dump(GOOD | {"clusters": [{"name": "a"}]}), "one of its clusters has no cluster"),
        (yaml.safe_dump(GOOD | {"clusters": [{"cluster": {}}]}), "its first cluster has no server"),
    ],
)
def test_an_unusable_kubeconfig_is_named(tmp_path: Path, content: str | None, why: str) -> None:
    with pytest.raises(RunFailed, match=why) as caught:
        products.credentials(folder_with(tmp_path, "auth/kubeconfig", content))
    assert (caught.value.failure_class, caught.value.rule, caught.value.exit_code) == (
        "UNKNOWN",
        "UnusableCredentials",
        0,
    )
    assert SECRET not in caught.value.message


@pytest.mark.parametrize(("content", "why"), [(None, "it is missing"), ("\n", "it is empty")])
def test_an_unusable_password_is_named(tmp_path: Path, content: str | None, why: str) -> None:
    with pytest.raises(RunFailed, match=f"kubeadmin-password cannot be used: {why}"):
        products.credentials(folder_with(tmp_path, "auth/kubeadmin-password", content))


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (None, "it is missing"),
        ("{", "it is no JSON"),
        ("[]", "it has no infraID"),
        ("{}", "it has no infraID"),
        ('{"infraID": 7}', "it has no infraID"),
        ('{"infraID": ""}', "it has no infraID"),
        ('{"infraID": "a*"}', "it has no infraID"),
    ],
)
def test_unusable_metadata_is_named(tmp_path: Path, content: str | None, why: str) -> None:
    with pytest.raises(RunFailed, match=why) as caught:
        products.metadata(folder_with(tmp_path, "metadata.json", content))
    assert caught.value.rule == "UnusableMetadata"
