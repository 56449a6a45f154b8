"""What the installer is given, whole and word by word."""

import json
from typing import Any

import pytest
from ocpctl_common.profiles.model import ControlPlane, Networking
from ocpctl_common.profiles.render import (
    Identity,
    as_text,
    render_install_config,
    scheduler_manifest,
    user_tags,
)
from ocpctl_common.profiles.spec import ResolvedSpec, WorkerPool

IDENTITY = Identity(cluster_id="clu_1", attempt_id="att_1")
AWS = ResolvedSpec(
    name="a",
    platform="aws",
    version="4.20.3",
    profile="p",
    region="us-east-1",
    base_domain="labs.example.com",
    owner="a@b.c",
    team="t",
    cost_center="cc",
    environment="test",
    ttl_hours=24,
    tags={"Purpose": "x", "ocpctl:team": "thief"},
    ssh_public_key="",
    control_plane=ControlPlane(replicas=3, instance_type="m6i.xlarge"),
    workers=WorkerPool(replicas=2, instance_type="m6i.large"),
    networking=Networking(),
    publish="Internal",
    fips=True,
    hourly_cost_micros=1,
)
IBM = AWS.model_copy(update={"platform": "ibmcloud", "region": "us-south", "ssh_public_key": "ssh-rsa x"})
TAGS = {
    "Purpose": "x",
    "ocpctl:cluster-id": "clu_1",
    "ocpctl:attempt": "att_1",
    "ocpctl:owner": "a@b.c",
    "ocpctl:team": "t",
    "ocpctl:cost-center": "cc",
    "ocpctl:profile": "p",
    "ocpctl:env": "test",
    "ocpctl:managed-by": "ocpctl",
}


def pool(name: str, replicas: int, platform: str, kind: str) -> dict[str, Any]:
    fixed = {"architecture": "amd64", "hyperthreading": "Enabled"}
    return {"name": name, "replicas": replicas, "platform": {platform: {"type": kind}}} | fixed


def config(kind: str, **more: Any) -> dict[str, Any]:
    return {
        "apiVersion": "v1",
        "metadata": {"name": "a"},
        "baseDomain": "labs.example.com",
        "controlPlane": pool("master", 3, kind, "m6i.xlarge"),
        "compute": [pool("worker", 2, kind, "m6i.large")],
        "networking": {
            "networkType": "OVNKubernetes",
            "machineNetwork": [{"cidr": "10.0.0.0/16"}],
            "clusterNetwork": [{"cidr": "10.128.0.0/14", "hostPrefix": 23}],
            "serviceNetwork": ["172.30.0.0/16"],
        },
        "publish": "Internal",
        "fips": True,
        "pullSecret": "{}",
        **more,
    }


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        (
            AWS,
            config("aws", platform={"aws": {"region": "us-east-1", "userTags": TAGS, "propagateUserTags": True}}),
        ),
        (
            IBM,
            config(
                "ibmcloud",
                platform={"ibmcloud": {"region": "us-south"}},
                sshKey="ssh-rsa x",
                credentialsMode="Manual",
            ),
        ),
    ],
)
def test_the_document(spec: ResolvedSpec, expected: dict[str, Any]) -> None:
    assert render_install_config(spec, IDENTITY, pull_secret="{}") == expected


@pytest.mark.parametrize(("length", "kept"), [(255, 255), (256, 256), (257, 256)])
def test_a_tags_value_is_cut_at_what_aws_takes(length: int, kept: int) -> None:
    assert user_tags(AWS.model_copy(update={"owner": "a" * length}), IDENTITY)["ocpctl:owner"] == "a" * kept


def test_the_file() -> None:
    assert as_text({"a": [1, "y"]}) == '{\n "a": [\n  1,\n  "y"\n ]\n}\n'
    for other in ("\N{LATIN SMALL LETTER E WITH ACUTE}", "\N{SNOWMAN}"):
        with pytest.raises(ValueError, match="only ASCII"):
            as_text({"a": other})


def test_the_control_plane_may_run_workloads() -> None:
    assert json.loads(scheduler_manifest()) == {
        "apiVersion": "config.openshift.io/v1",
        "kind": "Scheduler",
        "metadata": {"creationTimestamp": None, "name": "cluster"},
        "spec": {"mastersSchedulable": True, "policy": {"name": ""}},
        "status": {},
    }


def test_what_is_stored_is_what_is_read() -> None:
    assert '"costCenter":"cc"' in AWS.to_json()
    assert ResolvedSpec.from_json(AWS.to_json()) == AWS
