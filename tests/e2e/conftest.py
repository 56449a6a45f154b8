"""What the end-to-end tests share."""

import pytest
from ocpctl_local.client import Client
from ocpctl_local.stack import Stack


@pytest.fixture
def client(stack: Stack) -> Client:
    """The requester."""
    return Client(stack)
