"""What gave a cluster its credentials is found, deleted with nothing of anybody else's, and its absence verified."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from moto.server import ThreadedMotoServer
from ocpctl_common.errors import CloudRefused
from ocpctl_common.providers.aws.orphans import AccountSearch
from ocpctl_common.providers.aws.resources import cloudfront
from ocpctl_common.providers.aws.resources.clients import Clients
from ocpctl_common.providers.aws.teardown import cluster_credentials, discovery, remaining, untagged_resources
from ocpctl_common.providers.cloud import Scope
from ocpctl_local.moto import access_identities

REGION = "us-west-2"
INFRA = "a-name-of-many-words-x7k2p"
OTHER = f"{INFRA}-4f8zq"  # another cluster, whose infra id begins with ours
LOST = "lost-b2f4z"  # the endpoint keeps the tags of buckets that are gone, for those of the same name
MARK = "openshift.io/cloud-credential-operator/"
ASSUME = json.dumps({"Version": "2012-10-17", "Statement": []})
POLICY = json.dumps(
    {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "ec2:Describe*", "Resource": "*"}]}
)
SCOPE = Scope(infra_id=INFRA, region=REGION, domain="one.labs.example.com")
SECRETS = (
    "openshift-cloud-credential-operator-cloud-credential-operator-iam-ro-creds",
    "openshift-image-registry-installer-cloud-credentials",
    "openshift-machine-api-aws-cloud-credentials",
)


@pytest.fixture(scope="module")
def clients() -> Iterator[Clients]:
    access_identities.install()
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_ENDPOINT_URL", f"http://{host}:{port}")
        made = Clients(boto3.Session(aws_access_key_id="test", aws_secret_access_key="test", region_name=REGION))
        plant_crowd(made)
        yield made
    server.stop()


def tags(infra: str) -> list[dict[str, str]]:
    return [{"Key": f"{MARK}{infra}", "Value": "owned"}, {"Key": "Name", "Value": infra}]


def plant_crowd(clients: Clients) -> None:
    """An account that others use: 300 roles, 60 identity providers, and all that a cluster with a longer name has."""
    iam = clients.get("iam", REGION)
    for number in range(300):
        iam.create_role(RoleName=f"a-role-of-others-{number:03}", AssumeRolePolicyDocument=ASSUME)
    for number in range(60):
        iam.create_open_id_connect_provider(Url=f"https://others-{number}.example.com", ThumbprintList=[])
    plant_all(clients, OTHER)
    plant_distribution(clients, OTHER)


def plant_all(clients: Clients, infra: str, *, tagged: bool = True) -> None:
    for secret in SECRETS:
        plant_role(clients, infra, secret)
    plant_provider(clients, infra, tagged=tagged)
    plant_bucket(clients, infra, tagged=tagged)


def plant_role(clients: Clients, infra: str, secret: str) -> str:
    iam, name = clients.get("iam", REGION), f"{infra}-{secret}"[:64]
    iam.create_role(RoleName=name, AssumeRolePolicyDocument=ASSUME, Tags=tags(infra))
    iam.put_role_policy(RoleName=name, PolicyName=name, PolicyDocument=POLICY)
    return name


def plant_provider(clients: Clients, infra: str, *, tagged: bool = True) -> str:
    iam, url = clients.get("iam", REGION), f"https://{infra}-oidc.s3.{REGION}.amazonaws.com"
    arn = str(iam.create_open_id_connect_provider(Url=url, ThumbprintList=[])["OpenIDConnectProviderArn"])
    if tagged:
        iam.tag_open_id_connect_provider(OpenIDConnectProviderArn=arn, Tags=tags(infra))
    return arn


def plant_bucket(clients: Clients, infra: str, *, tagged: bool = True) -> str:
    s3, name = clients.get("s3", REGION), f"{infra}-oidc"
    s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": REGION})
    if tagged:
        s3.put_bucket_tagging(Bucket=name, Tagging={"TagSet": tags(infra)})
    for key in ("keys.json", ".well-known/openid-configuration"):
        s3.put_object(Bucket=name, Key=key, Body=b"{}")
    return name


def plant_identity(clients: Clients, infra: str) -> str:
    config = {"CallerReference": infra, "Comment": f"{MARK}{infra}"}
    made = clients.get("cloudfront", REGION).create_cloud_front_origin_access_identity(
        CloudFrontOriginAccessIdentityConfig=config
    )
    return str(made["CloudFrontOriginAccessIdentity"]["Id"])


def plant_distribution(clients: Clients, infra: str) -> Any:
    """With an identity that reads the bucket for it."""
    reader = f"origin-access-identity/cloudfront/{plant_identity(clients, infra)}"
    config = {
        "CallerReference": infra,
        "Comment": f"{MARK}{infra}",
        "Enabled": True,
        "Origins": {
            "Quantity": 1,
            "Items": [
                {
                    "Id": infra,
                    "DomainName": f"{infra}-oidc.s3.{REGION}.amazonaws.com",
                    "S3OriginConfig": {"OriginAccessIdentity": reader},
                }
            ],
        },
        "DefaultCacheBehavior": {
            "TargetOriginId": infra,
            "ViewerProtocolPolicy": "https-only",
            "MinTTL": 0,
            "ForwardedValues": {"QueryString": False, "Cookies": {"Forward": "none"}},
        },
    }
    words = {"DistributionConfig": config, "Tags": {"Items": tags(infra)}}
    made = clients.get("cloudfront", REGION).create_distribution_with_tags(DistributionConfigWithTags=words)
    return made["Distribution"]


def found(clients: Clients, infra: str = INFRA) -> dict[str, list[str]]:
    scope = Scope(infra_id=infra, region=REGION, domain="one.labs.example.com")
    return {kind: sorted(names) for kind, names in remaining.find(clients, scope).items() if names}


def expected(infra: str) -> dict[str, list[str]]:
    return {
        "iam:role": sorted(f"{infra}-{secret}"[:64] for secret in SECRETS),
        "iam:oidc-provider": [f"arn:aws:iam::123456789012:oidc-provider/{infra}-oidc.s3.{REGION}.amazonaws.com"],
        "s3:bucket": [f"{infra}-oidc"],
    }


def delete(clients: Clients, check: Callable[[], None] = lambda: None) -> None:
    cluster_credentials.delete(clients, SCOPE, check)


@pytest.fixture
def planted(clients: Clients) -> Iterator[Clients]:
    yield clients
    delete(clients)
    assert found(clients) == {}
    rest = found(clients, OTHER)
    assert [len(rest.pop(f"cloudfront:{kind}")) for kind in ("distribution", "origin-access-identity")] == [1, 1]
    assert rest == expected(OTHER)


@pytest.mark.parametrize("tagged", [True, False])
def test_all_of_it_is_found_among_others(planted: Clients, *, tagged: bool) -> None:
    plant_all(planted, INFRA, tagged=tagged)
    assert found(planted) == expected(INFRA)


@pytest.mark.parametrize(
    "plant",
    [
        *((lambda clients, secret=secret: plant_role(clients, INFRA, secret)) for secret in SECRETS),
        lambda clients: plant_provider(clients, INFRA),
        lambda clients: plant_bucket(clients, INFRA),
        lambda clients: plant_identity(clients, INFRA),
    ],
)
def test_each_alone_is_found(planted: Clients, plant: Callable[[Clients], str]) -> None:
    name = plant(planted)
    assert [one for names in found(planted).values() for one in names] == [name]


@pytest.mark.parametrize("name", [INFRA, f"{INFRA}-oidc"])
def test_what_is_made_now_for_a_cluster_that_is_named_as_our_infra_id_is_its_own(planted: Clients, name: str) -> None:
    """It has no tag yet, and its name begins with ours."""
    theirs = f"{name}-9dvzq"
    arn, bucket = plant_provider(planted, theirs, tagged=False), plant_bucket(planted, theirs, tagged=False)
    assert found(planted) == {}
    untagged_resources.tag(planted, SCOPE, lambda: None)
    delete(planted)
    assert found(planted, theirs) == {"iam:oidc-provider": [arn], "s3:bucket": [bucket]}
    cluster_credentials.delete(planted, Scope(infra_id=theirs, region=REGION, domain=SCOPE.domain), lambda: None)
    assert found(planted, theirs) == {}


def test_a_private_bucket_has_cloudfront_before_it(planted: Clients) -> None:
    """The issuer's host is the distribution's: of an identity provider without a tag nothing else tells whose it is."""
    plant_bucket(planted, INFRA)
    made = plant_distribution(planted, INFRA)
    arn = planted.get("iam", REGION).create_open_id_connect_provider(
        Url=f"https://{made['DomainName']}", ThumbprintList=[]
    )["OpenIDConnectProviderArn"]
    remains = found(planted)
    assert len(remains.pop("cloudfront:origin-access-identity")) == 1
    assert remains == {
        "cloudfront:distribution": [made["Id"]],
        "iam:oidc-provider": [arn],
        "s3:bucket": [f"{INFRA}-oidc"],
    }


def test_an_identity_provider_that_iam_does_not_list_yet_goes_before_its_distribution(
    planted: Clients, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without the distribution nobody could tell whose it is."""
    url = f"https://{plant_distribution(planted, INFRA)['DomainName']}"
    iam = planted.get("iam", REGION)
    arn = iam.create_open_id_connect_provider(Url=url, ThumbprintList=[])["OpenIDConnectProviderArn"]
    with monkeypatch.context() as late:
        late.setattr("ocpctl_common.providers.aws.resources.iam.providers", lambda _: [])
        assert found(planted)["iam:oidc-provider"] == [arn]
        delete(planted)
    assert arn not in str(iam.list_open_id_connect_providers())


