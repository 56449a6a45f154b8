"""The stages of `create cluster`: what each logs, creates, and how long it takes at time scale 1."""

from collections.abc import Callable
from dataclasses import dataclass

from ocpctl_local.simulator.cloud import Creator
from ocpctl_local.simulator.files import State


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """One stage. `create` runs in the child process; the lines appear before it."""

    name: str
    lines: tuple[str, ...]
    create: Callable[[Creator, State], None]
    seconds: float


def _nothing(creator: Creator, state: State) -> None:
    """A stage in which only time passes."""


def _network(creator: Creator, state: State) -> None:
    creator.network()


def _access(creator: Creator, state: State) -> None:
    creator.load_balancers()
    creator.zone(f"{state.name}.{state.base_domain}", state.base_domain)
    creator.roles()


def _control_plane(creator: Creator, state: State) -> None:
    creator.bootstrap_bucket()
    creator.machines("bootstrap", 1, state.instance_type)
    creator.machines("master", state.masters, state.instance_type)


def _bootstrap_done(creator: Creator, state: State) -> None:
    creator.bootstrap_done()


def _workers(creator: Creator, state: State) -> None:
    creator.machines("worker", state.workers, state.instance_type)


STAGES = (
    Stage(
        name="network",
        lines=("Consuming Install Config from target directory", "Creating infrastructure resources..."),
        create=_network,
        seconds=1.0,
    ),
    Stage(name="access", lines=("Network infrastructure is ready",), create=_access, seconds=1.0),
    Stage(name="control-plane", lines=("Created manifest *v1beta2.AWSMachine",), create=_control_plane, seconds=1.5),
    Stage(
        name="api",
        lines=("Control-plane machines are ready", "Waiting up to 20m0s for the Kubernetes API at https://api..."),
        create=_nothing,
        seconds=1.0,
    ),
    Stage(
        name="bootstrap",
        lines=("API v1.33.5 up", "Waiting up to 45m0s for bootstrapping to complete..."),
        create=_nothing,
        seconds=2.0,
    ),
    Stage(
        name="bootstrap-destroy",
        lines=("Destroying the bootstrap resources...",),
        create=_bootstrap_done,
        seconds=0.5,
    ),
    Stage(
        name="operators",
        lines=(
            "Waiting up to 40m0s for the cluster to initialize...",
            "Working towards 4.20.3: 412 of 959 done (43% complete)",
            "Working towards 4.20.3: 863 of 959 done (90% complete)",
        ),
        create=_workers,
        seconds=2.0,
    ),
)
