"""A verification asks about a kind when a tag names such a thing; a simulated cluster has a few of the kinds only.

So the product is asked here about a thing of every kind, which nobody has.
"""

from collections.abc import Mapping
from contextlib import suppress

import boto3
import botocore.session
import pytest
from botocore.config import Config
from botocore.parsers import ResponseParserError
from ocpctl_common.errors import CloudRefused, CloudUnavailable
from ocpctl_common.providers.aws.resources import looking
from ocpctl_common.providers.aws.resources.clients import Clients
from ocpctl_common.providers.cloud import Thing
from ocpctl_local.moto import aws

CALLER = "ocpctl/every-kind"
# Where an id has a form.
IDS = {
    "iam:oidc-provider": f"arn:aws:iam::{aws.ACCOUNT}:oidc-provider/none",
    "iam:policy": f"arn:aws:iam::{aws.ACCOUNT}:policy/none",
}


def ask(variables: Mapping[str, str]) -> None:
    """Calls the endpoint of these variables as CALLER, once for each kind."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in variables.items():
            patch.setenv(name, value)
        made = botocore.session.Session()
        made.set_default_client_config(Config(user_agent_extra=CALLER))
        clients = Clients(boto3.Session(botocore_session=made))
        for kind in looking.CONFIRMS:
            # Of some kinds the endpoint knows nothing: it refuses, or answers with a page for people.
            with suppress(CloudRefused, CloudUnavailable, ResponseParserError):
                looking.exists(clients, Thing(kind=kind, id=IDS.get(kind, "none-0123"), region=aws.REGION))
