"""The profile file as a strict model: an unknown key or a contradiction is refused with its field."""

from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, model_validator
from pydantic.alias_generators import to_camel
from pydantic_core import PydanticCustomError

from ocpctl_common.profiles.tag_keys import KEY, VALUE, doubles, is_reserved
from ocpctl_common.providers.protocol import Provider
from ocpctl_common.providers.registry import PROVIDERS

Word = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]([a-z0-9-]*[a-z0-9])?$", max_length=63)]
Version = Annotated[str, StringConstraints(pattern=r"^4\.\d{1,2}\.\d{1,3}$")]
TagKey = Annotated[str, StringConstraints(pattern=f"^{KEY}$")]
TagValue = Annotated[str, StringConstraints(pattern=f"^{VALUE}$")]
Domain = Annotated[str, StringConstraints(pattern=r"^([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,}$", max_length=180)]
InstanceType = Annotated[str, StringConstraints(pattern=r"^\S+$")]


def _each_once(values: tuple[str, ...]) -> tuple[str, ...]:
    if repeated := sorted({value for value in values if values.count(value) > 1}):
        raise ValueError(f"named more than once: {', '.join(repeated)}")
    return values


EachOnce = AfterValidator(_each_once)


def _of_a_provider(name: str) -> str:
    if name not in PROVIDERS:
        names = " or ".join(repr(known) for known in PROVIDERS)
        raise PydanticCustomError("platform", "Input should be {names}", {"names": names})
    return name


Platform = Annotated[str, AfterValidator(_of_a_provider)]

MAX_HOURS = 8_760  # a year: what lives longer is not thrown away
MAX_DOLLARS = 10_000  # an hour


class Strict(BaseModel):
    """camelCase in files and JSON, frozen, nothing unknown."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, extra="forbid", frozen=True)


class AllowedVersions(Strict):
    """OpenShift versions that may be asked for."""

    allowlist: Annotated[tuple[Version, ...], EachOnce] = Field(min_length=1)
    default: Version

    @model_validator(mode="after")
    def _default_is_allowed(self) -> Self:
        if self.default not in self.allowlist:
            raise ValueError(f"default {self.default} is not in the allowlist")
        return self


class AllowedRegions(Strict):
    """Regions that may be asked for."""

    allowlist: Annotated[tuple[Word, ...], EachOnce] = Field(min_length=1)
    default: Word

    @model_validator(mode="after")
    def _default_is_allowed(self) -> Self:
        if self.default not in self.allowlist:
            raise ValueError(f"default {self.default} is not in the allowlist")
        return self


class AllowedDomains(Strict):
    """DNS domains below which clusters may live."""

    allowlist: Annotated[tuple[Domain, ...], EachOnce] = Field(min_length=1)


class ControlPlane(Strict):
    """Control-plane nodes; `schedulable` ones also run workloads."""

    replicas: Literal[1, 3]
    instance_type: InstanceType
    schedulable: bool = False


class Workers(Strict):
    """Worker nodes and the limits of a request."""

    replicas: int = Field(ge=0, le=500)
    min_replicas: int = Field(ge=0)
    max_replicas: int = Field(ge=0, le=500)
    instance_type: InstanceType

    @model_validator(mode="after")
    def _within_limits(self) -> Self:
        if not self.min_replicas <= self.replicas <= self.max_replicas:
            raise ValueError(f"replicas {self.replicas} is not within {self.min_replicas}..{self.max_replicas}")
        return self


class Compute(Strict):
    """All nodes."""

    control_plane: ControlPlane
    workers: Workers

    @model_validator(mode="after")
    def _something_runs_workloads(self) -> Self:
        if self.workers.min_replicas == 0 and not self.control_plane.schedulable:
            raise ValueError("without workers the control plane must be schedulable")
        return self


class Lifecycle(Strict):
    """How long a cluster may live, in hours."""

    max_ttl_hours: int = Field(gt=0, le=MAX_HOURS, alias="maxTTLHours")
    default_ttl_hours: int = Field(gt=0, alias="defaultTTLHours")
    allow_custom_ttl: bool = Field(default=True, alias="allowCustomTTL")

    @model_validator(mode="after")
    def _default_within_maximum(self) -> Self:
        if self.default_ttl_hours > self.max_ttl_hours:
            raise ValueError(f"defaultTTLHours {self.default_ttl_hours} is above maxTTLHours {self.max_ttl_hours}")
        return self


class ClusterNetwork(Strict):
    """Pod addresses."""

    cidr: str = "10.128.0.0/14"
    host_prefix: int = 23


class Networking(Strict):
    """Addresses; the defaults are OpenShift's own."""

    network_type: Literal["OVNKubernetes"] = "OVNKubernetes"
    machine_cidr: str = "10.0.0.0/16"
    cluster_network: tuple[ClusterNetwork, ...] = (ClusterNetwork(),)
    service_network: tuple[str, ...] = ("172.30.0.0/16",)


class Features(Strict):
    """What else the installer is told."""

    fips: bool = False
    publish: Literal["External", "Internal"] = "External"
    environment: Word = "test"


class CostControls(Strict):
    """Estimated price in US dollars an hour: with the default number of workers, and of each worker more or less."""

    estimated_hourly_cost: float = Field(ge=0, le=MAX_DOLLARS)
    estimated_worker_hourly_cost: float = Field(0.0, ge=0, le=MAX_DOLLARS)


class Profile(Strict):
    """One profile file."""

    name: Word
    display_name: str = Field(min_length=1)
    description: str = Field(min_length=1)
    platform: Platform
    enabled: bool
    openshift_versions: AllowedVersions
    regions: AllowedRegions
    base_domains: AllowedDomains
    compute: Compute
    lifecycle: Lifecycle
    networking: Networking = Networking()
    tags: dict[TagKey, TagValue] = Field(default_factory=dict, max_length=16)
    features: Features = Features()
    cost_controls: CostControls

    @property
    def provider(self) -> Provider:
        """Of the platform."""
        return PROVIDERS[self.platform]

    @property
    def is_offered(self) -> bool:
        """Whether clusters may be asked for: the profile is enabled, and so is its provider."""
        return self.enabled and not self.provider.disabled

    @model_validator(mode="after")
    def _tags_are_possible(self) -> Self:
        label, rules = self.provider.label, self.provider.tag_rules
        if reserved := [key for key in self.tags if is_reserved(key, rules)]:
            raise ValueError(f"tags: reserved for ocpctl, {label}, Kubernetes and OpenShift: {', '.join(reserved)}")
        if double := [f"{key} and {first}" for key, first in doubles(self.tags, rules)]:
            raise ValueError(f"tags: differ only in capitals, which {rules.one_case} refuses: {', '.join(double)}")
        return self
