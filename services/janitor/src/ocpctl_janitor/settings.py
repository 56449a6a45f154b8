"""The janitor's settings."""

from collections.abc import Iterable
from typing import Any, Protocol

from ocpctl_common.database_settings import DatabaseSettings
from ocpctl_common.providers.settings import ClusterRoleSettings
from ocpctl_common.settings import DatabaseUrl
from pydantic import Field, create_model


class Paused(Protocol):
    """What a sweep says of its pause."""

    @property
    def name(self) -> str: ...
    @property
    def does(self) -> str: ...
    @property
    def seconds(self) -> float: ...
    @property
    def max_seconds(self) -> float | None: ...
    @property
    def whole(self) -> bool: ...


class JanitorSettings(DatabaseSettings, ClusterRoleSettings):
    """Finds what is overdue, stuck or left over, and has the schedulers put it right.

    Times are seconds.
    """

    database_url: DatabaseUrl = Field(description="postgresql:// URL of the role ocpctl_reader")
    scheduler_target: str = Field(description="host:port of the schedulers: all addresses of the name, or ipv4:a:p,b:p")
    dead_letter_queue_url: str = Field(description="URL of ocpctl-jobs-dlq.fifo")
    redispatch_silence_seconds: float = Field(
        300, gt=0, description="after this long without an answer a job is dispatched again"
    )
    orphan_grace_seconds: float = Field(
        3600, ge=0, description="what was proven gone so short ago is no orphan: tag searches lag behind"
    )
    batch: int = Field(100, ge=1, description="candidates of one pass")

    def pause(self, sweep: str) -> float:
        """Seconds between two passes. Raises AttributeError when the settings were made without the sweep."""
        return float(getattr(self, setting(sweep)))


def setting(sweep: str) -> str:
    """The name of the setting of a sweep's pause."""
    return f"{sweep.replace('-', '_')}_interval_seconds"


def with_pauses(sweeps: Iterable[Paused]) -> type[JanitorSettings]:
    """The settings with a pause for each sweep."""
    pauses: dict[str, Any] = {setting(sweep.name): _pause(sweep) for sweep in sweeps}
    return create_model("JanitorSettings", __base__=JanitorSettings, __doc__=JanitorSettings.__doc__, **pauses)


def _pause(sweep: Paused) -> tuple[type, Any]:
    return int if sweep.whole else float, Field(
        sweep.seconds,
        gt=0,
        le=sweep.max_seconds,
        description=f"pause between two passes of the sweep that {sweep.does}",
    )
