"""Corrects moto where it differs from AWS: dependencies between resources, and a tagging API that loses pages.

EC2 refuses to delete a VPC with groups or interfaces in it, a subnet or a group with an interface, and an interface
that another service uses. Here an interface is in such use when its description begins with `AWS Lambda VPC ENI`.

Moto's tagging API keeps a half-read listing of live tables between two pages; when another call creates something
meanwhile, the rest of the listing is lost without an error. AWS may be late, but it does not do that.

Moto lists roles by ids that are drawn, and counts where a page begins: a role that is deleted meanwhile hides another.
IAM lists them by name. Its lists can be told to be late (late_lists).

ListInstanceProfileTags is missing in moto, and so are CloudFront's origin access identities. Its CloudFormation takes
`AWS::NoValue` out of mappings, and not out of lists.
"""

from collections.abc import Callable, Iterator
from typing import Any

from moto.cloudformation import parsing
from moto.core.responses import ActionResult
from moto.ec2.exceptions import DependencyViolationError, EC2ClientError
from moto.ec2.models import EC2Backend
from moto.iam.models import IAMBackend
from moto.iam.responses import IamResponse
from moto.resourcegroupstaggingapi.models import ResourceGroupsTaggingAPIBackend

from ocpctl_local.moto import access_identities, late_lists

FOREIGN = "AWS Lambda VPC ENI"
TRIES = 20
ROLES_A_PAGE = 100


def install() -> None:
    """Changes moto for the rest of this process."""
    for name, check in CHECKS.items():
        setattr(EC2Backend, name, _checked(getattr(EC2Backend, name), check))
    for listing in ("_get_resources_generator", "_get_tag_keys_generator"):
        whole = getattr(ResourceGroupsTaggingAPIBackend, listing)
        setattr(ResourceGroupsTaggingAPIBackend, listing, _at_once(whole))
    IAMBackend.list_roles = _list_roles  # type: ignore[method-assign]
    IAMBackend.list_open_id_connect_providers = _list_providers  # type: ignore[method-assign]
    IamResponse.list_instance_profile_tags = _profile_tags  # type: ignore[attr-defined]
    parsing.clean_json = _without_no_values(parsing.clean_json)
    access_identities.install()


def _without_no_values(clean: Callable[..., Any]) -> Callable[..., Any]:
    def cleaned(value: Any, resources: Any) -> Any:
        made = clean(value, resources)
        return [each for each in made if each is not None] if isinstance(made, list) else made

    return cleaned


def _profile_tags(self: IamResponse) -> ActionResult:
    profile = self.backend.get_instance_profile(self._get_param("InstanceProfileName"))
    return ActionResult({"Tags": profile.tags, "IsTruncated": False})


def _list_roles(
    self: IAMBackend, path_prefix: str | None = None, marker: str | None = None, max_items: int | None = None
) -> tuple[list[Any], str | None]:
    last = "" if marker in (None, "0") else str(marker)  # the name of the page's last one before
    roles = [role for role in list(self.roles.values()) if late_lists.is_listed(role)]
    found = [role for role in roles if role.path.startswith(path_prefix or "/")]
    after = sorted((role for role in found if role.name > last), key=lambda role: role.name)
    page = after[: int(max_items or ROLES_A_PAGE)]
    return page, page[-1].name if len(page) < len(after) else None


def _list_providers(self: IAMBackend) -> list[str]:
    return [arn for arn, provider in list(self.open_id_providers.items()) if late_lists.is_listed(provider)]


def _checked(inner: Callable[..., Any], check: Callable[[EC2Backend, str], None]) -> Callable[..., Any]:
    def delete(self: EC2Backend, *words: Any, **more: Any) -> Any:
        ids = [str(word) for word in (*words, *more.values()) if word]
        if ids:
            check(self, ids[-1])
        return inner(self, *words, **more)

    return delete


def _at_once(inner: Callable[..., Iterator[Any]]) -> Callable[..., Iterator[Any]]:
    """Reads the whole listing at once; starts again when a table changes while it is read."""

    def listing(self: Any, **words: Any) -> Iterator[Any]:
        for _ in range(TRIES):
            try:
                return iter(list(inner(self, **words)))
            except RuntimeError:  # a table has changed its size
                continue
        raise EC2ClientError("ServiceUnavailable", "too many changes at once")

    return listing


def _foreign(backend: EC2Backend) -> list[Any]:
    return [eni for eni in list(backend.enis.values()) if (eni.description or "").startswith(FOREIGN)]


def _interface(backend: EC2Backend, eni_id: str) -> None:
    if any(eni.id == eni_id for eni in _foreign(backend)):
        raise EC2ClientError("InvalidParameterValue", f"Network interface '{eni_id}' is currently in use.")


def _subnet(backend: EC2Backend, subnet_id: str) -> None:
    if any(eni.subnet.id == subnet_id for eni in _foreign(backend)):
        raise DependencyViolationError(f"The subnet '{subnet_id}' has dependencies and cannot be deleted.")


def _group(backend: EC2Backend, group_id: str) -> None:
    if any(group_id == group.id for eni in _foreign(backend) for group in eni.group_set):
        raise DependencyViolationError(f"resource {group_id} has a dependent object")


def _vpc(backend: EC2Backend, vpc_id: str) -> None:
    groups = [group for group in list(backend.groups.get(vpc_id, {}).values()) if group.name != "default"]
    if groups or any(eni.subnet.vpc_id == vpc_id for eni in _foreign(backend)):
        raise DependencyViolationError(f"The vpc '{vpc_id}' has dependencies and cannot be deleted.")


CHECKS: dict[str, Callable[[EC2Backend, str], None]] = {
    "delete_network_interface": _interface,
    "delete_subnet": _subnet,
    "delete_security_group": _group,
    "delete_vpc": _vpc,
}
