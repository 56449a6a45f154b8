"""The policies of deploy/cloudformation as data, and those of policies.yaml as a table for the docs."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

FOLDER = Path(__file__).resolve().parent.parent / "deploy" / "cloudformation"
TEMPLATE = FOLDER / "policies.yaml"
TARGET = FOLDER / "target-account.yaml"  # its policies are printed there, from those of TEMPLATE
SHORT = {"arn:${AWS::Partition}:": "", ":${AWS::Region}:${AWS::AccountId}": "", "::${AWS::AccountId}": "", ":::": ":"}
# What a statement is for. Those of the installer are told by the group of its own list.
PURPOSES = {
    "GatewayOutputs": "shows a cluster's kubeconfig",
    "GatewayBucketKey": "with a key of the bucket's own",
    "GatewayDatabase": "logs in with tokens of IAM",
    "SchedulerDispatches": "sends dispatches",
    "SchedulerQueueKey": "with a key of the queues' own",
    "SchedulerDatabase": "logs in with tokens of IAM",
    "OwnDispatches": "takes dispatches and gives them back",
    "OwnArtifactBucket": "the fitness check",
    "OwnArtifacts": "snapshots, logs, kubeconfig",
    "OwnOutputs": "reads a cluster's kubeconfig to scale its workers",
    "OwnPullSecret": "the pull secret of every install",
    "OwnPasswords": "a cluster's kubeadmin password",
    "OwnClusterRole": "becomes the role where clusters live elsewhere; tags come from Pod Identity",
    "OwnQueueKey": "with a key of the queues' own",
    "OwnBucketKey": "with a key of the bucket's own",
    "OwnPullSecretKey": "with a key of the pull secret's own",
    "OwnTagsOfBuckets": "before a destroy: a bucket whose maker died before it could tag it",
    "OwnZonesAndRecords": "before a destroy: an untagged zone; records of whoever uses the name now",
    "OwnDeletionOfRoles": "manual mode: deletes what ccoctl made",
    "OwnDeletionOfProviders": "manual mode: the same",
    "OwnDeletionOfBuckets": "manual mode: the same",
    "OwnDeletionOfDocuments": "manual mode: the same, whether the bucket keeps versions or not",
    "VerificationByTag": "candidates of all types",
    "VerificationOfEc2": "whether a candidate exists, and what lies in a cluster's VPC",
    "VerificationOfLoadBalancers": "the same, and what records point to",
    "VerificationOfFileSystems": "the same",
    "VerificationLists": "candidates that no tag search lists",
    "VerificationOfIdentities": "their tags, and whether they exist",
    "VerificationOfDistributions": "whether CloudFront's part of private discovery documents exists",
    "VerificationOfBuckets": "the same; S3 asks for `s3:ListBucket` to tell whether a bucket exists",
    "VerificationOfZones": "the same, and records under a cluster's name",
    "CcoctlBucket": "manual mode: `ccoctl aws create-all` makes the bucket with the discovery documents",
    "CcoctlDocuments": "manual mode: the documents",
    "CcoctlSearch": "manual mode: an identity provider that exists",
    "CcoctlProviders": "manual mode: its tags",
    "CcoctlProvider": "manual mode: makes the identity provider",
    "CcoctlRoles": "manual mode: makes a role for each part of the cluster",
    "CcoctlDistribution": "private discovery documents: ccoctl makes CloudFront's part",
    "CcoctlPrivateProvider": "private discovery documents: ccoctl makes the identity provider",
    "OwnDeletionOfDistributions": "private discovery documents: deletes CloudFront's part",
    "OwnDeletionOfPrivateProviders": "private discovery documents: deletes the identity provider",
    "JanitorDeadLetters": "the dead-letter sweep",
    "JanitorClusterRole": "becomes the role where clusters live elsewhere; tags come from Pod Identity",
    "JanitorQueueKey": "with a key of the queues' own",
    "JanitorDatabase": "logs in with tokens of IAM",
    "JanitorSearch": "the orphan sweep, beside what verifications read",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """One that allows. Resources have the template's own variables."""

    policy: str
    sid: str
    actions: tuple[str, ...]
    resources: tuple[str, ...]


class Loader(yaml.SafeLoader):
    """Reads `!Sub x` as x, `!Ref X` as ${X}, and `!If [condition, x, y]` as x. Of other lists it reads nothing."""


def _short_form(loader: yaml.SafeLoader, name: str, node: yaml.Node) -> Any:
    if name == "If" and isinstance(node, yaml.SequenceNode):
        return loader.construct_object(node.value[1], deep=True)
    value = str(loader.construct_scalar(node)) if isinstance(node, yaml.ScalarNode) else ""
    return f"${{{value}}}" if name == "Ref" else value


Loader.add_multi_constructor("!", _short_form)


def documents(template: Path = TEMPLATE) -> Mapping[str, Mapping[str, Any]]:
    """The properties of each policy by its name in the template."""
    resources = yaml.load(template.read_text(), Loader)["Resources"]  # noqa: S506 - a safe one
    policies = {name: one for name, one in resources.items() if one["Type"] == "AWS::IAM::ManagedPolicy"}
    return {name: one["Properties"] for name, one in policies.items()}


def statements(template: Path = TEMPLATE) -> tuple[Statement, ...]:
    """In the order of the template."""
    return tuple(_statements(template))


def _statements(template: Path) -> Iterator[Statement]:
    for policy, properties in documents(template).items():
        for each in properties["PolicyDocument"]["Statement"]:
            if each.keys() != {"Sid", "Effect", "Action", "Resource"} or each["Effect"] != "Allow":
                raise ValueError(f"the statement {each['Sid']} is more than actions that are allowed on resources")
            actions, resources = _list(each["Action"]), _list(each["Resource"])
            yield Statement(policy=policy, sid=each["Sid"], actions=actions, resources=resources)


def _list(value: str | list[str]) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(value)


def render() -> str:
    """A row for each statement; the installer's lists are its makers' and long, so they are counted."""
    rows = [_row(one) for one in statements()]
    return "\n".join(["| policy | statement | for | actions | on |", "|---|---|---|---|---|", *rows]) + "\n"


def _row(one: Statement) -> str:
    counted = one.sid.startswith("Installer")
    purpose = f"`openshift-install`: {_words(one.sid)}" if counted else PURPOSES[one.sid]
    actions = str(len(one.actions)) if counted else ", ".join(f"`{action}`" for action in one.actions)
    resources = ", ".join(f"`{_shortened(resource)}`" for resource in one.resources)
    return f"| {one.policy} | {one.sid} | {purpose} | {actions} | {resources} |"


def _words(sid: str) -> str:
    """`InstallerCreateBaseEc2` is `create base ec2`."""
    return "".join(f" {letter.lower()}" if letter.isupper() else letter for letter in sid).split(" ", 2)[2]


def _shortened(resource: str) -> str:
    for long, short in SHORT.items():
        resource = resource.replace(long, short)
    return resource
