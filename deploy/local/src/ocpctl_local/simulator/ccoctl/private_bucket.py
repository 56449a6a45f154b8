"""A bucket that only CloudFront reads: an identity for it, and the distribution whose name the issuer gets."""

import json
from typing import Any

from ocpctl_local.simulator.ccoctl.call import Call

PAUSE_SECONDS = 1.0  # the real one waits 30
ACCESS = ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets")
IDENTITY = "CloudFrontOriginAccessIdentity"


def hide(call: Call) -> str:
    """Lets CloudFront in and nobody else; returns the distribution's host. Raises ClientError."""
    identity = _identity(call)
    call.journal.sleep(PAUSE_SECONDS * call.knobs.time_scale, call.operation)  # S3 does not know it at once
    reader = f"arn:aws:iam::cloudfront:user/CloudFront Origin Access Identity {identity}"
    objects = f"arn:aws:s3:::{call.bucket}/*"
    statement = {"Effect": "Allow", "Principal": {"AWS": reader}, "Action": "s3:GetObject", "Resource": objects}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    call.do("s3", "PutBucketPolicy", Bucket=call.bucket, Policy=policy)
    blocked = dict.fromkeys(ACCESS, True)
    call.do("s3", "PutPublicAccessBlock", Bucket=call.bucket, PublicAccessBlockConfiguration=blocked)
    return _distribution(call, identity)


def _identity(call: Call) -> str:
    """It takes no tags."""
    config = {"CallerReference": call.name, "Comment": call.mark}
    made = call.do("cloudfront", f"Create{IDENTITY}", **{f"{IDENTITY}Config": config})
    id_ = str(made[IDENTITY]["Id"])
    call.say(f"CloudFront origin access identity with ID {id_} created")
    call.reached("identity", made=f"identity {id_}")
    return id_


def _distribution(call: Call, identity: str) -> str:
    config = {"DistributionConfig": _config(call, identity), "Tags": {"Items": call.tags}}
    made = call.do("cloudfront", "CreateDistributionWithTags", DistributionConfigWithTags=config)["Distribution"]
    call.say(f"CloudFront distribution created with ID {made['Id']}")
    call.reached("distribution", made=f"distribution {made['Id']}")
    _wait(call, made["Id"])
    return str(made["DomainName"])


def _config(call: Call, identity: str) -> dict[str, Any]:
    origin = {
        "Id": call.bucket,
        "DomainName": f"{call.bucket}.s3.{call.cloud.region}.amazonaws.com",
        "S3OriginConfig": {"OriginAccessIdentity": f"origin-access-identity/cloudfront/{identity}"},
    }
    behaviour = {
        "TargetOriginId": call.bucket,
        "ViewerProtocolPolicy": "https-only",
        "MinTTL": 0,
        "ForwardedValues": {"QueryString": False, "Cookies": {"Forward": "none"}},
    }
    return {
        "CallerReference": call.name,
        "Comment": call.mark,
        "Enabled": True,
        "Origins": {"Quantity": 1, "Items": [origin]},
        "DefaultCacheBehavior": behaviour,
    }


def _wait(call: Call, id_: str) -> None:
    """Until every edge knows it."""
    while call.cloud.cloudfront.get_distribution(Id=id_)["Distribution"]["Status"] != "Deployed":
        call.journal.sleep(PAUSE_SECONDS * call.knobs.time_scale, call.operation)


def delete_distribution(call: Call) -> None:
    """Disabled first, which takes its time. Raises ClientError."""
    call.skip("distribution", "CloudFront: ListDistributions")
    cloudfront = call.cloud.cloudfront
    for page in cloudfront.get_paginator("list_distributions").paginate():
        for item in page["DistributionList"].get("Items", []):
            if call.owns(cloudfront.list_tags_for_resource(Resource=item["ARN"])["Tags"]["Items"]):
                _end_distribution(call, item["Id"])


def _end_distribution(call: Call, id_: str) -> None:
    found = call.cloud.cloudfront.get_distribution_config(Id=id_)
    config = {**found["DistributionConfig"], "Enabled": False}
    changed = call.do("cloudfront", "UpdateDistribution", Id=id_, IfMatch=found["ETag"], DistributionConfig=config)
    call.say(f"CloudFront distribution {id_} disabled")
    _wait(call, id_)
    call.do("cloudfront", "DeleteDistribution", Id=id_, IfMatch=changed["ETag"])
    call.say(f"CloudFront distribution {id_} deleted")
    call.reached("delete-distribution", deleted=f"distribution {id_}")


def delete_identity(call: Call) -> None:
    """Known by its comment. Raises ClientError."""
    call.skip("identity", "CloudFront: ListCloudFrontOriginAccessIdentities")
    cloudfront = call.cloud.cloudfront
    for page in cloudfront.get_paginator("list_cloud_front_origin_access_identities").paginate():
        for item in page[f"{IDENTITY}List"].get("Items", []):
            if item["Comment"] == call.mark:
                _end_identity(call, item["Id"])


def _end_identity(call: Call, id_: str) -> None:
    etag = call.cloud.cloudfront.get_cloud_front_origin_access_identity(Id=id_)["ETag"]
    call.do("cloudfront", f"Delete{IDENTITY}", Id=id_, IfMatch=etag)
    call.say(f"CloudFront origin access identity with ID {id_} deleted")
    call.reached("delete-identity", deleted=f"identity {id_}")
