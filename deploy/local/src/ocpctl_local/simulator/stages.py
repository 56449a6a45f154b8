"""The stages of `create cluster`: what each logs, creates, and how long it takes at time scale 1."""

from collections.abc import Callable
from dataclasses import dataclass

from ocpctl_local.simulator import access, log_lines, network
from ocpctl_local.simulator.aws_credentials import MANUAL
from ocpctl_local.simulator.files import State
from ocpctl_local.simulator.knobs import Knobs
from ocpctl_local.simulator.machines import machines
from ocpctl_local.simulator.operators import operators
from ocpctl_local.simulator.site import Site


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """One stage. `create` runs in the child process; the lines appear before it."""

    name: str
    lines: tuple[log_lines.Line, ...]
    create: Callable[[Site, State, Knobs], None]
    seconds: float


def _nothing(site: Site, state: State, knobs: Knobs) -> None:
    """A stage in which only time passes."""


def _network(site: Site, state: State, knobs: Knobs) -> None:
    network.network(site)


def _access(site: Site, state: State, knobs: Knobs) -> None:
    network.load_balancers(site)
    access.zone(site)
    access.roles(site)


def _control_plane(site: Site, state: State, knobs: Knobs) -> None:
    access.bootstrap_bucket(site)
    machines(site, "bootstrap", 1, state.instance_type)
    machines(site, "master", state.masters, state.instance_type)


def _bootstrap_done(site: Site, state: State, knobs: Knobs) -> None:
    access.bootstrap_done(site)


def _operators(site: Site, state: State, knobs: Knobs) -> None:
    machines(site, "worker", state.workers, state.instance_type)
    mint = state.credentials_mode != MANUAL
    operators(site, mint=mint, legacy=knobs.legacy_tags, block_vpc=knobs.block_vpc)


STAGES = (
    Stage(name="network", lines=log_lines.NETWORK, create=_network, seconds=1.0),
    Stage(name="access", lines=log_lines.ACCESS, create=_access, seconds=1.0),
    Stage(name="control-plane", lines=log_lines.CONTROL_PLANE, create=_control_plane, seconds=1.5),
    Stage(name="api", lines=log_lines.API, create=_nothing, seconds=1.0),
    Stage(name="bootstrap", lines=log_lines.BOOTSTRAP, create=_nothing, seconds=2.0),
    Stage(name="bootstrap-destroy", lines=log_lines.BOOTSTRAP_DESTROY, create=_bootstrap_done, seconds=0.5),
    Stage(name="operators", lines=log_lines.OPERATORS, create=_operators, seconds=2.0),
)