def test_a_distribution_is_disabled_before_it_is_deleted(planted: Clients, monkeypatch: pytest.MonkeyPatch) -> None:
    """AWS refuses to delete it otherwise, which the local endpoint does not."""
    calls = list[str]()
    planted.get("cloudfront", "us-east-1").meta.events.register(
        "before-call", lambda model, **_: calls.append(model.name)
    )
    monkeypatch.setattr(discovery, "POLL_SECONDS", 0)
    id_ = plant_distribution(planted, INFRA)["Id"]
    delete(planted)
    calls = [call for call in calls if call.startswith(("Update", "Delete"))]
    assert calls == ["UpdateDistribution", "DeleteDistribution", "DeleteCloudFrontOriginAccessIdentity"]
    assert id_ not in str(found(planted))


def test_where_there_is_no_cloudfront_nothing_is_asked(planted: Clients) -> None:
    assert not cloudfront.listed(planted, "us-gov-west-1")
    assert cloudfront.listed(planted, REGION)


def test_versions_of_the_documents_go_too(planted: Clients) -> None:
    name, s3 = plant_bucket(planted, INFRA), planted.get("s3", REGION)
    s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
    s3.put_object(Bucket=name, Key="keys.json", Body=b"[]")
    s3.delete_object(Bucket=name, Key="keys.json")


