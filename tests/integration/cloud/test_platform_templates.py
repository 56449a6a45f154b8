"""What ocpctl.yaml makes at the local endpoint.

It makes queues, keys, and the bucket with its encryption. It makes no access block, bucket policy,
lifecycle, secret or alarm: tests/house/test_template.py reads those.
"""

import pytest

from tests.integration.aws_endpoint import Endpoint
from tests.integration.cloud.stacks import deploy

KEYS = ["QueueKey", "BucketKey", "PullSecretKey"]


@pytest.mark.parametrize("own_keys", ["false", "true"])
def test_queues_and_bucket_have_keys_of_their_own_when_they_shall(endpoint: Endpoint, own_keys: str) -> None:
    bucket = f"artifacts-{own_keys}"
    made = deploy(endpoint, "ocpctl", {"BucketName": bucket, "OwnKeys": own_keys})
    sqs, s3 = endpoint.client("sqs"), endpoint.client("s3")
    assert [name for name in made if name.endswith("Key")] == (KEYS if own_keys == "true" else [])
    for name in ("JobsQueue", "DestroysQueue", "JobsDeadLetterQueue"):
        url = sqs.get_queue_url(QueueName=made[name].rpartition("/")[2])["QueueUrl"]
        have = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
        assert have.get("KmsMasterKeyId", "").endswith(made.get("QueueKey", ""))
        assert ("KmsMasterKeyId" in have) is (own_keys == "true")
    (rule,) = s3.get_bucket_encryption(Bucket=bucket)["ServerSideEncryptionConfiguration"]["Rules"]
    chosen = rule["ApplyServerSideEncryptionByDefault"]
    assert chosen["SSEAlgorithm"] == "aws:kms"
    assert chosen.get("KMSMasterKeyID", "").rpartition("/")[2] == made.get("BucketKey", "")
