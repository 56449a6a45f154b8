"""AWS is told which service calls."""

from typing import Any

import pytest
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from ocpctl_common.cloud import session
from ocpctl_common.cloud.session import CONFIG


class Sent(Exception):
    """The request is ready; nothing leaves this process."""


@pytest.fixture(autouse=True)
def _unnamed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "key")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    monkeypatch.setattr(session, "_agent", session._agent)


def _stop(request: AWSRequest, **_: object) -> None:
    sent: Any = request.headers["User-Agent"]
    raise Sent(sent.decode())


def agent(config: Config) -> list[str]:
    client = session.session().client("sts", region_name="us-east-1", config=config)
    client.meta.events.register("before-send", _stop)
    with pytest.raises(Sent) as sent:
        client.get_caller_identity()
    return str(sent.value).split()


@pytest.mark.parametrize("config", [CONFIG, CONFIG.merge(Config(signature_version="v4"))])
def test_a_call_names_its_service_whatever_else_its_client_is_told(config: Config) -> None:
    session.configure("installer-runner")
    told = agent(config)
    assert told[-1] == "ocpctl/installer-runner"
    assert told[0].startswith("Boto3/"), "the library's own words stay"


def test_a_program_that_is_no_service_is_ocpctl() -> None:
    assert agent(CONFIG)[-1] == "ocpctl"
