"""What a profile file may hold: every limit from both sides, and every default."""

from typing import Any

import pytest
import yaml
from ocpctl_common.profiles.model import Profile
from ocpctl_local.settings import ROOT
from pydantic import ValidationError

TEXT = (ROOT / "profiles" / "aws-minimal-test.yaml").read_text()
LONG_DOMAIN = ".".join(["a" * 60, "b" * 60, "c" * 58])


def problem(changes: dict[str, Any]) -> str | None:
    """Where the profile with these values (by path) is wrong, if it is."""
    document: dict[str, Any] = yaml.safe_load(TEXT)
    for path, value in changes.items():
        *above, last = path.split(".")
        place = document
        for key in above:
            place = place.setdefault(key, {})
        place[last] = value
    try:
        Profile.model_validate(document)
    except ValidationError as error:
        return ".".join(map(str, error.errors()[0]["loc"]))
    return None


LIMITS: list[tuple[str, object, str | None]] = [
    ("name", "a" * 63, None),
    ("name", "a" * 64, "name"),
    ("name", "", "name"),
    ("displayName", "a", None),
    ("displayName", "", "displayName"),
    ("description", "a", None),
    ("description", "", "description"),
    ("openshiftVersions", {"allowlist": [], "default": "4.20.3"}, "openshiftVersions.allowlist"),
    ("openshiftVersions", {"allowlist": ["4.20.3"], "default": "4.20.3"}, None),
    ("openshiftVersions", {"allowlist": ["4.20.4"], "default": "4.20.3"}, "openshiftVersions"),
    ("openshiftVersions", {"allowlist": ["4.1.1"], "default": "4.1.1"}, None),
    ("openshiftVersions", {"allowlist": ["4.20.123"], "default": "4.20.123"}, None),
    ("openshiftVersions", {"allowlist": ["4.20.1234"], "default": "4.20.3"}, "openshiftVersions.allowlist.0"),
    ("openshiftVersions", {"allowlist": ["4.123.1"], "default": "4.20.3"}, "openshiftVersions.allowlist.0"),
    ("openshiftVersions", {"allowlist": ["4..1"], "default": "4.20.3"}, "openshiftVersions.allowlist.0"),
    ("openshiftVersions", {"allowlist": ["4.1."], "default": "4.20.3"}, "openshiftVersions.allowlist.0"),
    ("lifecycle.maxTTLHours", 8_760, None),
    ("lifecycle.maxTTLHours", 8_761, "lifecycle.maxTTLHours"),
    ("costControls.estimatedHourlyCost", 10_000, None),
    ("costControls.estimatedHourlyCost", 10_000.01, "costControls.estimatedHourlyCost"),
    ("costControls.estimatedHourlyCost", float("inf"), "costControls.estimatedHourlyCost"),
    ("costControls.estimatedHourlyCost", float("nan"), "costControls.estimatedHourlyCost"),
    ("costControls.estimatedWorkerHourlyCost", 10_000, None),
    ("costControls.estimatedWorkerHourlyCost", 10_000.01, "costControls.estimatedWorkerHourlyCost"),
    ("openshiftVersions", {"allowlist": ["4.20.3"] * 2, "default": "4.20.3"}, "openshiftVersions.allowlist"),
    ("regions", {"allowlist": ["a", "b", "a"], "default": "a"}, "regions.allowlist"),
    ("regions", {"allowlist": [], "default": "a"}, "regions.allowlist"),
    ("regions", {"allowlist": ["a"], "default": "a"}, None),
    ("regions", {"allowlist": ["a"], "default": "b"}, "regions"),
    ("baseDomains", {"allowlist": []}, "baseDomains.allowlist"),
    ("baseDomains", {"allowlist": ["a.bc", "a.bc"]}, "baseDomains.allowlist"),
    ("baseDomains", {"allowlist": [LONG_DOMAIN]}, None),
    ("baseDomains", {"allowlist": [f"{LONG_DOMAIN}c"]}, "baseDomains.allowlist.0"),
    ("baseDomains", {"allowlist": ["a.bc"]}, None),
    ("baseDomains", {"allowlist": ["a.b"]}, "baseDomains.allowlist.0"),
    ("compute.controlPlane.replicas", 1, None),
    ("compute.controlPlane.replicas", 3, None),
    *(("compute.controlPlane.replicas", number, "compute.controlPlane.replicas") for number in (0, 2, 4)),
    ("compute.controlPlane.instanceType", "a", None),
    ("compute.controlPlane.instanceType", "m6i.large ", "compute.controlPlane.instanceType"),
    ("compute.controlPlane.instanceType", "", "compute.controlPlane.instanceType"),
    ("compute.workers.instanceType", "a", None),
    ("compute.workers.instanceType", "m6i.large ", "compute.workers.instanceType"),
    ("compute.workers.instanceType", "", "compute.workers.instanceType"),
    ("compute.workers.minReplicas", -1, "compute.workers.minReplicas"),
    ("compute.workers.maxReplicas", 0, None),
    ("compute.workers.maxReplicas", 500, None),
    ("compute.workers.maxReplicas", 501, "compute.workers.maxReplicas"),
    ("compute.workers.maxReplicas", -1, "compute.workers.maxReplicas"),
    ("compute.workers.replicas", -1, "compute.workers.replicas"),
    ("compute.workers.replicas", 3, None),
    ("compute.workers.replicas", 4, "compute.workers"),
    ("compute.workers.replicas", 501, "compute.workers.replicas"),
    ("lifecycle.maxTTLHours", 0, "lifecycle.maxTTLHours"),
    ("lifecycle.defaultTTLHours", 0, "lifecycle.defaultTTLHours"),
    ("lifecycle.defaultTTLHours", 1, None),
    ("lifecycle.defaultTTLHours", 71, None),
    ("lifecycle.defaultTTLHours", 72, None),
    ("lifecycle.defaultTTLHours", 73, "lifecycle"),
    ("tags", {f"k{number}": "v" for number in range(16)}, None),
    ("tags", {f"k{number}": "v" for number in range(17)}, "tags"),
    ("tags", {"k" * 128: "v" * 256}, None),
    ("tags", {"k" * 129: "v"}, f"tags.{'k' * 129}.[key]"),
    ("tags", {"": "v"}, "tags..[key]"),
    ("tags", {"k": "v" * 257}, "tags.k"),
    ("tags", {"k": ""}, "tags.k"),
    ("tags", {"ab": "cd"}, None),
    ("tags", {"a b": "c d"}, None),
    ("tags", {"nAmE ": "v"}, "tags.nAmE .[key]"),
    ("tags", {"k": " v"}, "tags.k"),
    ("features.environment", "test-", "features.environment"),
    ("costControls.estimatedHourlyCost", 0, None),
    ("costControls.estimatedHourlyCost", -0.01, "costControls.estimatedHourlyCost"),
    ("costControls.estimatedWorkerHourlyCost", 0, None),
    ("costControls.estimatedWorkerHourlyCost", -0.01, "costControls.estimatedWorkerHourlyCost"),
]


