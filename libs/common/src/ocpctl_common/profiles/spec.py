"""The specification: what a request resolved to.

It is stored with the cluster: later edits of a profile change nothing that was accepted.
"""

from typing import Self

from ocpctl_common.profiles.model import ControlPlane, Networking, Platform, Strict


class WorkerPool(Strict):
    """Worker nodes."""

    replicas: int
    instance_type: str


class ResolvedSpec(Strict):
    """Everything that is needed to render install-config.yaml but the pull secret."""

    name: str
    platform: Platform
    version: str
    profile: str
    region: str
    base_domain: str
    owner: str
    team: str
    cost_center: str
    environment: str
    ttl_hours: int
    tags: dict[str, str]
    ssh_public_key: str
    control_plane: ControlPlane
    workers: WorkerPool
    networking: Networking
    publish: str
    fips: bool
    hourly_cost_micros: int

    def to_json(self) -> str:
        """Compact JSON."""
        return self.model_dump_json(by_alias=True)

    @classmethod
    def from_json(cls, text: str) -> Self:
        """The reverse. Raises pydantic.ValidationError."""
        return cls.model_validate_json(text)
