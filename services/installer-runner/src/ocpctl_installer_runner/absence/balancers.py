"""Load balancers of both generations, by the infra id that their names begin with."""

from ocpctl_installer_runner.absence.target import Clients, Target, pages


def _network(clients: Clients, target: Target) -> list[str]:
    found = pages(clients.get("elbv2", target.region), "describe_load_balancers", "LoadBalancers")
    return [item["LoadBalancerArn"] for item in found if item["LoadBalancerName"].startswith(target.prefix)]


def _target_groups(clients: Clients, target: Target) -> list[str]:
    found = pages(clients.get("elbv2", target.region), "describe_target_groups", "TargetGroups")
    return [item["TargetGroupArn"] for item in found if item["TargetGroupName"].startswith(target.prefix)]


def _classic(clients: Clients, target: Target) -> list[str]:
    found = pages(clients.get("elb", target.region), "describe_load_balancers", "LoadBalancerDescriptions")
    return [item["LoadBalancerName"] for item in found if item["LoadBalancerName"].startswith(target.prefix)]


FINDERS = {
    "elasticloadbalancing:loadbalancer": _network,
    "elasticloadbalancing:targetgroup": _target_groups,
    "elasticloadbalancing:classic": _classic,
}