@pytest.mark.parametrize(("path", "value", "where"), LIMITS)
def test_a_value(path: str, value: object, where: str | None) -> None:
    assert problem({path: value}) == where


# Default, least and most workers, and whether the control plane runs workloads.
@pytest.mark.parametrize(
    ("default", "minimum", "limit", "schedulable", "where"),
    [
        (0, 0, 0, True, None),
        (0, 0, 0, False, "compute"),
        (1, 0, 1, False, "compute"),
        (1, 1, 1, False, None),
        (2, 2, 3, False, None),
        (1, 2, 3, False, "compute.workers"),
        (3, 2, 3, False, None),
        (500, 500, 500, False, None),
    ],
)
def test_something_runs_workloads(default: int, minimum: int, limit: int, schedulable: bool, where: str | None) -> None:
    workers = {"replicas": default, "minReplicas": minimum, "maxReplicas": limit, "instanceType": "a"}
    plane = {"replicas": 3, "instanceType": "a", "schedulable": schedulable}
    assert problem({"compute": {"controlPlane": plane, "workers": workers}}) == where


def test_the_longest_time_to_live_may_be_an_hour() -> None:
    assert problem({"lifecycle.maxTTLHours": 1, "lifecycle.defaultTTLHours": 1}) is None


def test_nothing_unknown_and_no_change() -> None:
    assert problem({"colour": "red"}) == "colour"
    profile = Profile.model_validate(yaml.safe_load(TEXT))
    with pytest.raises(ValidationError, match="frozen"):
        profile.name = "b"  # type: ignore[misc]


def test_names_in_the_code_are_accepted_too() -> None:
    assert problem({"lifecycle": {"max_ttl_hours": 2, "default_ttl_hours": 1}}) is None


def test_what_is_left_out() -> None:
    document = yaml.safe_load(TEXT)
    for key in ("features", "tags"):
        del document[key]
    del document["compute"]["controlPlane"]["schedulable"]
    document["compute"]["workers"] |= {"minReplicas": 1, "replicas": 1}
    document["lifecycle"] = {"maxTTLHours": 2, "defaultTTLHours": 1}
    document["costControls"] = {"estimatedHourlyCost": 1.5}
    profile = Profile.model_validate(document)
    assert (profile.compute.control_plane.schedulable, profile.lifecycle.allow_custom_ttl) == (False, True)
    assert (profile.features.fips, profile.features.publish, profile.features.environment) == (
        False,
        "External",
        "test",
    )
    assert (profile.tags, profile.cost_controls.estimated_worker_hourly_cost) == ({}, 0)
    assert profile.networking.model_dump() == {
        "network_type": "OVNKubernetes",
        "machine_cidr": "10.0.0.0/16",
        "cluster_network": ({"cidr": "10.128.0.0/14", "host_prefix": 23},),
        "service_network": ("172.30.0.0/16",),
    }


@pytest.mark.parametrize(
    ("file", "enabled", "offered"),
    [
        ("aws-minimal-test", True, True),
        ("aws-minimal-test", False, False),
        ("ibm-minimal-test", True, False),
        ("ibm-minimal-test", False, False),
    ],
)
def test_a_profile_is_offered_when_it_and_its_provider_are_enabled(file: str, enabled: bool, offered: bool) -> None:
    document = yaml.safe_load((ROOT / "profiles" / f"{file}.yaml").read_text())
    assert Profile.model_validate(document | {"enabled": enabled}).is_offered is offered
