"""The simulated installer makes what a real cluster makes, and its destroy takes all of that and nothing else."""

import re
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
from ocpctl_common.providers.aws.teardown import remaining, untagged_resources
from ocpctl_common.providers.cloud import Scope
from ocpctl_local.moto import aws, inventory
from ocpctl_local.moto.corrections import FOREIGN
from ocpctl_local.simulator import deletion, knobs, network
from ocpctl_local.simulator.files import State
from ocpctl_local.simulator.knobs import Knobs

from tests.integration import aws_endpoint
from tests.integration.aws_endpoint import Endpoint
from tests.waiting import wait_for

LONG = "team-a-long-name-01-x2b4c"  # longer than what the credential operator keeps of it
NEIGHBOURS = 62  # load balancers; a page holds 50
# What a ready cluster has at least, by the words of the inventory.
MADE = {
    "vpc": 1,
    "subnet": 2,
    "security-group": 4,
    "internet-gateway": 1,
    "nat-gateway": 1,
    "address": 1,
    "route-table": 1,
    "vpc-endpoint": 1,
    "instance": 5,
    "volume": 1,
    "snapshot": 1,
    "load-balancer": 3,
    "classic-load-balancer": 1,
    "target-group": 4,
    "role": 2,
    "instance-profile": 2,
    "user": 1,
    "bucket": 1,
    "zone": 1,
    "record": 2,
}
# What can be left alone while everything else goes: nothing else hangs on it.
SEPARABLE = {
    "elasticloadbalancing:classic": "elasticloadbalancing:classic",
    "elasticloadbalancing:network": "elasticloadbalancing:loadbalancer",
    "elasticloadbalancing:targetgroup": "elasticloadbalancing:targetgroup",
    "route53:hostedzone": "route53:hosted-zone",
    "iam:user": "iam:user",
    "s3:bucket": "s3:bucket",
    "ec2:snapshot": "ec2:snapshot",
    "ec2:volume": "ec2:volume",
    "ec2:elastic-ip": "ec2:address",
    "ec2:vpc": "ec2:vpc",
}


@pytest.fixture(scope="module")
def endpoint(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Endpoint]:
    with pytest.MonkeyPatch.context() as patch, aws_endpoint.endpoint(tmp_path_factory.mktemp("aws"), patch) as made:
        yield made


def kinds(endpoint: Endpoint, infra_id: str) -> dict[str, int]:
    found = [thing.kind for thing in inventory.things(endpoint) if thing.infra_id == infra_id]
    return {kind: found.count(kind) for kind in found}


def left(endpoint: Endpoint, one: State, *, name_used_since: bool = False) -> dict[str, list[str]]:
    """What the product's look says."""
    scope = Scope(
        infra_id=one.infra_id,
        region=one.region,
        domain=f"{one.name}.{one.base_domain}",
        cluster_uuid=one.cluster_uuid,
        name_used_since=name_used_since,
    )
    return {kind: ids for kind, ids in remaining.find(endpoint.clients, scope).items() if ids}


def test_a_cluster_is_made_found_and_gone(endpoint: Endpoint) -> None:
    """Beside a neighbour whose infra id begins with the same twenty characters, and a page full of load balancers."""
    one, other = (
        aws_endpoint.state("team-a-long-name-01", LONG),
        aws_endpoint.state("team-a-long-name-01b", f"{LONG[:20]}b-z2z4z"),
    )
    aws_endpoint.create(one, Knobs(legacy_tags=True))
    aws_endpoint.create(other)
    _crowd(endpoint)
    before = kinds(endpoint, other.infra_id)
    made = kinds(endpoint, LONG)
    assert {kind: made.get(kind, 0) for kind in MADE} == MADE | {"volume": 2}
    assert "iam:user" in left(endpoint, one)
    log = aws_endpoint.destroy(one)
    assert kinds(endpoint, LONG) == {}
    assert left(endpoint, one) == {}
    assert kinds(endpoint, other.infra_id) == before
    assert not any(thing.is_of("team-a-long-name-01.") for thing in inventory.things(endpoint))
    assert "Released id=eipalloc-" in log
    aws_endpoint.destroy(other)


