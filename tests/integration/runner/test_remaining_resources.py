"""A verification finds everything of the attempt and nothing of anybody else, at a local AWS endpoint."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import boto3
import pytest
from moto.server import ThreadedMotoServer
from ocpctl_common.providers.aws.orphans import AccountSearch
from ocpctl_common.providers.aws.resources.clients import Clients
from ocpctl_common.providers.aws.teardown import remaining
from ocpctl_common.providers.cloud import Scope
from ocpctl_local.moto import access_identities

REGION = "us-west-2"
BASE = "labs.example.com"
INFRA = "a-name-of-many-words-x7k2p"  # 26 characters: longer than what the credential operator keeps of it
UUID = "0b9f5e6c-6f0e-4d1c-8d8a-0a1b2c3d4e5f"
ROUTER = "a0123456789abcdef0123456789abcde"
ASSUME = json.dumps({"Version": "2012-10-17", "Statement": []})
MARK, CAPA = "kubernetes.io/cluster/", "sigs.k8s.io/cluster-api-provider-aws/cluster/"


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    access_identities.install()
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


class Cloud:
    """Plants things as clusters do."""

    def __init__(self, clients: Clients) -> None:
        self.clients = clients

    def __getattr__(self, service: str) -> Any:
        return self.clients.get(service, REGION)

    def vpc(self, infra: str) -> str:
        answer = self.ec2.create_vpc(CidrBlock="10.0.0.0/16", TagSpecifications=spec("vpc", infra))
        return str(answer["Vpc"]["VpcId"])

    def subnet(self, infra: str, vpc: str) -> str:
        answer = self.ec2.create_subnet(VpcId=vpc, CidrBlock="10.0.0.0/20", TagSpecifications=spec("subnet", infra))
        return str(answer["Subnet"]["SubnetId"])

    def balancer(self, name: str, subnet: str, tags: list[dict[str, str]]) -> Any:
        answer = self.elbv2.create_load_balancer(
            Name=name, Subnets=[subnet], Type="network", **({"Tags": tags} if tags else {})
        )
        return answer["LoadBalancers"][0]

    def zone(self, name: str, vpc: str = "", reference: str = "") -> str:
        private = {"VPC": {"VPCRegion": REGION, "VPCId": vpc}, "HostedZoneConfig": {"PrivateZone": True}}
        reference = reference or f"{name}{vpc}"
        answer = self.route53.create_hosted_zone(Name=name, CallerReference=reference, **(private if vpc else {}))
        return str(answer["HostedZone"]["Id"]).rpartition("/")[2]

    def record(self, zone: str, name: str, kind: str = "A", **goal: Any) -> None:
        record = {"Name": name, "Type": kind, **goal}
        changes = [{"Action": "UPSERT", "ResourceRecordSet": record}]
        self.route53.change_resource_record_sets(HostedZoneId=zone, ChangeBatch={"Changes": changes})

    def bucket(self, name: str, tags: list[dict[str, str]] | None = None) -> None:
        self.s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": REGION})
        if tags:
            self.s3.put_bucket_tagging(Bucket=name, Tagging={"TagSet": tags})


@pytest.fixture(scope="module")
def clients() -> Clients:
    """Made once: to read the descriptions of all services takes longer than most tests here."""
    return Clients(boto3.Session(aws_access_key_id="test", aws_secret_access_key="test", region_name=REGION))


@pytest.fixture
def cloud(endpoint: str, clients: Clients, monkeypatch: pytest.MonkeyPatch) -> Cloud:
    monkeypatch.setenv("AWS_ENDPOINT_URL", endpoint)
    import urllib.request  # noqa: PLC0415

    urllib.request.urlopen(urllib.request.Request(f"{endpoint}/moto-api/reset", method="POST"))  # noqa: S310
    return Cloud(clients)


def owned(infra: str) -> list[dict[str, str]]:
    return [{"Key": f"{MARK}{infra}", "Value": "owned"}]


def spec(kind: str, infra: str) -> list[dict[str, Any]]:
    return [{"ResourceType": kind, "Tags": owned(infra)}]


def target(infra: str = INFRA, *, name: str = "one", uuid: str = "", used: bool = False) -> Scope:
    return Scope(infra_id=infra, region=REGION, domain=f"{name}.{BASE}", cluster_uuid=uuid, name_used_since=used)


def find(cloud: Cloud, scope: Scope) -> dict[str, list[str]]:
    return {kind: names for kind, names in remaining.find(cloud.clients, scope).items() if names}


def alias(balancer: Any) -> dict[str, Any]:
    goal = {"HostedZoneId": "Z1", "DNSName": balancer["DNSName"], "EvaluateTargetHealth": False}
    return {"AliasTarget": goal}


def plant_bootstrap(cloud: Cloud) -> tuple[str, str]:
    name = f"openshift-bootstrap-data-{INFRA}"
    cloud.bucket(name, owned(INFRA))
    return "s3:bucket", name


def plant_untagged_bootstrap(cloud: Cloud) -> tuple[str, str]:
    name = f"openshift-bootstrap-data-{INFRA}"
    cloud.bucket(name)
    return "s3:bucket", name


def plant_registry(cloud: Cloud) -> tuple[str, str]:
    name = f"{INFRA}-image-registry-{REGION}-abcdefghij"
    cloud.bucket(name, owned(INFRA))
    return "s3:bucket", name


def plant_api_targets(cloud: Cloud) -> tuple[str, str]:
    return plant_targets(cloud, "apiserver-target-1732522800")


def plant_service_targets(cloud: Cloud) -> tuple[str, str]:
    return plant_targets(cloud, "k8s-openshif-routerde-0123456789")


def plant_targets(cloud: Cloud, name: str) -> tuple[str, str]:
    vpc = cloud.ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    answer = cloud.elbv2.create_target_group(
        Name=name, Protocol="TCP", Port=6443, VpcId=vpc, Tags=[{"Key": f"{CAPA}{INFRA}", "Value": "owned"}]
    )
    return "elasticloadbalancing:targetgroup", answer["TargetGroups"][0]["TargetGroupArn"]


def plant_router(cloud: Cloud) -> tuple[str, str]:
    listeners = [{"Protocol": "TCP", "LoadBalancerPort": 443, "InstancePort": 30443}]
    cloud.elb.create_load_balancer(
        LoadBalancerName=ROUTER, Listeners=listeners, AvailabilityZones=[f"{REGION}a"], Tags=owned(INFRA)
    )
    return "elasticloadbalancing:classic", ROUTER


def plant_network_router(cloud: Cloud) -> tuple[str, str]:
    vpc = cloud.ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    made = cloud.balancer(ROUTER, cloud.subnet("another-11111", vpc), owned(INFRA))
    return "elasticloadbalancing:loadbalancer", made["LoadBalancerArn"]


def plant_user(cloud: Cloud) -> tuple[str, str]:
    name = f"{INFRA[:20]}-openshift-machine-api-aws-abc12"
    cloud.iam.create_user(UserName=name, Tags=owned(INFRA))
    cloud.iam.create_access_key(UserName=name)
    return "iam:user", name


def plant_role(cloud: Cloud) -> tuple[str, str]:
    name = f"{INFRA}-master-role"
    cloud.iam.create_role(RoleName=name, AssumeRolePolicyDocument=ASSUME)
    return "iam:role", name


def plant_profile(cloud: Cloud) -> tuple[str, str]:
    name = f"{INFRA}-master-profile"
    cloud.iam.create_instance_profile(InstanceProfileName=name)
    return "iam:instance-profile", name


def plant_uuid_volume(cloud: Cloud) -> tuple[str, str]:
    tags = [{"ResourceType": "volume", "Tags": [{"Key": "openshiftClusterID", "Value": UUID}]}]
    made = cloud.ec2.create_volume(Size=1, AvailabilityZone=f"{REGION}a", TagSpecifications=tags)
    return "ec2:volume", made["VolumeId"]


def plant_snapshot(cloud: Cloud) -> tuple[str, str]:
    volume = cloud.ec2.create_volume(Size=1, AvailabilityZone=f"{REGION}a")["VolumeId"]
    made = cloud.ec2.create_snapshot(VolumeId=volume, TagSpecifications=spec("snapshot", INFRA))
    return "ec2:snapshot", made["SnapshotId"]


def plant_capa_address(cloud: Cloud) -> tuple[str, str]:
    tags = [{"ResourceType": "elastic-ip", "Tags": [{"Key": f"{CAPA}{INFRA}", "Value": "owned"}]}]
    return "ec2:address", cloud.ec2.allocate_address(Domain="vpc", TagSpecifications=tags)["AllocationId"]


def plant_template(cloud: Cloud) -> tuple[str, str]:
    made = cloud.ec2.create_launch_template(
        LaunchTemplateName="any",
        LaunchTemplateData={"InstanceType": "m5.large"},
        TagSpecifications=spec("launch-template", INFRA),
    )
    return "ec2:launch-template", made["LaunchTemplate"]["LaunchTemplateId"]


def plant_files(cloud: Cloud) -> tuple[str, str]:
    made = cloud.efs.create_file_system(CreationToken="one", Tags=owned(INFRA))
    return "efs:file-system", made["FileSystemId"]


def plant_unknown(cloud: Cloud) -> tuple[str, str]:
    """A type that nobody knows: taken for real."""
    made = cloud.sqs.create_queue(QueueName="any", tags={f"{MARK}{INFRA}": "owned"})
    arn = cloud.sqs.get_queue_attributes(QueueUrl=made["QueueUrl"], AttributeNames=["QueueArn"])
    return "tagging:other", arn["Attributes"]["QueueArn"]


@pytest.mark.parametrize(
    "plant",
    [
        plant_bootstrap,
        plant_untagged_bootstrap,
        plant_registry,
        plant_api_targets,
        plant_service_targets,
        plant_router,
        plant_network_router,
        plant_user,
        plant_role,
        plant_profile,
        plant_uuid_volume,
        plant_snapshot,
        plant_capa_address,
        plant_template,
        plant_files,
        plant_unknown,
    ],
    ids=lambda plant: plant.__name__.removeprefix("plant_"),
)
def test_what_a_cluster_makes_is_found(cloud: Cloud, plant: Callable[[Cloud], tuple[str, str]]) -> None:
    """moto's tagging API knows neither addresses, launch templates, zones nor IAM: other sources must find them."""
    kind, name = plant(cloud)
    assert find(cloud, target(uuid=UUID)) == {kind: [name]}
    assert find(cloud, target("another-11111", name="two", uuid="another")).get(kind, []) == []


