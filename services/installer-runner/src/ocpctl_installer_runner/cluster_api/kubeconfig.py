"""A kubeconfig, read strictly: anything that is not needed to reach one cluster makes it unusable."""

import base64
import os
import ssl
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, TypeVar

import yaml
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, ValidationError


class BadKubeconfig(Exception):
    """It cannot be used; the message names the place, never a value."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterAccess:
    """Where a cluster's API is, whom to trust, and who we are there. PEM texts; a certificate, a token, or both."""

    server: str
    authority: str
    certificate: str = ""
    key: str = field(default="", repr=False)
    token: str = field(default="", repr=False)


def _decoded(value: str) -> str:
    return base64.b64decode(value, validate=True).decode()


Server = Annotated[str, StringConstraints(pattern=r"^https://[A-Za-z0-9.\-\[\]:]+(/[A-Za-z0-9._/\-]*)?$")]
Pem = Annotated[str, AfterValidator(_decoded)]


class _Strict(BaseModel):
    """No exec plugins, no files, no switched-off checks: whatever is not named here is refused."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, alias_generator=lambda name: name.replace("_", "-"), hide_input_in_errors=True
    )
    name: str = ""


class _Cluster(_Strict):
    server: Server
    certificate_authority_data: Pem


class _User(_Strict):
    client_certificate_data: Pem = ""
    client_key_data: Pem = ""
    token: str = ""


class _Context(_Strict):
    cluster: str
    user: str
    namespace: str = ""


class _NamedCluster(_Strict):
    cluster: _Cluster


class _NamedUser(_Strict):
    user: _User


class _NamedContext(_Strict):
    context: _Context


class _Kubeconfig(_Strict):
    # openshift-install leaves out the first two.
    apiVersion: Annotated[str, StringConstraints(pattern="^v1$")] = "v1"  # noqa: N815 - Kubernetes's own name
    kind: Annotated[str, StringConstraints(pattern="^Config$")] = "Config"
    clusters: list[_NamedCluster]
    users: list[_NamedUser]
    contexts: list[_NamedContext]
    current_context: str
    preferences: dict[str, Any] = Field(default_factory=dict, max_length=0)


NamedT = TypeVar("NamedT", bound=_Strict)


def parse(content: bytes) -> ClusterAccess:
    """The access of the current context. Raises BadKubeconfig."""
    try:
        config = _Kubeconfig.model_validate(yaml.safe_load(content.decode()))
    except ValidationError as error:
        places = {".".join(map(str, item["loc"])) for item in error.errors(include_input=False, include_context=False)}
        raise BadKubeconfig(f"wrong, missing or not allowed: {', '.join(sorted(places))}") from None
    except (UnicodeDecodeError, yaml.YAMLError):
        raise BadKubeconfig("it is no YAML") from None
    return _access(config)


def _access(config: _Kubeconfig) -> ClusterAccess:
    context = _named(config.contexts, config.current_context, "context").context
    cluster = _named(config.clusters, context.cluster, "cluster").cluster
    user = _named(config.users, context.user, "user").user
    if bool(user.client_certificate_data) != bool(user.client_key_data):
        raise BadKubeconfig("a client certificate and its key belong together")
    if not (user.client_key_data or user.token):
        raise BadKubeconfig("the user has neither a client certificate nor a token")
    return ClusterAccess(
        server=cluster.server.rstrip("/"),
        authority=cluster.certificate_authority_data,
        certificate=user.client_certificate_data,
        key=user.client_key_data,
        token=user.token,
    )


def _named(items: Sequence[NamedT], name: str, what: str) -> NamedT:
    found = [item for item in items if item.name == name]
    if len(found) != 1:
        raise BadKubeconfig(f"it must have exactly one {what} of the name that is used")
    return found[0]


def tls(access: ClusterAccess, folder: Path) -> ssl.SSLContext:
    """Trusts the cluster's own authority only, and shows our certificate. Raises BadKubeconfig.

    The library reads a certificate from a file only: it lies in `folder`, for our eyes, while it is read.
    """
    path = folder / "client.pem"
    try:
        context = ssl.create_default_context(cadata=access.authority)
        if access.certificate:
            with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
                file.write(f"{access.certificate}\n{access.key}")
            context.load_cert_chain(path)
    except ssl.SSLError:
        raise BadKubeconfig("its certificates cannot be read") from None
    finally:
        path.unlink(missing_ok=True)
    return context
