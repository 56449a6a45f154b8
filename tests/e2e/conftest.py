"""All end-to-end tests share one stack, so they run in one worker."""

from collections.abc import Sequence

import pytest
from ocpctl_local.client import Client
from ocpctl_local.stack import Stack


@pytest.hookimpl(tryfirst=True)  # before the groups are read
def pytest_collection_modifyitems(items: Sequence[pytest.Item]) -> None:
    for item in items:
        if "stack" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.xdist_group("stack"))


@pytest.fixture
def client(stack: Stack) -> Client:
    """The requester."""
    return Client(stack)