def test_a_vpc_names_what_keeps_it(cloud: Cloud) -> None:
    vpc = cloud.vpc(INFRA)
    subnet = cloud.subnet(INFRA, vpc)
    group = cloud.ec2.create_security_group(GroupName="left", Description="left", VpcId=vpc)["GroupId"]
    card = cloud.ec2.create_network_interface(SubnetId=subnet)["NetworkInterface"]["NetworkInterfaceId"]
    made = cloud.balancer("a-service-of-nobody", subnet, [])
    assert find(cloud, target()) == {
        "ec2:vpc": [vpc],
        "ec2:subnet": [subnet],
        "ec2:security-group": [f"{group} (not tagged, in the cluster's VPC)"],
        "ec2:network-interface": [f"{card} (not tagged, in the cluster's VPC)"],
        "elasticloadbalancing:loadbalancer": [made["LoadBalancerArn"]],
    }


def test_what_tags_list_after_its_death_is_no_find(cloud: Cloud) -> None:
    made = cloud.ec2.run_instances(
        ImageId="ami-12c6146b", MinCount=1, MaxCount=1, TagSpecifications=spec("instance", INFRA)
    )
    ids = [made["Instances"][0]["InstanceId"]]
    assert find(cloud, target()) == {"ec2:instance": ids}
    cloud.ec2.terminate_instances(InstanceIds=ids)
    told = cloud.ec2.describe_tags(Filters=[{"Name": "resource-id", "Values": ids}])["Tags"]
    assert told, "the tags are still listed"
    assert find(cloud, target()) == {}