def _crowd(endpoint: Endpoint) -> None:
    """Load balancers of other clusters, in a VPC of their own."""
    ec2, elbv2 = endpoint.client("ec2"), endpoint.client("elbv2")
    vpc = ec2.create_vpc(CidrBlock="10.9.0.0/16")["Vpc"]["VpcId"]
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.9.0.0/20")["Subnet"]["SubnetId"]
    for number in range(NEIGHBOURS):
        tags = [{"Key": "kubernetes.io/cluster/crowd-c2c4c", "Value": "owned"}]
        elbv2.create_load_balancer(Name=f"a-crowd-{number:02d}", Subnets=[subnet], Type="network", Tags=tags)


def test_clusters_of_one_moment_get_load_balancers_too(endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch) -> None:
    """The provider names target groups by the time; what it cannot have it tries again a moment later."""
    moments = iter([1795676681.0] * 12)
    monkeypatch.setattr(network, "time", SimpleNamespace(time=lambda: next(moments, time.time()), sleep=time.sleep))
    for name in ("a", "b"):
        one = aws_endpoint.state(name, f"moment-{name}-11111")
        aws_endpoint.create(one, last="access")
        assert kinds(endpoint, one.infra_id)["target-group"] == 3
        aws_endpoint.destroy(one)


def test_another_destroy_of_an_older_attempt_takes_nothing_of_the_next_one(endpoint: Endpoint) -> None:
    first, second = aws_endpoint.state("again", "again-x2b4c"), aws_endpoint.state("again", "again-y2b4c")
    aws_endpoint.create(first)
    aws_endpoint.destroy(first)
    aws_endpoint.create(second)
    before = kinds(endpoint, second.infra_id)
    assert before["record"] == 2
    aws_endpoint.destroy(first)
    assert kinds(endpoint, second.infra_id) == before
    assert left(endpoint, first, name_used_since=True) == {}
    aws_endpoint.destroy(second)


@pytest.mark.parametrize("last", ["network", "access", "control-plane"])
def test_what_an_unfinished_create_has_made_goes(endpoint: Endpoint, last: str) -> None:
    one = aws_endpoint.state(f"half-{last}", f"half-{last}-x2b4c"[-27:])
    aws_endpoint.create(one, last=last)
    assert kinds(endpoint, one.infra_id)
    aws_endpoint.destroy(one)
    assert kinds(endpoint, one.infra_id) == {}
    assert left(endpoint, one) == {}


def test_whatever_a_destroy_leaves_is_seen(endpoint: Endpoint) -> None:
    """One cluster: first nothing but these types is left, then they go type by type, each seen until its turn."""
    one = aws_endpoint.state("leaves", "leaves-x2b4c")
    aws_endpoint.create(one)
    remaining = list(SEPARABLE)
    while remaining:
        aws_endpoint.destroy(one, Knobs(time_scale=0, leave=tuple(remaining)))
        seen = left(endpoint, one)
        assert {SEPARABLE[kind] for kind in remaining} <= set(seen), remaining
        assert kinds(endpoint, one.infra_id)
        remaining.pop(0)
    aws_endpoint.destroy(one)
    assert left(endpoint, one) == {}


def test_somebody_elses_interface_keeps_the_network_and_the_log_says_so(endpoint: Endpoint, tmp_path: Path) -> None:
    one = aws_endpoint.state("blocked", "blocked-x2b4c")
    aws_endpoint.create(one, Knobs(block_vpc=True))
    log = tmp_path / ".openshift_install.log"
    work = threading.Thread(target=aws_endpoint.destroy, args=(one,), kwargs={"folder": tmp_path})
    work.start()
    wait_for(lambda: log.exists() and "is currently in use" in log.read_text(), what="the refusal")
    assert kinds(endpoint, one.infra_id).keys() >= {"vpc", "subnet"}
    _free(endpoint, one.infra_id)
    work.join()
    assert kinds(endpoint, one.infra_id) == {}
    assert re.search(
        r'level=debug msg="operation error EC2: DeleteSubnet.*DependencyViolation.*" arn="arn:', log.read_text()
    )


