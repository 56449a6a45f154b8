"""The account that is written down is the one that an installer acts in."""

from types import SimpleNamespace
from typing import Any

import pytest
from ocpctl_common.errors import Unavailable
from ocpctl_common.providers.aws.account import CallerAccount


def aws(access_key: str, account: str) -> Any:
    """A session with these credentials."""
    frozen = SimpleNamespace(access_key=access_key)
    return SimpleNamespace(
        client=lambda *_, **__: SimpleNamespace(get_caller_identity=lambda: {"Account": account}),
        get_credentials=lambda: SimpleNamespace(get_frozen_credentials=lambda: frozen),
    )


@pytest.mark.parametrize("fresh", [aws("a", "1"), aws("b", "1")], ids=["the same", "another key of the account"])
def test_credentials_of_the_same_account(fresh: Any) -> None:
    assert CallerAccount(aws("a", "1"), fresh=lambda: fresh).ask() == "1"


def test_a_credentials_file_that_was_changed_under_a_runner() -> None:
    """Its own session keeps the old keys for ever; every installer reads the file anew."""
    with pytest.raises(Unavailable, match="start it anew"):
        CallerAccount(aws("a", "1"), fresh=lambda: aws("b", "2")).ask()
