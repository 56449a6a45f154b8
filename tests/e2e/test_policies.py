"""The policies of deploy/cloudformation/policies.yaml against what was called in whole lives in the manual mode.

Whoever calls has what it calls; and what the policies grant was called, or stands here with the test that calls it. The
endpoint knows no permissions, so this is all that shows it.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from ocpctl_local.client import Client
from ocpctl_local.moto import aws
from ocpctl_local.settings import ROOT, UNLIMITED, LeaseTimes, StackSettings
from ocpctl_local.stack import Stack, running_stack

from tests.faults.driver import Driver
from tests.faults.outsider import RUNNERS, outsider, stopped
from tests.policy import every_kind
from tests.policy.actions import with_keys
from tests.policy.comparison import Call, allows_on, needed, not_granted, not_needed
from tests.policy.places import ON, WHERE
from tests.waiting import slowed, wait_for
from tools.policies import Statement, documents, statements

RUNNER, JANITOR, CCOCTL = "ocpctl/installer-runner", "ocpctl/janitor", "ccoctl"
SCHEDULER, GATEWAY = "ocpctl/scheduler", "ocpctl/api-gateway"
KINDS = every_kind.CALLER
INSTALLER, DESTROYER = "OpenShift/4.x Installer", "OpenShift/4.x Destroyer"
TIMES = LeaseTimes(
    sweep=0.5, teardown_interval=0.3, backoff_unit=0.2, orphans=8, verification_pauses=(1, 7_200, 86_400)
)
# The simulated installer reads tags with these; the real one with GetRole and GetUser (pkg/destroy/aws/iamhelpers.go).
SIMULATED_ONLY = {"iam:ListRoleTags", "iam:ListUserTags"}
# The statements by the beginning of their Sid, and who needs them.
CALLERS = {
    "Own": (RUNNER,),
    "Verification": (RUNNER, KINDS),
    "Ccoctl": (CCOCTL,),
    "Janitor": (JANITOR,),
    "Scheduler": (SCHEDULER,),
    "Gateway": (GATEWAY,),
}
# Taken where clusters are in another account; tags come from EKS, and no call of ours gives any.
BECOMES = dict.fromkeys(("sts:AssumeRole", "sts:TagSession"), "tests/e2e/test_other_account.py")
# A token is computed, not called for.
LOGS_IN = {"rds-db:connect": "tests/integration/store/test_database_tokens.py"}
# What they grant and these lives need not call: the test that calls it, and when it is called.
CALLED_ELSEWHERE = {
    "Own": {
        **BECOMES,
        "iam:DetachRolePolicy": "tests/integration/runner/test_cluster_credentials.py",  # one was attached
        "route53:ChangeResourceRecordSets": "tests/faults/test_same_name.py",  # somebody else uses the name
        "route53:ChangeTagsForResource": "tests/integration/local/test_simulated_installer.py",  # a zone without tags
        "s3:AbortMultipartUpload": "tests/integration/cloud/test_parts.py",  # a large upload fails
        "s3:PutBucketTagging": "tests/integration/local/test_simulated_installer.py",  # a bucket without tags
        "sqs:ChangeMessageVisibility": "tests/integration/cloud/test_queue.py",  # a message is given back
    },
    "Verification": {},
    "Ccoctl": {},
    "Janitor": {
        **BECOMES,
        **LOGS_IN,
        "sqs:DeleteMessage": "tests/integration/cloud/test_queue.py",  # there is a dead letter
    },
    "Scheduler": LOGS_IN,
    "Gateway": LOGS_IN,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Lives:
    """What was called in them, what ccoctl has made by its journal, and what the installer had made."""

    calls: frozenset[Call]
    made: tuple[str, ...]
    installed: tuple[str, ...]


@pytest.fixture(scope="module")
def lives(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lives]:
    """Two clusters that work, one of them with private documents; one whose ccoctl fails, one whose installer does."""
    folder = tmp_path_factory.mktemp("policies")
    journal = folder / "journal.jsonl"
    knobs = {
        "default": {"time_scale": 0.1, "key_bits": 1024, "journal": str(journal)},
        "clusters": {
            "torn": {"ccoctl_fail": "bucket-untagged"},
            "refused": {"fail_stage": "operators", "fail_class": "CONFIG", "fail_times": 1},
        },
    }
    settings = StackSettings(
        folder=folder, runners=1, knobs=knobs, times=slowed(TIMES), limits=UNLIMITED, with_a_role=(1,)
    )
    with running_stack(settings) as stack:
        installed = _live(stack)
        every_kind.ask(aws.env(stack.state.ports["aws"]))
        yield Lives(calls=frozenset(stack.calls()), made=_made(journal.read_text()), installed=installed)


def _live(stack: Stack) -> tuple[str, ...]:
    driver, client = Driver(stack), Client(stack)
    # Somebody else's, at which ccoctl looks: alone, one of ours would see no other.
    stack.client("iam").create_open_id_connect_provider(Url="https://others.example.com", ThumbprintList=[])
    whole, *failing = [driver.create(name) for name in ("whole", "torn", "refused")]
    assert driver.wait(whole, "READY")["credentialsMode"] == "MANUAL"
    installed = _installed(stack)
    assert client.call("GET", f"/clusters/{whole}/kubeconfig").status == 200
    scaled = client.call("POST", f"/clusters/{whole}/scale-workers", {"workerReplicas": 1}, "scale")
    assert scaled.status == 202
    driver.wait(whole, "READY")
    driver.destroy(whole)
    driver.wait(whole, "DESTROYED")
    with outsider(stack, "private", {"OCPCTL_PRIVATE_DISCOVERY": "true"}), stopped(stack, RUNNERS[0]):
        private = driver.create("private")
        driver.wait(private, "READY")
        driver.destroy(private)
        driver.wait(private, "DESTROYED")
    for cluster_id in failing:
        assert driver.wait(cluster_id, "FAILED")["resourcesRemaining"] is False
    statement = "SELECT count(DISTINCT cluster_id) FROM attempts WHERE resweeps > 0"
    wait_for(lambda: driver.sql(statement) == [(4,)], what="the verification after each proof")
    wait_for(lambda: (JANITOR, "tagging", "GetTagKeys") in stack.calls(), what="the search for orphans")
    return installed


def _installed(stack: Stack) -> tuple[str, ...]:
    """ARNs of what the installer and the cluster `whole` have in IAM and S3 now; what ccoctl has made is left out."""
    iam, s3 = stack.client("iam"), stack.client("s3")
    arns = [role["Arn"] for role in iam.list_roles()["Roles"]]
    arns += [profile["Arn"] for profile in iam.list_instance_profiles()["InstanceProfiles"]]
    arns += [f"arn:aws:s3:::{bucket['Name']}" for bucket in s3.list_buckets()["Buckets"]]
    ccoctl = ("-openshift-", "-oidc")
    return tuple(arn for arn in arns if re.search("[:/]whole-", arn) and not any(word in arn for word in ccoctl))


def _made(journal: str) -> tuple[str, ...]:
    records = map(json.loads, journal.splitlines())
    return tuple(
        record["thing"] for record in records if record["operation"] == "ccoctl-create-all" and "thing" in record
    )


def of(*beginnings: str) -> list[Statement]:
    return [one for one in statements() if one.sid.startswith(beginnings)]


def of_role(parameter: str) -> list[Statement]:
    """Those that the role of this parameter has."""
    attached = {name for name, properties in documents().items() if f"${{{parameter}}}" in properties["Roles"]}
    return [one for one in statements() if one.policy in attached]


@pytest.mark.parametrize("caller", [RUNNER, KINDS, CCOCTL, INSTALLER, DESTROYER])
def test_whatever_acts_with_the_runners_role_is_granted_what_it_calls(lives: Lives, caller: str) -> None:
    wanted = needed(lives.calls, caller)
    assert wanted, "it has called something"
    ours = with_keys(wanted) if caller == RUNNER else wanted
    assert not_granted(ours - SIMULATED_ONLY, of_role("RunnerRole")) == []


def test_the_janitor_is_granted_what_it_calls(lives: Lives) -> None:
    assert not_granted(with_keys(needed(lives.calls, JANITOR)), of_role("JanitorRole")) == []


@pytest.mark.parametrize(("caller", "parameter"), [(SCHEDULER, "SchedulerRole"), (GATEWAY, "GatewayRole")])
def test_scheduler_and_gateway_are_granted_what_they_call(lives: Lives, caller: str, parameter: str) -> None:
    wanted = needed(lives.calls, caller)
    assert wanted, "it has called something"
    assert not_granted(with_keys(wanted), of_role(parameter)) == []


@pytest.mark.parametrize("part", CALLERS)
def test_nothing_is_granted_that_nobody_calls(lives: Lives, part: str) -> None:
    wanted = with_keys(needed(lives.calls, *CALLERS[part]))
    assert not_needed(wanted | CALLED_ELSEWHERE[part].keys(), of(part)) == []


def test_the_exceptions_name_a_test_and_what_no_policy_grants() -> None:
    named = {path for calls in CALLED_ELSEWHERE.values() for path in calls.values()}
    assert [path for path in named if not (ROOT / path).is_file()] == []
    assert not_granted(SIMULATED_ONLY, of_role("RunnerRole")) == sorted(SIMULATED_ONLY)


def test_what_ccoctl_has_made_lies_where_the_policies_let_it_be_made_and_deleted(lives: Lives) -> None:
    made = [thing.split(" ", 1) for thing in lives.made]
    assert {kind for kind, _ in made} == ON.keys()
    for kind, name in made:
        arn = f"{WHERE[kind]}{name}"
        for part, actions in ON[kind].items():
            assert [action for action in actions if not allows_on(of(part), action, arn)] == [], arn


def test_what_the_installer_has_made_lies_where_the_policies_let_it_be_deleted(lives: Lives) -> None:
    deletes = {"role": "iam:DeleteRole", "instance-profile": "iam:DeleteInstanceProfile"}
    kinds = [arn.rpartition(":")[2].partition("/")[0] for arn in lives.installed]
    assert sorted(kind for kind in kinds if kind in deletes) == sorted([*deletes, *deletes]), "of masters and workers"
    assert len(kinds) == 5, "and the registry's bucket"
    for kind, arn in zip(kinds, lives.installed, strict=True):
        assert allows_on(of("Installer"), deletes.get(kind, "s3:DeleteBucket"), arn), arn
