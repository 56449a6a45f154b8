"""An endpoint without anything in it."""

import os
from collections.abc import Iterator

import pytest
import urllib3

from tests.integration import aws_endpoint
from tests.integration.aws_endpoint import Endpoint


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Endpoint]:
    """One for all tests of a file: to start it takes seconds."""
    folder = tmp_path_factory.mktemp("endpoint")
    with pytest.MonkeyPatch.context() as patch, aws_endpoint.endpoint(folder, patch) as made:
        yield made


@pytest.fixture
def endpoint(shared: Endpoint) -> Endpoint:
    """Without any stack or role."""
    urllib3.request("POST", f"{os.environ['AWS_ENDPOINT_URL']}/moto-api/reset", retries=False, timeout=10)
    return shared