def test_a_name_that_begins_with_the_infra_id_is_not_enough(cloud: Cloud) -> None:
    """The infra id of a cluster that is named `one-abcde` begins with the one of a cluster that is named `one`."""
    longer = "one-abcde-fghij"
    cloud.bucket(f"{longer}-image-registry", owned(longer))
    cloud.iam.create_role(RoleName=f"{longer}-master-role", AssumeRolePolicyDocument=ASSUME, Tags=owned(longer))
    assert find(cloud, target("one-abcde")) == {}
    assert len(find(cloud, target(longer))) == 2


def plant_dns(cloud: Cloud, infra: str, public: str, name: str = "one") -> str:
    """A working cluster's zone and records; returns its private zone."""
    vpc = cloud.vpc(infra)
    subnet = cloud.subnet(infra, vpc)
    api = cloud.balancer(f"{infra}-ext", subnet, owned(infra))
    router = cloud.balancer(f"a{infra.encode().hex():0>31}"[-32:].replace("0", "a", 1), subnet, owned(infra))
    zone = cloud.zone(f"{name}.{BASE}", vpc)
    cloud.route53.change_tags_for_resource(ResourceType="hostedzone", ResourceId=zone, AddTags=owned(infra))
    for place in (zone, public):
        cloud.record(place, f"api.{name}.{BASE}", **alias(api))
        cloud.record(place, f"*.apps.{name}.{BASE}", **alias(router))
    return zone


