"""What a request may hold: every limit from both sides, each violation in its words, every default."""

from dataclasses import replace
from typing import Any

import pytest
from ocpctl_common.errors import InvalidRequest, OcpctlError, PolicyRefused
from ocpctl_common.profiles.catalogue import Catalogue, load_catalogue
from ocpctl_common.profiles.policy import CreateRequest, resolve
from ocpctl_common.profiles.tag_keys import doubles, is_reserved
from ocpctl_common.providers.aws.provider import AWS
from ocpctl_local.settings import ROOT

CATALOGUE: Catalogue = load_catalogue(ROOT / "profiles")
PROFILE = CATALOGUE.profiles["aws-standard"]
GOOD = CreateRequest(
    name="a", profile="aws-standard", base_domain="labs.example.com", owner="a@b.c", team="t", cost_center="c", tags={}
)
FINE: list[tuple[str, str]] = []
LABEL_63, LABEL_64 = "a" * 63, "a" * 64


def fixed(**changes: Any) -> Catalogue:
    """The same profile with another lifecycle."""
    life = PROFILE.lifecycle.model_copy(update=changes)
    return Catalogue({"aws-standard": PROFILE.model_copy(update={"lifecycle": life})})


def problems(catalogue: Catalogue = CATALOGUE, **changes: Any) -> list[tuple[str, str]]:
    """Field and reason of all that is wrong."""
    try:
        resolve(replace(GOOD, **changes), catalogue)
    except OcpctlError as error:
        return [(problem.field, problem.reason) for problem in error.problems]
    return FINE


def wrong(field: str, reason: str) -> list[tuple[str, str]]:
    return [(field, reason)]


NAME = wrong("name", "NAME_INVALID")
OWNER = wrong("owner", "OWNER_INVALID")


@pytest.mark.parametrize(
    ("field", "value", "expected"),
    [
        ("name", "ab", FINE),
        ("name", "a" * 40, FINE),
        ("name", "a" * 41, NAME),
        ("name", "a-", NAME),
        ("name", "1a", NAME),
        ("name", "", wrong("name", "FIELD_REQUIRED")),
        ("owner", f"{'a' * 64}@b.c", FINE),
        ("owner", f"{'a' * 65}@b.c", OWNER),
        ("owner", "@b.c", OWNER),
        ("owner", f"a@{LABEL_63}.{LABEL_63}", FINE),
        ("owner", f"a@{LABEL_64}.c", OWNER),
        ("owner", f"a@b.{LABEL_64}", OWNER),
        ("owner", "a@.c", OWNER),
        ("owner", "a@b.", OWNER),
        ("owner", "a@b", OWNER),
        ("team", "ab", FINE),
        ("team", LABEL_63, FINE),
        ("team", LABEL_64, wrong("team", "TEAM_INVALID")),
        ("team", "", wrong("team", "FIELD_REQUIRED")),
        ("cost_center", "a._-9", FINE),
        ("cost_center", "a.", wrong("costCenter", "COST_CENTER_INVALID")),
        ("base_domain", "", wrong("baseDomain", "FIELD_REQUIRED")),
        ("ttl_hours", None, FINE),
        *(("keepalive_seconds", seconds, FINE) for seconds in (None, 30, 86400)),
        *(
            ("keepalive_seconds", seconds, wrong("keepaliveSeconds", "KEEPALIVE_INVALID"))
            for seconds in (-30, 0, 29, 86401, 2**31 - 1)
        ),
        ("ttl_hours", -1, wrong("ttlHours", "TTL_INVALID")),
        ("ttl_hours", 0, wrong("ttlHours", "TTL_INVALID")),
        ("ttl_hours", 1, FINE),
        ("ttl_hours", 167, FINE),
        ("ttl_hours", 168, FINE),
        ("ttl_hours", 169, wrong("ttlHours", "TTL_ABOVE_MAXIMUM")),
        ("worker_replicas", 1, wrong("workerReplicas", "WORKERS_OUT_OF_RANGE")),
        ("worker_replicas", 2, FINE),
        ("worker_replicas", 10, FINE),
        ("worker_replicas", 11, wrong("workerReplicas", "WORKERS_OUT_OF_RANGE")),
        ("ssh_public_key", "ssh-rsa AAAA", wrong("sshPublicKey", "SSH_KEY_INVALID")),
        ("platform", "aws", FINE),
        ("region", "eu-central-1", FINE),
        ("version", "4.20.4", FINE),
    ],
)
def test_a_value(field: str, value: object, expected: list[tuple[str, str]]) -> None:
    changes: dict[str, Any] = {field: value}
    assert problems(**changes) == expected


NOT_CUSTOM, ABOVE = ("ttlHours", "TTL_NOT_CUSTOMIZABLE"), ("ttlHours", "TTL_ABOVE_MAXIMUM")


@pytest.mark.parametrize(
    ("hours", "expected"), [(None, []), (23, [NOT_CUSTOM]), (24, []), (25, [NOT_CUSTOM]), (169, [ABOVE, NOT_CUSTOM])]
)
def test_a_time_to_live_that_nobody_may_choose(hours: int | None, expected: list[tuple[str, str]]) -> None:
    assert problems(fixed(allow_custom_ttl=False), ttl_hours=hours) == expected


def test_what_may_not_be_chosen_is_said_in_hours() -> None:
    with pytest.raises(PolicyRefused, match=r"^ttlHours: aws-standard allows only 24 hours$"):
        resolve(replace(GOOD, ttl_hours=8), fixed(allow_custom_ttl=False))


