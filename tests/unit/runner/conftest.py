"""What several unit tests read."""

from pathlib import Path

import pytest
import yaml


@pytest.fixture(scope="session")
def examples() -> dict[str, str]:
    """For every failure rule what the installer or AWS really prints."""
    found: dict[str, str] = yaml.safe_load(Path(__file__).with_name("failure_examples.yaml").read_text())
    return found