@pytest.mark.parametrize("used", [True, False])
def test_dns_of_the_cluster_that_has_the_name_now_is_not_an_older_attempts(cloud: Cloud, *, used: bool) -> None:
    """An older attempt of the same cluster, or of another one; also while the scheduler knows no better."""
    plant_dns(cloud, "one-22222", cloud.zone(BASE))
    assert find(cloud, target("one-11111", used=used)) == {}


def test_dns_of_the_attempt_itself_is_found(cloud: Cloud) -> None:
    public = cloud.zone(BASE)
    zone = plant_dns(cloud, "one-22222", public)
    found = find(cloud, target("one-22222", used=True))
    assert found["route53:hosted-zone"] == [zone]
    assert sorted(found["route53:record"]) == ["*.apps.one.labs.example.com A", "api.one.labs.example.com A"]


def test_a_zone_without_tags_is_known_by_its_vpc(cloud: Cloud) -> None:
    vpc = cloud.vpc(INFRA)
    zone = cloud.zone(f"one.{BASE}", vpc)
    other = cloud.zone(f"one.{BASE}", cloud.vpc("one-22222"))
    assert find(cloud, target())["route53:hosted-zone"] == [zone]
    assert find(cloud, target("one-22222"))["route53:hosted-zone"] == [other]
    assert "route53:hosted-zone" not in find(cloud, target("one-33333"))


def test_a_zone_that_was_never_tagged_is_told_by_its_makers_reference(cloud: Cloud) -> None:
    """Its VPC is gone, or somebody else's; a tag of another cluster says more than the reference."""
    elsewhere = cloud.vpc("two-99999")
    mine = cloud.zone(f"one.{BASE}", elsewhere, "one-22222-x1y2z")
    tagged = cloud.zone(f"one.{BASE}", elsewhere, "one-22222-again")
    marks = [{"Key": "kubernetes.io/cluster/one-33333", "Value": "owned"}]
    cloud.route53.change_tags_for_resource(ResourceType="hostedzone", ResourceId=tagged, AddTags=marks)
    assert find(cloud, target("one-22222"))["route53:hosted-zone"] == [mine]
    assert find(cloud, target("one-33333"))["route53:hosted-zone"] == [tagged]
    assert "route53:hosted-zone" not in find(cloud, target("one-2222"))


@pytest.mark.parametrize(
    ("kind", "goal"),
    [
        ("A", {"TTL": 60, "ResourceRecords": [{"Value": "192.0.2.1"}]}),
        ("TXT", {"TTL": 60, "ResourceRecords": [{"Value": '"owner"'}]}),
        ("CNAME", {"TTL": 60, "ResourceRecords": [{"Value": f"{ROUTER}-1.{REGION}.elb.amazonaws.com"}]}),
    ],
)
def test_a_record_that_tells_nothing_belongs_to_the_last_user_of_the_name(
    cloud: Cloud, kind: str, goal: dict[str, Any]
) -> None:
    cloud.record(cloud.zone(BASE), f"api.one.{BASE}", kind, **goal)
    assert find(cloud, target()) == {"route53:record": [f"api.one.{BASE} {kind}"]}
    assert find(cloud, target(used=True)) == {}


