"""One stack a test process, for as long as it plays tests of this folder."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from ocpctl_local.client import Client
from ocpctl_local.settings import UNLIMITED, StackSettings
from ocpctl_local.stack import Stack, running_stack

FRONT_PEER = "front.example.com"
CONSOLE = "https://console.example.com"


@pytest.fixture(scope="package")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """The whole product; every secret is printed by the installer so that leaks can be looked for."""
    folder: Path = tmp_path_factory.mktemp("stack")
    clusters = {
        "e2e-quota": {"fail_stage": "network", "fail_class": "QUOTA"},
        "e2e-flaky": {"fail_stage": "bootstrap", "fail_class": "BOOTSTRAP", "fail_times": 1},
        "e2e-slow": {"time_scale": 6.0},
        "e2e-liar": {"destroy_wrong_account": True},
    }
    knobs = {
        "default": {"time_scale": 0.3, "print_secrets": True, "journal": str(folder / "journal")},
        "clusters": clusters,
    }
    settings = StackSettings(
        folder=folder,
        knobs=knobs,
        limits=UNLIMITED,
        console_origins=(CONSOLE,),
        front_peer=FRONT_PEER,
        connection_seconds=3,
    )
    with running_stack(settings) as running:
        yield running


@pytest.fixture
def client(stack: Stack) -> Client:
    """The requester."""
    return Client(stack)
