"""The settings of a service that works where clusters live: its own credentials act there, or the cluster role."""

import re
from typing import Annotated, Self

from pydantic import AfterValidator, Field, model_validator

from ocpctl_common.providers.protocol import ClusterRole
from ocpctl_common.settings import ServiceSettings

ROLE = re.compile(r"arn:[a-z-]+:iam::\d{12}:role/[\w+=,.@/-]*[\w+=,.@-]", re.ASCII)
EXTERNAL_ID = re.compile(r"[\w+=,.@:/-]{2,1224}", re.ASCII)


def _is_a_role(arn: str) -> str:
    if arn and not ROLE.fullmatch(arn):
        raise ValueError(f"must be the ARN of a role, arn:<partition>:iam::<account>:role/<name>, not {arn!r}")
    return arn


def _is_an_external_id(text: str) -> str:
    if text and not EXTERNAL_ID.fullmatch(text):
        raise ValueError("must have 2 to 1224 characters: letters of ASCII, digits and any of _+=,.@:/-")
    return text


class ClusterRoleSettings(ServiceSettings):
    """Runner and janitor need the same ones: what one makes, the other looks for."""

    cluster_role_arn: Annotated[str, AfterValidator(_is_a_role)] = Field(
        "",
        description="role that is taken where clusters live, as in another account: "
        "arn:<partition>:iam::<account>:role/<name>; unset: this service's own credentials act there",
    )
    cluster_role_external_id: Annotated[str, AfterValidator(_is_an_external_id)] = Field(
        "", description="external id that the role's trust policy asks for"
    )

    @property
    def cluster_role(self) -> ClusterRole | None:
        """Whom to act as where clusters live; None: as this process."""
        arn, external_id = self.cluster_role_arn, self.cluster_role_external_id
        return ClusterRole(arn=arn, external_id=external_id) if arn else None

    @model_validator(mode="after")
    def _external_id_has_a_role(self) -> Self:
        if self.cluster_role_external_id and not self.cluster_role_arn:
            raise ValueError("OCPCTL_CLUSTER_ROLE_EXTERNAL_ID belongs to a role: set OCPCTL_CLUSTER_ROLE_ARN")
        return self