@pytest.mark.parametrize(
    ("name", "kind", "value"),
    [
        ("blog.one", "A", "203.0.113.9"),
        ("_acme-challenge.one", "TXT", '"x"'),
        ("shop.apps.one", "CNAME", "shop.example.net"),
        ("one", "MX", "10 mail.example.net"),
    ],
)
def test_what_people_put_under_the_name_is_theirs(cloud: Cloud, name: str, kind: str, value: str) -> None:
    """No cluster makes a record under these names; nobody else used the cluster's name."""
    cloud.record(cloud.zone(BASE), f"{name}.{BASE}", kind, TTL=60, ResourceRecords=[{"Value": value}])
    assert find(cloud, target()) == {}


def test_a_record_to_a_dead_api_balancer_is_told_by_its_name(cloud: Cloud) -> None:
    dead = {"DNSName": f"{INFRA}-ext-0123456789abcdef.elb.{REGION}.amazonaws.com"}
    cloud.record(cloud.zone(BASE), f"api.one.{BASE}", **alias(dead))
    assert find(cloud, target(used=True)) == {"route53:record": [f"api.one.{BASE} A"]}


def test_a_record_to_an_address_belongs_to_whom_the_address_belongs(cloud: Cloud) -> None:
    made = cloud.ec2.allocate_address(Domain="vpc", TagSpecifications=spec("elastic-ip", "one-22222"))
    goal: dict[str, Any] = {"TTL": 60, "ResourceRecords": [{"Value": made["PublicIp"]}]}
    cloud.record(cloud.zone(BASE), f"api.one.{BASE}", **goal)
    assert find(cloud, target("one-11111")) == {}
    assert find(cloud, target("one-22222", used=True))["route53:record"] == [f"api.one.{BASE} A"]


LIVING = 60


def plant_cluster(cloud: Cloud, number: int, public: str) -> str:
    """A small part of a cluster, of every source: tags, names, IAM, DNS."""
    infra, name = f"living-{number:02}-{number:05}", f"living-{number:02}"
    plant_dns(cloud, infra, public, name)
    for _ in range(3):
        cloud.ec2.create_volume(Size=1, AvailabilityZone=f"{REGION}a", TagSpecifications=spec("volume", infra))
    cloud.bucket(f"openshift-bootstrap-data-{infra}", owned(infra))
    cloud.iam.create_user(UserName=f"{infra[:20]}-ingress-abc12", Tags=owned(infra))
    return infra


def test_among_sixty_living_clusters_each_look_sees_its_own_only(cloud: Cloud) -> None:
    """More than a page of everything: 120 load balancers and records, 180 volumes, 60 zones, users and buckets."""
    public = cloud.zone(BASE)
    infras = [plant_cluster(cloud, number, public) for number in range(LIVING)]
    for number in (0, 31, LIVING - 1):
        older = target(f"living-{number:02}-aaaaa", name=f"living-{number:02}", used=bool(number % 2))
        assert find(cloud, older) == {}, "an older attempt under the same name"
    for number in (0, 31, LIVING - 1):
        found = find(cloud, target(infras[number], name=f"living-{number:02}"))
        assert {kind: len(names) for kind, names in found.items()} == {
            "ec2:vpc": 1,
            "ec2:subnet": 1,
            "ec2:volume": 3,
            "elasticloadbalancing:loadbalancer": 2,
            "iam:user": 1,
            "route53:hosted-zone": 1,
            "route53:record": 2,
            "s3:bucket": 1,
        }


def test_the_sweep_for_orphans_reads_what_the_tagging_api_does_not_know(cloud: Cloud) -> None:
    address, user = plant_capa_address(cloud)[1], plant_user(cloud)[1]
    search = AccountSearch(cloud.clients)
    assert {"us-east-1", "eu-north-1", REGION} <= set(search.regions())
    seen = [one for region in (REGION, "us-east-1") for one in search.resources("123456789012", region, [])]
    assert {one.thing.id for one in seen if one.infra_id == INFRA} == {address, user}
    assert all(search.exists(one) for one in seen)
    cloud.ec2.release_address(AllocationId=address)
    assert [one.thing.id for one in seen if not search.exists(one)] == [address]
