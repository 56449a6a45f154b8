"""The local AWS endpoint by itself, with the base domain's public zone, and clusters made in it without a stack."""

import signal
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import Any

import boto3
import pytest
from ocpctl_common.providers.aws.resources.clients import Clients
from ocpctl_local.moto import aws
from ocpctl_local.processes.ports import free_ports
from ocpctl_local.processes.spawn import spawn, stop
from ocpctl_local.simulator.cloud import Cloud
from ocpctl_local.simulator.destroy import delete_all
from ocpctl_local.simulator.files import State, metadata
from ocpctl_local.simulator.journal import Journal
from ocpctl_local.simulator.knobs import Knobs
from ocpctl_local.simulator.log import InstallLog
from ocpctl_local.simulator.site import Site
from ocpctl_local.simulator.stages import STAGES


class Endpoint:
    """A running endpoint, as ocpctl_local.moto.inventory wants it."""

    def __init__(self, port: int) -> None:
        self._port = port

    @cached_property
    def clients(self) -> Clients:
        """As the product makes them."""
        return Clients(self.session())

    def session(self) -> boto3.Session:
        """Credentials for it."""
        return aws.session()

    def client(self, service: str) -> Any:
        """A client of it."""
        return aws.client(self._port, service)


@contextmanager
def endpoint(folder: Path, patch: pytest.MonkeyPatch) -> Iterator[Endpoint]:
    """A running endpoint; this process's environment points there as long as it runs."""
    port = free_ports(1)[0]
    process = spawn(aws.command(port, folder / "faults.json"), env={}, log=folder / "aws.log")
    variables = aws.env(port)
    try:
        aws.wait(port)
        for name, value in variables.items():
            patch.setenv(name, value)
        made = Endpoint(port)
        made.client("route53").create_hosted_zone(Name=aws.BASE_DOMAIN, CallerReference="public")
        yield made
    finally:
        stop(process, signal.SIGTERM, 10)


def state(name: str, infra_id: str) -> State:
    """As the installer's first commands leave it."""
    return State(
        name=name,
        base_domain=aws.BASE_DOMAIN,
        region=aws.REGION,
        infra_id=infra_id,
        cluster_uuid=f"00000000-0000-4000-8000-{abs(hash(infra_id)) % 10**12:012d}",
        masters=3,
        workers=2,
        instance_type="m6i.xlarge",
        tags={"ocpctl:managed-by": "ocpctl"},
        password="",
        pull_secret="",
    )


def create(one: State, knobs: Knobs | None = None, *, last: str = "") -> None:
    """Every stage of `create cluster`, at once; up to the stage `last`."""
    site = Site(
        cloud=Cloud(one.region, one.infra_id),
        domain=f"{one.name}.{one.base_domain}",
        cluster_uuid=one.cluster_uuid,
        user_tags=one.tags,
    )
    for stage in STAGES:
        stage.create(site, one, knobs or Knobs())
        if stage.name == last:
            return


def destroy(one: State, knobs: Knobs | None = None, *, folder: Path | None = None) -> str:
    """`destroy cluster`; returns its log, which is in `folder`."""
    with tempfile.TemporaryDirectory() as name:
        folder = folder or Path(name)
        journal = Journal(path="", cluster=one.name, infra_id=one.infra_id)
        log = InstallLog(folder)
        delete_all(metadata(one)["aws"], knobs or Knobs(time_scale=0), journal, log, once=folder / "once")
        return (folder / ".openshift_install.log").read_text()
