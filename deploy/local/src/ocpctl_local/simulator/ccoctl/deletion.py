"""`ccoctl aws delete`: finds by tag, so what lost its tag or never had one stays without a word."""

from collections.abc import Callable, Iterator
from typing import Any

from botocore.exceptions import ClientError

from ocpctl_local.simulator.ccoctl import private_bucket
from ocpctl_local.simulator.ccoctl.call import Call
from ocpctl_local.simulator.cloud import code_of, pages


def objects(call: Call) -> None:
    """Those of the first page that carry the tag themselves. Raises ClientError."""
    call.skip("objects", "S3: ListObjects")
    for item in call.cloud.s3.list_objects(Bucket=call.bucket).get("Contents", []):
        tags = call.cloud.s3.get_object_tagging(Bucket=call.bucket, Key=item["Key"])["TagSet"]
        if call.owns(tags):
            call.do("s3", "DeleteObject", Bucket=call.bucket, Key=item["Key"])
            call.say(f"Identity Provider object {item['Key']} deleted from the bucket {call.bucket}")
            call.reached("delete-objects", deleted=f"object {call.bucket}/{item['Key']}")


def bucket(call: Call) -> None:
    """Raises ClientError."""
    call.skip("bucket", "S3: GetBucketTagging")
    try:
        tags = call.cloud.s3.get_bucket_tagging(Bucket=call.bucket)["TagSet"]
    except ClientError as error:
        if code_of(error) != "NoSuchTagSet":
            raise
        tags = []
    if call.owns(tags):
        call.do("s3", "DeleteBucket", Bucket=call.bucket)
        call.say(f"Identity Provider bucket {call.bucket} deleted")
        call.reached("delete-bucket", deleted=f"bucket {call.bucket}")


def roles(call: Call) -> None:
    """Asks for every role of the account; one that vanishes meanwhile ends the step. Raises ClientError."""
    call.skip("roles", "IAM: ListRoles")
    number = 0
    for name in _role_names(call):
        role = call.cloud.iam.get_role(RoleName=name)["Role"]
        if call.owns(role.get("Tags", [])):
            number += 1
            _role(call, name, number)


def _role_names(call: Call) -> list[str]:
    if call.knobs.ccoctl_old:
        found: list[Any] = call.cloud.iam.list_roles()["Roles"]
    else:
        found = pages(call.cloud.iam, "list_roles", "Roles")
    return [role["RoleName"] for role in found]


def _role(call: Call, name: str, number: int) -> None:
    for policy in pages(call.cloud.iam, "list_role_policies", "PolicyNames", RoleName=name):
        call.do("iam", "DeleteRolePolicy", RoleName=name, PolicyName=policy)
        call.say(f"Policy {policy} associated with IAM Role {name} deleted")
    call.do("iam", "DeleteRole", RoleName=name)
    call.say(f"IAM Role {name} deleted")
    call.reached(f"delete-role-{number}", deleted=f"role {name}")


def provider(call: Call) -> None:
    """Raises ClientError."""
    call.skip("provider", "IAM: ListOpenIDConnectProviders")
    for arn in _providers(call):
        call.do("iam", "DeleteOpenIDConnectProvider", OpenIDConnectProviderArn=arn)
        call.say(f"Identity Provider with ARN {arn} deleted")
        call.reached("delete-provider", deleted=f"provider {arn}")


def _providers(call: Call) -> Iterator[str]:
    iam = call.cloud.iam
    for item in iam.list_open_id_connect_providers()["OpenIDConnectProviderList"]:
        if call.owns(iam.get_open_id_connect_provider(OpenIDConnectProviderArn=item["Arn"]).get("Tags", [])):
            yield item["Arn"]


STEPS: tuple[Callable[[Call], None], ...] = (
    objects,
    bucket,
    roles,
    provider,
    private_bucket.delete_distribution,
    private_bucket.delete_identity,
)
