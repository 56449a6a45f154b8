"""IAM: roles, profiles and users whose names begin with the infra id. The tagging API does not know them."""

from ocpctl_installer_runner.absence.target import Clients, Target, pages

REGION = "us-east-1"  # IAM is global


def _named(clients: Clients, target: Target, operation: str, result: str, key: str) -> list[str]:
    found = pages(clients.get("iam", REGION), operation, result)
    return [item[key] for item in found if item[key].startswith(target.prefix)]


def _roles(clients: Clients, target: Target) -> list[str]:
    return _named(clients, target, "list_roles", "Roles", "RoleName")


def _profiles(clients: Clients, target: Target) -> list[str]:
    return _named(clients, target, "list_instance_profiles", "InstanceProfiles", "InstanceProfileName")


def _users(clients: Clients, target: Target) -> list[str]:
    return _named(clients, target, "list_users", "Users", "UserName")


FINDERS = {"iam:role": _roles, "iam:instance-profile": _profiles, "iam:user": _users}