def tags(count: int) -> dict[str, str]:
    return {f"k{number}": "v" for number in range(count)}


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (tags(15), FINE),
        (tags(16), FINE),  # 25, less 8 of ours and the profile's one
        (tags(17), wrong("tags", "TOO_MANY_TAGS")),
        ({"k": "v"}, FINE),
        ({"k" * 128: "v" * 256}, FINE),
        ({"ab": "cd"}, FINE),
        ({"a b": "c d"}, FINE),
        ({"k": ""}, wrong("tags[k]", "TAG_INVALID")),
        ({"": "v"}, wrong("tags[]", "TAG_INVALID")),
        ({"k": "v" * 257}, wrong("tags[k]", "TAG_INVALID")),
        ({"k" * 129: "v"}, wrong(f"tags[{'k' * 128}]", "TAG_INVALID")),
        ({"aws:" + "k" * 124: "v"}, wrong(f"tags[aws:{'k' * 124}]", "TAG_RESERVED")),
        ({"PURPOSE": "v"}, wrong("tags[PURPOSE]", "TAG_RESERVED")),
        ({"Key": "v", "key": "v", "KEY": "v"}, [("tags[key]", "TAG_DOUBLE"), ("tags[KEY]", "TAG_DOUBLE")]),
        ({"Name": "v", "nAME": "v"}, [("tags[Name]", "TAG_RESERVED"), ("tags[nAME]", "TAG_RESERVED")]),
    ],
)
def test_tags(given: dict[str, str], expected: list[tuple[str, str]]) -> None:
    assert problems(tags=given) == expected


def test_what_is_told_of_a_value_is_cut() -> None:
    long = "k" * 130
    changed = replace(GOOD, region="r" * 201, tags={f"aws:{long}": "v", long.upper(): "v", long: "v"})
    with pytest.raises(InvalidRequest) as caught:
        resolve(changed, CATALOGUE)
    told = {(problem.reason, problem.field): problem.description for problem in caught.value.problems}
    assert f"'{'r' * 200}'" in told["REGION_NOT_ALLOWED", "region"]
    assert ("TAG_RESERVED", f"tags[aws:{'k' * 124}]") in told
    assert f"differs from {'K' * 128} only" in told["TAG_DOUBLE", f"tags[{'k' * 128}]"]


RESERVED = ("name", "Name", "ocpctl:x", "OCPCTL:x", "aws:x", "x.kubernetes.io/y", "openshift.io/z", "sigs.k8s.io")
FREE = ("names", "a-name", "aws", "ocpctl", "kubernetes")


@pytest.mark.parametrize("key", [*RESERVED, *FREE])
def test_whose_a_tag_is(key: str) -> None:
    assert is_reserved(key, AWS.tag_rules) is (key in RESERVED)


def test_keys_that_are_the_same_without_capitals() -> None:
    assert list(doubles(["a", "b", "A", "c", "B"], AWS.tag_rules)) == [("A", "a"), ("B", "b")]


@pytest.mark.parametrize(
    ("changes", "kind", "sentence"),
    [
        ({"profile": ""}, InvalidRequest, "profile: is required; use one of aws-minimal-test, aws-standard"),
        ({"profile": "x"}, PolicyRefused, "profile: 'x' is unknown; use one of aws-minimal-test, aws-standard"),
        ({"name": "", "profile": "x"}, InvalidRequest, "name: is required; it must be a DNS label of at most 40 char"),
        ({"name": "_", "region": "mars"}, InvalidRequest, "name: must be a DNS label of at most 40 characters that"),
        ({"region": "mars"}, PolicyRefused, "region: 'mars' is not allowed by aws-standard; allowed: us-east-1, us-"),
        ({"ttl_hours": 200}, PolicyRefused, "ttlHours: 200 is above the maximum of 168 hours of aws-standard"),
        ({"tags": tags(17)}, PolicyRefused, "tags: at most 16 tags are possible"),
    ],
)
def test_the_sentence(changes: dict[str, Any], kind: type[OcpctlError], sentence: str) -> None:
    with pytest.raises(kind) as caught:
        resolve(replace(GOOD, **changes), CATALOGUE)
    assert str(caught.value).startswith(sentence)


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({}, ("4.20.3", "us-east-1", 24, 3, 4_800_000)),
        ({"version": "4.20.4", "region": "us-west-2"}, ("4.20.4", "us-west-2", 24, 3, 4_800_000)),
        ({"ttl_hours": 1, "worker_replicas": 2}, ("4.20.3", "us-east-1", 1, 2, 4_400_000)),
        ({"ttl_hours": 168, "worker_replicas": 10}, ("4.20.3", "us-east-1", 168, 10, 7_600_000)),
    ],
)
def test_what_it_resolves_to(asked: dict[str, Any], expected: tuple[object, ...]) -> None:
    spec = resolve(replace(GOOD, **asked), CATALOGUE)
    assert (spec.version, spec.region, spec.ttl_hours, spec.workers.replicas, spec.hourly_cost_micros) == expected
    assert spec.tags == {"Purpose": "throw-away-cluster"}


@pytest.mark.parametrize(
    ("name", "says"), [("aws-standard", "disabled for now"), ("ibm-standard", "IBM Cloud is disabled in this phase")]
)
def test_a_profile_that_is_not_offered_says_why(name: str, says: str) -> None:
    offered = CATALOGUE.profiles[name]
    catalogue = Catalogue({offered.name: offered.model_copy(update={"enabled": False})})
    with pytest.raises(OcpctlError) as refused:
        resolve(replace(GOOD, profile=offered.name), catalogue)
    told = [problem for problem in refused.value.problems if problem.reason == "PROFILE_DISABLED"]
    assert [problem.description for problem in told] == [f"{offered.name}: {says}"]
