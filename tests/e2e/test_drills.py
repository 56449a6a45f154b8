"""The drills of the runbooks, claim by claim."""

from dataclasses import replace
from pathlib import Path

import pytest
from ocpctl_local.claims import Claims
from ocpctl_local.client import Client
from ocpctl_local.drills import restore, rolling_restart
from ocpctl_local.settings import UNLIMITED, StackSettings
from ocpctl_local.stack import running_stack

from tests.waiting import slowed

QUICK = {"default": {"time_scale": 0.3, "key_bits": 2048}}  # the simulated programs


@pytest.mark.timeout(600)  # a whole bad day
def test_a_database_is_restored_from_a_backup(tmp_path: Path) -> None:
    """A claim that does not hold raises NotTrue."""
    times = replace(slowed(restore.TIMES), orphans=restore.TIMES.orphans)
    settings = StackSettings(folder=tmp_path, times=times, knobs=QUICK, limits=UNLIMITED, with_a_role=(1, 2))
    with running_stack(settings) as stack:
        restore.tell(Claims(stack, Client(stack)), wait=times.trust + times.kill)


@pytest.mark.timeout(600)
def test_every_service_is_replaced_under_load(tmp_path: Path) -> None:
    settings = replace(rolling_restart.settings(tmp_path, slowed(rolling_restart.TIMES)), knobs=QUICK)
    with running_stack(settings) as stack:
        rolling_restart.tell(Claims(stack, Client(stack)))
