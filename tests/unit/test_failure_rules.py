"""Why installs fail: every rule has an example of what the installer or AWS really prints."""

import pytest
from ocpctl_installer_runner.installer.failures import classify, load_rules
from ocpctl_local.simulator.failures import FAILURES

RULES = load_rules()
EXAMPLES = {
    "VpcQuota": "error creating VPC: VpcLimitExceeded: The maximum number of VPCs has been reached.",
    "VcpuQuota": "VcpuLimitExceeded: You have requested more vCPU capacity than your current vCPU limit of 32 allows",
    "AddressQuota": "AddressLimitExceeded: The maximum number of addresses has been reached.",
    "LoadBalancerQuota": "TooManyLoadBalancers: The maximum number of load balancers has been reached",
    "OtherQuota": "ServiceQuotaExceededException: quota",
    "InstanceCapacity": "InsufficientInstanceCapacity: We currently do not have sufficient m6i.xlarge capacity",
    "Throttled": "ThrottlingException: Rate exceeded",
    "DnsConflict": "HostedZoneAlreadyExists: A hosted zone has already been created",
    "BaseDomainMissing": "could not find public hosted zone",
    "NotAuthorized": "UnauthorizedOperation: You are not authorized to perform this operation.",
    "PullSecretRefused": "unauthorized: access to the requested resource is not authorized",
    "InvalidInstallConfig": 'failed to load asset "Install Config": invalid "install-config.yaml" file',
    "BootstrapFailed": "Bootstrap failed to complete: timed out waiting for the condition",
    "OperatorsFailed": "failed to initialize the cluster: Cluster operators authentication are not available",
}


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_every_rule_finds_its_example(rule: object) -> None:
    name = rule.name  # type: ignore[attr-defined]
    failure = classify(RULES, f"time=x level=error msg={EXAMPLES[name]}", 4)
    assert failure.message.endswith(f"({name})")


@pytest.mark.parametrize("failure_class", FAILURES)
def test_the_simulated_failures_are_recognised(failure_class: str) -> None:
    line, code = FAILURES[failure_class]
    assert classify(RULES, line, code).failure_class == failure_class


@pytest.mark.parametrize(("code", "failure_class"), [(1, "UNKNOWN"), (3, "CONFIG"), (5, "BOOTSTRAP"), (7, "OPERATORS")])
def test_without_a_rule_the_exit_code_is_a_hint(code: int, failure_class: str) -> None:
    assert classify(RULES, "nothing known", code).failure_class == failure_class
