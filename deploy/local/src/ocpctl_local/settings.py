"""What one local stack looks like."""

from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from ocpctl_common.lifecycle.pools import Pool

ROOT = Path(__file__).resolve().parents[4]
DEFAULT_FOLDER = ROOT / ".local" / "default"
VERSIONS = ("4.20.3", "4.20.4")


@dataclass(frozen=True, slots=True, kw_only=True)
class LeaseTimes:
    """The protocol's times in seconds, scaled down: everything keeps its order (docs/lifecycle.md)."""

    lease: float = 15
    heartbeat: float = 2
    trust: float = 8
    kill: float = 3
    quarantine: float = 2
    teardown_interval: float = 1
    sweep: float = 2
    backoff_unit: float = 1
    silence: float = 20
    claim: int = 5
    relay_claim: float = 10
    stall: float = 600
    stop: float = 10
    drain: float = 1
    concurrency_restore: float = 20
    usage: int = 5
    orphans: float = 300  # a look asks every enabled region for everything
    verification_pauses: tuple[float, ...] = (900, 7_200, 86_400)


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How often one may ask: a principal, an address that signs its requests, an address that has not signed in, and a
    team for creates (0: no limit).
    """

    requests_per_minute: int = 100
    signed_requests_per_minute: int = 600
    unknown_requests_per_minute: int = 60
    creates_per_hour: int = 10

    def of_envoy(self) -> dict[str, Any]:
        """Those that Envoy counts, by the names of its settings."""
        return {name: value for name, value in asdict(self).items() if name.endswith("_per_minute")}


# For programs that ask faster than people do: the demo, tests and benchmarks.
UNLIMITED = Limits(
    requests_per_minute=1_000_000,
    signed_requests_per_minute=1_000_000,
    unknown_requests_per_minute=1_000_000,
    creates_per_hour=0,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class StackSettings:
    """One stack: its folder holds everything that it writes. `knobs` is the content of simulator.json."""

    folder: Path = DEFAULT_FOLDER
    schedulers: int = 1
    gateways: int = 1
    janitors: int = 1
    runners: int = 2
    slots: int = 4
    pools: tuple[tuple[Pool, ...], ...] = (tuple(Pool),)  # of the runners, one after the other and again
    creates: int = 20
    destroys: int = 20
    times: LeaseTimes = field(default_factory=LeaseTimes)
    knobs: dict[str, Any] = field(default_factory=dict)
    otlp_port: int | None = None
    log_level: str = "INFO"
    connection_seconds: float = 60  # much shorter than in earnest, so that renewals happen
    limits: Limits = field(default_factory=Limits)
    console_origins: tuple[str, ...] = ()
    front_peer: str = ""
    with_a_role: tuple[int, ...] = ()  # the runners that have credentials of a role, by number
    from_images: bool = False  # our services run from the images of `make images`, not from this environment
    cluster_account: str = ""  # where all clusters live, if not in the account of everything else

    def tls_dir(self, component: str) -> Path:
        """The folder with a component's certificate (ocpctl_common.rpc.peers.NAMES)."""
        return self.folder / "tls" / component
