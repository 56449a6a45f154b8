"""What a supervised process is."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from ocpctl_local.processes.origin import Program


@dataclass(frozen=True, slots=True, kw_only=True)
class Component:
    """A process that is started again when it crashes. `ready_url` answers 200 when it works."""

    name: str
    program: Program
    env: Mapping[str, str] = field(default_factory=dict)
    ready_url: str
