"""Bucket, discovery documents, identity provider, and the manifest that names the issuer."""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import yaml
from botocore.exceptions import ClientError

from ocpctl_local.simulator.ccoctl import key_pair, private_bucket
from ocpctl_local.simulator.ccoctl.call import Call
from ocpctl_local.simulator.cloud import GLOBAL_REGION, code_of

CONFIGURATION, KEYS = ".well-known/openid-configuration", "keys.json"
MANIFEST = "manifests/cluster-authentication-02-config.yaml"
CLIENTS = ["openshift", "sts.amazonaws.com"]
CLAIMS = ["aud", "exp", "sub", "iat", "iss", "sub"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Provider:
    """What the roles trust."""

    arn: str
    issuer: str


def make(call: Call, folder: Path, *, private: bool) -> Provider:
    """Everything that AWS needs to believe the cluster's tokens. Raises ClientError, OSError."""
    is_new = _bucket(call)
    if private:
        issuer = f"https://{private_bucket.hide(call)}"
    else:
        issuer = f"https://{call.bucket}.s3.{call.cloud.region}.amazonaws.com"
        if is_new:
            _public(call)
    call.reached("bucket")
    _documents(call, folder, issuer)
    arn = _existing(call) or _create(call, issuer)
    _manifest(folder, issuer)
    return Provider(arn=arn, issuer=issuer)


def _bucket(call: Call) -> bool:
    """Whether it was made: one that exists gets neither tags nor a policy."""
    placement = {"CreateBucketConfiguration": {"LocationConstraint": call.cloud.region}}
    try:
        call.do("s3", "CreateBucket", Bucket=call.bucket, **({} if call.cloud.region == GLOBAL_REGION else placement))
    except ClientError as error:
        if code_of(error) != "BucketAlreadyOwnedByYou":
            raise
        call.say(f"Bucket {call.bucket} already exists and is owned by the user")
        return False
    call.say(f"Bucket {call.bucket} created")
    call.reached("bucket-untagged", made=f"bucket {call.bucket}")
    call.do("s3", "PutBucketTagging", Bucket=call.bucket, Tagging={"TagSet": call.tags})
    return True


def _public(call: Call) -> None:
    """AWS reads the documents as everybody does."""
    access = dict.fromkeys(("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"), False)
    call.do("s3", "PutPublicAccessBlock", Bucket=call.bucket, PublicAccessBlockConfiguration=access)
    statement = {
        "Effect": "Allow",
        "Principal": "*",
        "Action": "s3:GetObject",
        "Resource": f"arn:aws:s3:::{call.bucket}/*",
    }
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    call.do("s3", "PutBucketPolicy", Bucket=call.bucket, Policy=policy)


def _documents(call: Call, folder: Path, issuer: str) -> None:
    where = f"in the S3 bucket {call.bucket} at"
    _upload(call, CONFIGURATION, discovery(issuer))
    call.say(f"OpenID Connect discovery document {where} {CONFIGURATION} updated")
    call.say("Reading public key")
    _upload(call, KEYS, key_pair.key_set(folder))
    call.say(f"JSON web key set (JWKS) {where} {KEYS} updated")
    call.reached("objects")


def _upload(call: Call, key: str, document: dict[str, Any]) -> None:
    tagging = urlencode({tag["Key"]: tag["Value"] for tag in call.tags})
    call.do("s3", "PutObject", Bucket=call.bucket, Key=key, Body=json.dumps(document).encode(), Tagging=tagging)
    call.journal.write(call.operation, "made", thing=f"object {call.bucket}/{key}")


def discovery(issuer: str) -> dict[str, Any]:
    """The discovery document of OpenID Connect."""
    return {
        "issuer": issuer,
        "jwks_uri": f"{issuer}/{KEYS}",
        "response_types_supported": ["id_token"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "claims_supported": CLAIMS,
    }


def _existing(call: Call) -> str:
    """One with the tag, whatever its URL. One that vanishes between list and get fails the call."""
    for item in call.cloud.iam.list_open_id_connect_providers()["OpenIDConnectProviderList"]:
        found = call.cloud.iam.get_open_id_connect_provider(OpenIDConnectProviderArn=item["Arn"])
        if any(tag["Key"] == call.mark for tag in found.get("Tags", [])):
            call.say(f"Existing Identity Provider found with ARN: {item['Arn']}")
            return str(item["Arn"])
    return ""


def _create(call: Call, issuer: str) -> str:
    """Its tags come with a second call: whoever dies in between leaves a provider that delete does not find."""
    thumbprint = hashlib.sha1(issuer.encode(), usedforsecurity=False).hexdigest()  # the real one connects for it
    words = {"Url": issuer, "ClientIDList": CLIENTS, "ThumbprintList": [thumbprint]}
    arn = str(call.do("iam", "CreateOpenIDConnectProvider", **words)["OpenIDConnectProviderArn"])
    call.reached("provider-untagged", made=f"provider {arn}")
    call.do("iam", "TagOpenIDConnectProvider", OpenIDConnectProviderArn=arn, Tags=call.tags)
    call.say(f"Identity Provider created with ARN: {arn}")
    call.reached("provider")
    return arn


def _manifest(folder: Path, issuer: str) -> None:
    document = {
        "apiVersion": "config.openshift.io/v1",
        "kind": "Authentication",
        "metadata": {"name": "cluster"},
        "spec": {"serviceAccountIssuer": issuer},
    }
    key_pair.write(folder / MANIFEST, yaml.safe_dump(document).encode())