def test_a_bucket_whose_tags_are_lost_is_not_given_to_destroy_which_deletes_no_versions(planted: Clients) -> None:
    plant_bucket(planted, LOST, tagged=False)
    scope = Scope(infra_id=LOST, region=REGION, domain=SCOPE.domain)
    untagged_resources.tag(planted, scope, lambda: None)
    with pytest.raises(ClientError, match="NoSuchTagSet"):
        planted.get("s3", REGION).get_bucket_tagging(Bucket=f"{LOST}-oidc")
    cluster_credentials.delete(planted, scope, lambda: None)
    assert found(planted, LOST) == {}


def test_what_cannot_be_deleted_is_named_and_holds_up_nothing_else(planted: Clients) -> None:
    """Somebody has put one of the roles into an instance profile of their own."""
    plant_all(planted, INFRA)
    iam, role = planted.get("iam", REGION), expected(INFRA)["iam:role"][0]
    iam.create_instance_profile(InstanceProfileName="somebodys")
    iam.add_role_to_instance_profile(InstanceProfileName="somebodys", RoleName=role)
    with pytest.raises(CloudRefused) as refused:
        delete(planted)
    assert f"DeleteConflict for iam:role {role}" in refused.value.message
    assert found(planted) == {"iam:role": [role]}
    iam.remove_role_from_instance_profile(InstanceProfileName="somebodys", RoleName=role)
    iam.delete_instance_profile(InstanceProfileName="somebodys")


