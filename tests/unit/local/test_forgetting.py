"""What the local endpoint forgets: instances that have ended, and nothing that lives."""

from types import SimpleNamespace
from typing import Any

from ocpctl_local.moto.speed import forget


def instance(state: str) -> Any:
    return SimpleNamespace(_state=SimpleNamespace(name=state), nics={"0": SimpleNamespace(id="eni-1")})


def reservation(name: str, *states: str) -> Any:
    return SimpleNamespace(id=name, instances=[instance(state) for state in states])


def account(*reservations: Any) -> Any:
    return SimpleNamespace(reservations={one.id: one for one in reservations}, enis={"eni-1": object()})


def test_what_has_ended_is_forgotten_by_the_next_look() -> None:
    backend = account(reservation("ended", "terminated"), reservation("lives", "terminated", "running"))
    known = forget(backend, set())
    assert (known, set(backend.reservations)) == ({"ended"}, {"ended", "lives"})
    assert forget(backend, known) == set()
    assert (set(backend.reservations), backend.enis) == ({"lives"}, {})


def test_one_that_is_being_made_is_not_forgotten() -> None:
    """It is seen before it has an instance."""
    begun = reservation("begun")
    backend = account(begun)
    known = forget(backend, set())
    begun.instances.append(instance("running"))
    forget(backend, known)
    assert set(backend.reservations) == {"begun"}
