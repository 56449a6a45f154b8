"""CloudFront's origin access identities, which moto lacks: as much of them as ccoctl and whoever deletes need."""

import secrets
from dataclasses import asdict, dataclass, field
from typing import Any

from moto.cloudfront import urls
from moto.cloudfront.exceptions import CloudFrontException
from moto.cloudfront.responses import CloudFrontResponse
from moto.core.responses import ActionResult, EmptyResult

PATH = "{0}/2020-05-31/origin-access-identity/cloudfront"
PATHS = (f"{PATH}$", f"{PATH}/(?P<identity_id>[^/]+)$", f"{PATH}/(?P<identity_id>[^/]+)/config$")
NAME = "CloudFrontOriginAccessIdentity"
MANY = 100


class NoSuchIdentity(CloudFrontException):
    """There is none of this id."""

    def __init__(self) -> None:
        super().__init__(f"NoSuch{NAME}", "The specified origin access identity does not exist.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """By the names of the API."""

    CallerReference: str
    Comment: str
    Id: str = field(default_factory=lambda: f"E{secrets.token_hex(6).upper()}")
    S3CanonicalUserId: str = field(default_factory=lambda: secrets.token_hex(32))

    def whole(self) -> dict[str, Any]:
        """As the calls for one identity answer."""
        config = {"CallerReference": self.CallerReference, "Comment": self.Comment}
        return {"Id": self.Id, "S3CanonicalUserId": self.S3CanonicalUserId, f"{NAME}Config": config}


_identities: dict[str, Identity] = {}  # one account; one call at a time (endpoint.py)


def install() -> None:
    """Changes moto for the rest of this process."""
    for path in PATHS:
        urls.url_paths[path] = CloudFrontResponse.dispatch
    for name, method in METHODS.items():
        setattr(CloudFrontResponse, name, method)


def _create(self: CloudFrontResponse) -> ActionResult:
    """The same reference gives the same identity."""
    config = self._get_param(f"{NAME}Config", {})
    known = [one for one in _identities.values() if one.CallerReference == config["CallerReference"]]
    made = known[0] if known else Identity(**config)
    _identities[made.Id] = made
    return ActionResult({NAME: made.whole(), "ETag": made.Id, "Location": made.Id})


def _get(self: CloudFrontResponse) -> ActionResult:
    found = _find(self)
    return ActionResult({NAME: found.whole(), "ETag": found.Id})


def _list(self: CloudFrontResponse) -> ActionResult:
    """In pages, since callers must read all of them."""
    marker, wanted = self._get_param("Marker") or "", self._get_int_param("MaxItems") or MANY
    after = [one for id_, one in sorted(_identities.items()) if id_ > marker]
    page, more = after[:wanted], len(after) > wanted
    items = [{name: value for name, value in asdict(one).items() if name != "CallerReference"} for one in page]
    counted = {"Marker": marker, "MaxItems": wanted, "IsTruncated": more, "Quantity": len(page), "Items": items}
    return ActionResult({f"{NAME}List": counted | ({"NextMarker": page[-1].Id} if more else {})})


def _delete(self: CloudFrontResponse) -> ActionResult:
    del _identities[_find(self).Id]
    return EmptyResult()


def _find(self: CloudFrontResponse) -> Identity:
    try:
        return _identities[self._get_param("Id")]
    except KeyError as error:
        raise NoSuchIdentity from error


METHODS = {
    "create_cloud_front_origin_access_identity": _create,
    "get_cloud_front_origin_access_identity": _get,
    "list_cloud_front_origin_access_identities": _list,
    "delete_cloud_front_origin_access_identity": _delete,
}
