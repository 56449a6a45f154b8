"""What deploy/cloudformation/ocpctl.yaml promises and the local endpoint does not make: what stays, and alarms."""

import json
from typing import Any

import pytest
import yaml
from ocpctl_common.profiles.model import MAX_HOURS
from ocpctl_local.settings import ROOT

from tools.policies import Loader

TEMPLATE = yaml.load((ROOT / "deploy" / "cloudformation" / "ocpctl.yaml").read_text(), Loader)  # noqa: S506 - a safe one
RESOURCES: dict[str, Any] = TEMPLATE["Resources"]
BUCKET = RESOURCES["Artifacts"]["Properties"]
KEYS = {"QueueKey": "sqs", "BucketKey": "s3", "PullSecretKey": "secretsmanager"}
METRICS = {
    "DeadLettersStay": ("JobsDeadLetterQueue", "ApproximateNumberOfMessagesVisible"),
    "CreatesWait": ("JobsQueue", "ApproximateAgeOfOldestMessage"),
    "DestroysWait": ("DestroysQueue", "ApproximateAgeOfOldestMessage"),
}


def test_whatever_holds_something_stays_when_the_stack_goes() -> None:
    for name, resource in RESOURCES.items():
        if name not in METRICS:
            assert (resource.get("DeletionPolicy"), resource.get("UpdateReplacePolicy")) == ("Retain", "Retain"), name


def test_no_rule_ends_an_object_that_is_not_replaced() -> None:
    """A snapshot is needed until the last verification of its cluster, however long that takes."""
    ends = {"NoncurrentVersionExpiration", "AbortIncompleteMultipartUpload"}
    for rule in BUCKET["LifecycleConfiguration"]["Rules"]:
        assert rule.keys() - {"Id", "Status"} <= ends


def test_an_older_version_outlives_every_cluster() -> None:
    (days,) = (
        rule["NoncurrentVersionExpiration"]["NoncurrentDays"]
        for rule in BUCKET["LifecycleConfiguration"]["Rules"]
        if "NoncurrentVersionExpiration" in rule
    )
    assert days * 24 > MAX_HOURS


def test_the_bucket_is_versioned_closed_and_speaks_tls_only() -> None:
    assert BUCKET["VersioningConfiguration"] == {"Status": "Enabled"}
    blocked = BUCKET["PublicAccessBlockConfiguration"]
    assert (len(blocked), set(blocked.values())) == (4, {True})
    (only,) = RESOURCES["ArtifactsPolicy"]["Properties"]["PolicyDocument"]["Statement"]
    assert (only["Effect"], only["Principal"], only["Action"]) == ("Deny", "*", "s3:*")
    assert only["Resource"] == ["Artifacts.Arn", "${Artifacts.Arn}/*"]
    assert only["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}


@pytest.mark.parametrize("key", KEYS)
def test_a_key_serves_through_its_service_only_and_whom_iam_allows(key: str) -> None:
    administration, use = RESOURCES[key]["Properties"]["KeyPolicy"]["Statement"]
    used = {"kms:Decrypt", "kms:GenerateDataKey"}
    assert set(use["Action"]) == used
    assert use["Condition"]["StringEquals"] == {"kms:ViaService": f"{KEYS[key]}.${{AWS::Region}}.${{AWS::URLSuffix}}"}
    # Neither by name nor by pattern.
    for action in administration["Action"]:
        assert not action.startswith(("kms:Decrypt", "kms:Generate", "kms:Encrypt", "kms:ReEncrypt", "kms:*")), action
    assert RESOURCES[key]["Properties"]["EnableKeyRotation"] is True


def test_each_alarm_looks_at_its_queue_and_tells_the_topic() -> None:
    alarms = {name: one["Properties"] for name, one in RESOURCES.items() if one["Type"] == "AWS::CloudWatch::Alarm"}
    assert alarms.keys() == METRICS.keys()
    for name, (queue, metric) in METRICS.items():
        assert alarms[name]["MetricName"] == metric
        assert alarms[name]["Dimensions"] == [{"Name": "QueueName", "Value": f"{queue}.QueueName"}]
        assert alarms[name]["AlarmActions"] == alarms[name]["OKActions"] == ["${AlarmTopicArn}"]


def test_nothing_secret_is_in_the_template() -> None:
    assert TEMPLATE["Parameters"]["PullSecret"]["NoEcho"] is True
    assert json.loads(TEMPLATE["Parameters"]["PullSecret"]["Default"]) == {"auths": {}}
