"""One stack a test process for all faults that leave a stack usable; every test ends with all checks on it.

The stack ends when its process has played the last test of this folder.
"""

import itertools
from collections.abc import Iterator

import pytest
from ocpctl_local.settings import UNLIMITED, StackSettings
from ocpctl_local.stack import Stack, running_stack

from tests.faults.driver import FAULT_TIMES, TIME_SCALE, Driver
from tests.oracle.checks import violations
from tests.oracle.evidence import Evidence

_numbers = itertools.count()


@pytest.fixture(scope="package")
def fault_stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """Two runners with a role's credentials; times scaled, secrets printed, the journal kept."""
    folder = tmp_path_factory.mktemp("faults")
    default = {"time_scale": TIME_SCALE, "print_secrets": True, "journal": str(folder / "journal.jsonl")}
    default["key_bits"] = 2048  # ccoctl's key pairs take less time
    settings = StackSettings(
        folder=folder,
        runners=2,
        slots=4,
        times=FAULT_TIMES,
        knobs={"default": default},
        limits=UNLIMITED,
        with_a_role=(1, 2),
    )
    with running_stack(settings) as stack:
        yield stack


@pytest.fixture(scope="package")
def session_driver(fault_stack: Stack) -> Driver:
    return Driver(fault_stack)


@pytest.fixture
def driver(session_driver: Driver) -> Iterator[Driver]:
    """Everything that was accepted in the session is checked after every test."""
    yield session_driver
    stack = session_driver.stack
    stack.faults()
    journal, accepted = stack.folder / "journal.jsonl", session_driver.accepted
    evidence = Evidence(stack=stack, journal=journal, accepted=accepted, read=session_driver.read)
    assert [str(violation) for violation in violations(evidence)] == []


@pytest.fixture
def name() -> str:
    """A name that no other cluster has."""
    return f"f{next(_numbers):03d}"