def test_what_is_tagged_by_others_is_named_and_not_deleted(planted: Clients) -> None:
    """Its name alone begins with our infra id."""
    iam, theirs = planted.get("iam", REGION), [{"Key": "team", "Value": "x"}]
    iam.create_role(RoleName=f"{INFRA}-app-of-team-x", AssumeRolePolicyDocument=ASSUME, Tags=theirs)
    url = f"https://{INFRA}-oidc.example.com/x"
    arn = iam.create_open_id_connect_provider(Url=url, ThumbprintList=[], Tags=theirs)["OpenIDConnectProviderArn"]
    delete(planted)
    assert found(planted) == {"iam:role": [f"{INFRA}-app-of-team-x"], "iam:oidc-provider": [arn]}
    iam.delete_role(RoleName=f"{INFRA}-app-of-team-x")
    iam.delete_open_id_connect_provider(OpenIDConnectProviderArn=arn)


def test_a_policy_that_somebody_has_attached_holds_nothing_up(planted: Clients) -> None:
    iam, name = planted.get("iam", REGION), plant_role(planted, INFRA, SECRETS[0])
    arn = iam.create_policy(PolicyName="somebodys", PolicyDocument=POLICY)["Policy"]["Arn"]
    iam.attach_role_policy(RoleName=name, PolicyArn=arn)


def test_nothing_is_deleted_when_the_lease_is_lost(planted: Clients) -> None:
    plant_all(planted, INFRA)

    def lost() -> None:
        raise RuntimeError("lost")

    with pytest.raises(RuntimeError):
        delete(planted, lost)
    assert found(planted) == expected(INFRA)


def test_it_goes_on_where_it_was_cut_off(planted: Clients) -> None:
    plant_all(planted, INFRA)
    before = len(json.dumps(found(planted)))
    calls: list[Any] = []

    def cut() -> None:
        calls.append(None)
        if len(calls) > 4:
            raise RuntimeError("cut off")

    with pytest.raises(RuntimeError):
        delete(planted, cut)
    assert 0 < len(json.dumps(found(planted))) < before


def test_the_search_for_orphans_sees_them(planted: Clients) -> None:
    plant_all(planted, INFRA)
    distribution = plant_distribution(planted, INFRA)
    search = AccountSearch(planted)
    ids = {one for region in ("us-east-1", REGION) for one in search.infra_ids(region)}
    seen = {
        one.arn
        for place in ("us-east-1", REGION)
        for one in search.resources("1", place, [INFRA])
        if one.infra_id == INFRA
    }
    assert INFRA in ids
    assert expected(INFRA)["iam:oidc-provider"][0] in seen
    assert f"arn:aws:s3:::{INFRA}-oidc" in seen
    assert distribution["ARN"] in seen
    assert any(":origin-access-identity/" in arn for arn in seen)
    assert sum(arn.startswith("arn:aws:iam::123456789012:role/") for arn in seen) == len(SECRETS)
