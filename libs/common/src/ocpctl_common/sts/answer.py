"""AWS STS's answer, read strictly: nothing but a GetCallerIdentity response is an identity (CVE-2020-16250). Pure."""

import json
from typing import Any

from ocpctl_common.errors import Unavailable
from ocpctl_common.sts.identity import CallerIdentity, login_refused, parse_identity

_OK = 200
_REFUSALS = (400, 401, 403)
_THROTTLED = (b"Throttling", b"RequestLimitExceeded")
# What AWS says, and what its owner can do about it; other refusals tell nobody why.
_SENTENCES = {
    b"ExpiredToken": "your AWS session has expired, renew it",
    b"RegionDisabled": "AWS STS is not active for your account in {region}; sign for another region",
}
_RESPONSE = {"GetCallerIdentityResult", "ResponseMetadata"}
_RESULT = {"Account", "Arn", "UserId"}


def read_answer(status: int, body: bytes, region: str) -> CallerIdentity:
    """The identity in an answer of a region's STS. Raises NotAuthenticated, NotPermitted, Unavailable."""
    if status in _REFUSALS and not any(word in body for word in _THROTTLED):
        detail = next((sentence for word, sentence in _SENTENCES.items() if word in body), "")
        raise login_refused(detail.format(region=region))
    if status != _OK:
        raise Unavailable(f"AWS STS does not serve (it answered {status})")
    try:
        result = _result(json.loads(body, object_pairs_hook=_without_doubles))
    except (ValueError, RecursionError) as error:
        raise Unavailable("AWS STS gave an answer that is not one to GetCallerIdentity") from error
    return parse_identity(result["Arn"], result["UserId"], result["Account"])


def _result(document: Any) -> dict[str, str]:
    """The three fields. Raises ValueError when one more or less is there, at any level."""
    response = _fields(_fields(document, {"GetCallerIdentityResponse"})["GetCallerIdentityResponse"], _RESPONSE)
    _texts(_fields(response["ResponseMetadata"], {"RequestId"}))
    return _texts(_fields(response["GetCallerIdentityResult"], _RESULT))


def _fields(value: Any, names: set[str]) -> dict[str, Any]:
    if not isinstance(value, dict) or set(value) != names:
        raise ValueError(f"must be an object of {sorted(names)}")
    return value


def _texts(fields: dict[str, Any]) -> dict[str, str]:
    if not all(isinstance(value, str) for value in fields.values()):
        raise ValueError("must be texts")
    return fields


def _without_doubles(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len({name for name, _ in pairs}) != len(pairs):
        raise ValueError("a name comes twice")
    return dict(pairs)
