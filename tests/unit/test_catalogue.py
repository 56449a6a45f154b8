"""Profile files: strict, and every problem of every file is told."""

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


def test_the_four_profiles_of_the_guide() -> None:
    profiles = load_catalogue(ROOT / "profiles").profiles
    enabled = {name: profile.enabled for name, profile in profiles.items()}
    assert enabled == {
        "aws-minimal-test": True,
        "aws-standard": True,
        "ibm-minimal-test": False,
        "ibm-standard": False,
    }


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
