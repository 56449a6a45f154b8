"""Policy: every violation with its field, defaults from the profile, nothing accepted that cannot be rendered."""

import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ocpctl_common.errors import InvalidRequest, OcpctlError, PolicyRefused
from ocpctl_common.profiles.catalogue import Catalogue, load_catalogue
from ocpctl_common.profiles.policy import CreateRequest, resolve
from ocpctl_common.profiles.render import Identity, render_install_config
from ocpctl_common.profiles.spec import ResolvedSpec
from ocpctl_local.settings import ROOT

CATALOGUE: Catalogue = load_catalogue(ROOT / "profiles")
GOOD = CreateRequest(
    name="team-a-test-01",
    profile="aws-minimal-test",
    base_domain="labs.example.com",
    owner="user@example.com",
    team="team-a",
    cost_center="sandbox",
    tags={},
)
IDENTITY = Identity(cluster_id="clu_1", attempt_id="att_1")


def problems(request: CreateRequest) -> tuple[type[OcpctlError], set[tuple[str, str]]]:
    with pytest.raises(OcpctlError) as caught:
        resolve(request, CATALOGUE)
    return type(caught.value), {(problem.field, problem.reason) for problem in caught.value.problems}


def test_defaults_come_from_the_profile() -> None:
    spec = resolve(GOOD, CATALOGUE)
    assert (spec.version, spec.region, spec.ttl_hours, spec.workers.replicas) == ("4.20.3", "us-east-1", 24, 0)
    assert spec.hourly_cost_micros == 2_500_000


@pytest.mark.parametrize(
    ("change", "kind", "expected"),
    [
        ({"profile": "nope"}, PolicyRefused, ("profile", "PROFILE_UNKNOWN")),
        ({"profile": ""}, InvalidRequest, ("profile", "FIELD_REQUIRED")),
        ({"region": "mars"}, PolicyRefused, ("region", "REGION_NOT_ALLOWED")),
        ({"version": "4.1.1"}, PolicyRefused, ("version", "VERSION_NOT_ALLOWED")),
        ({"platform": "gcp"}, PolicyRefused, ("platform", "PLATFORM_MISMATCH")),
        ({"base_domain": "evil.example"}, PolicyRefused, ("baseDomain", "BASE_DOMAIN_NOT_ALLOWED")),
        ({"ttl_hours": 73}, PolicyRefused, ("ttlHours", "TTL_ABOVE_MAXIMUM")),
        ({"ttl_hours": 0}, InvalidRequest, ("ttlHours", "TTL_INVALID")),
        ({"worker_replicas": 4}, PolicyRefused, ("workerReplicas", "WORKERS_OUT_OF_RANGE")),
        ({"name": "Bad_Name"}, InvalidRequest, ("name", "NAME_INVALID")),
        ({"name": ""}, InvalidRequest, ("name", "FIELD_REQUIRED")),
        ({"name": "x" * 41}, InvalidRequest, ("name", "NAME_INVALID")),
        ({"owner": "nobody"}, InvalidRequest, ("owner", "OWNER_INVALID")),
        ({"cost_center": "a b\n"}, InvalidRequest, ("costCenter", "COST_CENTER_INVALID")),
        (
            {"tags": {"kubernetes.io/cluster/x": "owned"}},
            PolicyRefused,
            ("tags[kubernetes.io/cluster/x]", "TAG_RESERVED"),
        ),
        ({"tags": {"OCPCTL:owner": "me"}}, PolicyRefused, ("tags[OCPCTL:owner]", "TAG_RESERVED")),
        ({"tags": {"Name": "x"}}, PolicyRefused, ("tags[Name]", "TAG_RESERVED")),
        ({"tags": {"a\nb": "x"}}, InvalidRequest, ("tags[a\nb]", "TAG_INVALID")),
        ({"tags": {"nAmE ": "x"}}, InvalidRequest, ("tags[nAmE ]", "TAG_INVALID")),
        ({"tags": {" a": "x"}}, InvalidRequest, ("tags[ a]", "TAG_INVALID")),
        ({"tags": {"a": "x "}}, InvalidRequest, ("tags[a]", "TAG_INVALID")),
        ({"tags": {f"k{i}": "v" for i in range(30)}}, PolicyRefused, ("tags", "TOO_MANY_TAGS")),
        (
            {"ssh_public_key": "-----BEGIN OPENSSH PRIVATE KEY-----"},
            InvalidRequest,
            ("sshPublicKey", "SSH_KEY_INVALID"),
        ),
        ({"profile": "ibm-standard", "region": "us-south"}, PolicyRefused, ("profile", "PROFILE_DISABLED")),
    ],
)
def test_each_violation(change: dict[str, object], kind: type[OcpctlError], expected: tuple[str, str]) -> None:
    found = problems(replace(GOOD, **change))  # type: ignore[arg-type]
    assert found == (kind, {expected})


def test_all_violations_are_reported_at_once() -> None:
    kind, found = problems(replace(GOOD, name="_", region="mars", ttl_hours=999, owner="x"))
    assert kind is InvalidRequest
    assert {field for field, _ in found} == {"name", "region", "ttlHours", "owner"}


def test_a_pasted_private_key_is_not_echoed() -> None:
    with pytest.raises(InvalidRequest) as caught:
        resolve(replace(GOOD, ssh_public_key="-----BEGIN PRIVATE KEY-----s3cr3t"), CATALOGUE)
    assert "s3cr3t" not in str(caught.value)


@given(
    name=st.from_regex(r"[a-z]([a-z0-9-]{0,38}[a-z0-9])?", fullmatch=True),
    ttl=st.integers(1, 72),
    workers=st.integers(0, 3),
    tags=st.dictionaries(
        st.from_regex(r"[A-Za-z]{1,20}x", fullmatch=True),
        st.from_regex(r"[A-Za-z0-9]([A-Za-z0-9 ]{0,48}[A-Za-z0-9])?", fullmatch=True),
        max_size=5,
    ).filter(lambda tags: len({key.lower() for key in tags}) == len(tags)),
)
def test_whatever_is_accepted_survives_storage_and_renders(
    name: str, ttl: int, workers: int, tags: dict[str, str]
) -> None:
    spec = resolve(replace(GOOD, name=name, ttl_hours=ttl, worker_replicas=workers, tags=tags), CATALOGUE)
    assert ResolvedSpec.from_json(spec.to_json()) == spec
    config = render_install_config(spec, IDENTITY, pull_secret='{"auths":{}}')
    assert config["metadata"]["name"] == name
    assert config["compute"][0]["replicas"] == workers
    assert len(config["platform"]["aws"]["userTags"]) <= 25


def test_no_tag_promises_an_end() -> None:
    """A cluster's end changes and its tags do not: whoever obeyed such a tag would kill what was extended."""
    words = render_install_config(resolve(GOOD, CATALOGUE), IDENTITY, pull_secret="{}")["platform"]["aws"]["userTags"]
    assert [key for key in words if re.search("expire|until|end|ttl|destroy|delete", key)] == []
    assert [value for value in words.values() if re.match(r"\d{4}-\d{2}-\d{2}", value)] == []


def test_our_tags_win() -> None:
    spec = resolve(GOOD, CATALOGUE).model_copy(update={"tags": {"ocpctl:owner": "thief"}})
    config = render_install_config(spec, IDENTITY, pull_secret="{}")
    assert config["platform"]["aws"]["userTags"]["ocpctl:owner"] == GOOD.owner
