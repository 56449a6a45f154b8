"""Profile files: strict, and every problem of every file is told."""

import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest
from ocpctl_common.profiles.catalogue import CatalogueError, load_catalogue
from ocpctl_local.settings import ROOT

GOOD = (ROOT / "profiles" / "aws-minimal-test.yaml").read_text()


def load_error(folder: Path, **files: str) -> str:
    for name, text in files.items():
        (folder / f"{name}.yaml").write_text(text)
    with pytest.raises(CatalogueError) as caught:
        load_catalogue(folder)
    return str(caught.value)


def test_the_four_profiles_of_the_guide_and_any_others() -> None:
    profiles = load_catalogue(ROOT / "profiles").profiles
    enabled = {name: profile.enabled for name, profile in profiles.items()}
    assert (
        enabled.items()
        >= {
            "aws-minimal-test": True,
            "aws-standard": True,
            "ibm-minimal-test": False,
            "ibm-standard": False,
        }.items()
    )


def checked(folder: Path) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "ocpctl_common.profiles", "check", str(folder)]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)


def test_the_profile_of_the_readme_is_told_to_be_right(tmp_path: Path) -> None:
    """Word by word as profiles/README.md says."""
    text = (ROOT / "profiles" / "aws-standard.yaml").read_text()
    for before, after in (
        ("name: aws-standard", "name: aws-workshop"),
        ("maxTTLHours: 168", "maxTTLHours: 8"),
        ("defaultTTLHours: 24", "defaultTTLHours: 8"),
        ("allowCustomTTL: true", "allowCustomTTL: false"),
        ("maxReplicas: 10", "maxReplicas: 3"),
    ):
        assert before in text
        text = text.replace(before, after)
    (tmp_path / "aws-workshop.yaml").write_text(text)
    done = checked(tmp_path)
    assert (done.returncode, done.stdout) == (0, "aws-workshop: AWS standard\n")


def test_what_is_wrong_is_told_in_lines(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(GOOD.replace("Purpose: throw-away-cluster", "pur%pose: x"))
    (tmp_path / "b.yaml").write_text("name: b")
    done = checked(tmp_path)
    assert done.returncode == 1
    assert "a.yaml: tags.pur%pose" in done.stderr
    assert "b.yaml: platform: Field required" in done.stderr
    assert checked(tmp_path / "nothing").stderr == f"no *.yaml files in {tmp_path / 'nothing'}\n"


def test_what_is_no_file_is_told(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").mkdir()
    (tmp_path / "b.yaml").symlink_to(tmp_path / "nothing")
    os.mkfifo(tmp_path / "c.yaml")
    done = checked(tmp_path)
    told = [f"{name}.yaml: is not a file, or a link to nothing" for name in "abc"]
    assert (done.returncode, done.stderr.splitlines()) == (1, told)


def test_a_file_that_cannot_be_read_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def denied(path: Path) -> str:
        raise PermissionError(errno.EACCES, "Permission denied", str(path))

    monkeypatch.setattr(Path, "read_text", denied)
    (tmp_path / "a.yaml").touch()
    with pytest.raises(CatalogueError, match=r"^a\.yaml: Permission denied$"):
        load_catalogue(tmp_path)


def test_another_ending_is_told(tmp_path: Path) -> None:
    (tmp_path / "b.yml").write_text(GOOD)
    assert load_error(tmp_path, **{"aws-minimal-test": GOOD}) == "b.yml: name it b.yaml"


def test_unknown_keys_and_contradictions_are_told_with_file_and_field(tmp_path: Path) -> None:
    text = load_error(
        tmp_path,
        a=GOOD.replace("aws-minimal-test", "a").replace("replicas: 3\n", "replicas: 3\n    colour: red\n", 1),
        b=GOOD.replace("aws-minimal-test", "b").replace("defaultTTLHours: 24", "defaultTTLHours: 999"),
    )
    assert "a.yaml: compute.controlPlane.colour: Extra inputs are not permitted" in text
    assert "b.yaml: lifecycle: Value error, defaultTTLHours 999 is above maxTTLHours 72" in text


def test_duplicate_keys_are_refused(tmp_path: Path) -> None:
    assert "duplicate keys ['platform']" in load_error(tmp_path, a=GOOD + "platform: aws\n")


def test_the_name_is_the_files(tmp_path: Path) -> None:
    assert "must be the name of the file" in load_error(tmp_path, other=GOOD)


def test_an_empty_folder_is_refused(tmp_path: Path) -> None:
    assert "no *.yaml files" in load_error(tmp_path)


@pytest.mark.parametrize(
    ("tags", "told"),
    [
        ("Name: x", "tags: reserved for ocpctl, AWS, Kubernetes and OpenShift: Name"),
        ("kubernetes.io/y: z", "tags: reserved for ocpctl, AWS, Kubernetes and OpenShift: kubernetes.io/y"),
        ("Purpose: a\n  purpose: b", "tags: differ only in capitals, which IAM refuses: purpose and Purpose"),
    ],
)
def test_tags_that_the_cloud_refuses(tmp_path: Path, tags: str, told: str) -> None:
    assert told in load_error(tmp_path, a=GOOD.replace("Purpose: throw-away-cluster", tags))
