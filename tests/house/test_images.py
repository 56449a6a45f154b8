"""What every image promises, read from its file: docs/images.md says the same in words."""

import json
import re
import tomllib

import pytest
from ocpctl_local.processes.buildah import TARGETS
from ocpctl_local.settings import ROOT

FOLDER = ROOT / "deploy" / "images"
FILE = (FOLDER / "Containerfile").read_text()
STAGES = dict(re.findall(r"^FROM \S+ AS (\S+)\n(.*?)(?=^FROM |\Z)", FILE, re.MULTILINE | re.DOTALL))
MODULES = {target: f"ocpctl_{target.replace('-', '_')}" for target in TARGETS}


def instructions(stage: str, word: str) -> list[str]:
    joined = STAGES[stage].replace("\\\n", " ")
    return [line.partition(" ")[2] for line in joined.splitlines() if line.startswith(f"{word} ")]


def test_the_base_is_pinned_by_digest() -> None:
    assert re.search(r"^ARG BASE=\S+@sha256:[0-9a-f]{64}$", FILE, re.MULTILINE)
    assert set(re.findall(r"^FROM (\S+)", FILE, re.MULTILINE)) == {"${BASE}", "runtime"}


def test_every_image_has_a_stage_and_every_stage_an_image() -> None:
    assert set(STAGES) - {"builder", "runtime"} == set(TARGETS)


@pytest.mark.parametrize("target", TARGETS)
def test_an_image_starts_its_own_service_without_a_shell(target: str) -> None:
    words = json.loads(instructions(target, "ENTRYPOINT")[0])
    assert words[:3] == ["/opt/ocpctl/bin/python", "-m", MODULES[target]]
    assert words[3:] == (["start"] if target == "envoy" else [])
    assert instructions(target, "COPY") == [f"--from=builder /environments/ocpctl-{target} /opt/ocpctl"]
    assert not instructions(target, "CMD")


@pytest.mark.parametrize("target", TARGETS)
def test_no_image_changes_the_user_or_runs_anything_when_it_is_made(target: str) -> None:
    assert not instructions(target, "USER")
    assert not instructions(target, "RUN")


def test_the_user_is_unprivileged_and_of_group_0() -> None:
    assert instructions("runtime", "USER") == ["1001:0"]
    assert instructions("runtime", "VOLUME") == ['["/tmp", "/work"]']
    assert "chmod 0770 /work" in instructions("runtime", "RUN")[0]


def test_images_are_labelled() -> None:
    labels = instructions("runtime", "LABEL")[0]
    for label in ("licenses", "version", "revision", "vendor"):
        assert f"org.opencontainers.image.{label}=" in labels
    for target in TARGETS:
        assert instructions(target, "LABEL") == [f'org.opencontainers.image.title="ocpctl-{target}"']


def test_no_stage_is_given_a_secret() -> None:
    assert not re.search(r"(?i)secret|password|token|credential|access_key", FILE)


def test_only_sources_are_seen_by_the_builder() -> None:
    lines = [line for line in (FOLDER / "ignore").read_text().splitlines() if not line.startswith("#")]
    assert lines[0] == "*"
    seen = {line[1:] for line in lines if line.startswith("!")}
    copied = {path for line in instructions("builder", "COPY") for path in line.split()[:-1]}
    assert seen == copied


def test_every_member_of_an_image_is_built() -> None:
    script = (FOLDER / "environments.sh").read_text()
    built = re.search(r"for package in (.*); do", script)
    assert built is not None
    assert set(built[1].split()) == set(TARGETS)
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert {f"ocpctl-{target}" for target in TARGETS} <= {name.partition("[")[0] for name in project["dependencies"]}