def _free(endpoint: Endpoint, infra_id: str) -> None:
    """What a person does: the interface's owner lets go of it."""
    ec2 = endpoint.client("ec2")
    [vpc] = [thing.name for thing in inventory.things(endpoint) if thing.infra_id == infra_id and thing.kind == "vpc"]
    filters = [{"Name": "vpc-id", "Values": [vpc]}]
    for interface in ec2.describe_network_interfaces(Filters=filters)["NetworkInterfaces"]:
        if interface["Description"].startswith(FOREIGN):
            id_ = interface["NetworkInterfaceId"]
            ec2.modify_network_interface_attribute(NetworkInterfaceId=id_, Description={"Value": "free"})


def test_the_tagging_api_loses_nothing_while_others_create(endpoint: Endpoint) -> None:
    """Two pages and more; between them somebody makes a volume and a network."""
    ec2, tagging = endpoint.client("ec2"), endpoint.client("resourcegroupstaggingapi")
    tags = [{"Key": "paged", "Value": "yes"}]
    wanted = {
        ec2.create_volume(
            Size=1, AvailabilityZone=f"{aws.REGION}a", TagSpecifications=[{"ResourceType": "volume", "Tags": tags}]
        )["VolumeId"]
        for _ in range(12)
    }
    found: list[str] = []
    token = ""
    while True:
        page = tagging.get_resources(TagFilters=[{"Key": "paged"}], ResourcesPerPage=5, PaginationToken=token)
        found += [item["ResourceARN"].rpartition("/")[2] for item in page["ResourceTagMappingList"]]
        ec2.create_volume(Size=1, AvailabilityZone=f"{aws.REGION}a")
        token = page.get("PaginationToken", "")
        if not token:
            break
    assert set(found) == wanted


def test_the_knob_knows_every_type_that_destroy_deletes() -> None:
    assert set(knobs.KINDS) == set(deletion.DELETES) | {"ec2:instance"}
    with pytest.raises(ValueError, match="unknown kinds"):
        knobs.parse({"default": {"leave": ["ec2:moon"]}}, "")


def test_a_zone_and_a_bucket_whose_maker_was_killed_before_it_tagged_them_go_too(endpoint: Endpoint) -> None:
    one = aws_endpoint.state("untagged", "untagged-x2b4c")
    aws_endpoint.create(one)
    route53 = endpoint.client("route53")
    [zone] = [
        item["Id"].rpartition("/")[2]
        for item in route53.list_hosted_zones()["HostedZones"]
        if "untagged" in item["Name"]
    ]
    told = route53.list_tags_for_resource(ResourceType="hostedzone", ResourceId=zone)["ResourceTagSet"]["Tags"]
    keys = [tag["Key"] for tag in told]
    route53.change_tags_for_resource(ResourceType="hostedzone", ResourceId=zone, RemoveTagKeys=keys)
    s3 = endpoint.client("s3")
    [bucket] = [item["Name"] for item in s3.list_buckets()["Buckets"] if item["Name"].startswith(one.infra_id)]
    s3.delete_bucket_tagging(Bucket=bucket)
    aws_endpoint.destroy(one)
    remains = left(endpoint, one)
    assert (remains["route53:hosted-zone"], remains["s3:bucket"]) == ([zone], [bucket]), "the control"
    scope = Scope(infra_id=one.infra_id, region=aws.REGION, domain=f"untagged.{aws.BASE_DOMAIN}")
    untagged_resources.tag(endpoint.clients, scope, lambda: None)
    aws_endpoint.destroy(one)
    assert left(endpoint, one) == {}
