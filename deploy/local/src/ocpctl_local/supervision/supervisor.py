"""Starts a stack in order, keeps it alive, stops it.

Services and PostgreSQL are started again when they end. The AWS endpoint holds its state in memory: when it ends, the
stack ends.
"""

import shutil
import sys
import time
from pathlib import Path

from ocpctl_local import simulator, state
from ocpctl_local.database import postgres
from ocpctl_local.database.data_folder import remove_data
from ocpctl_local.database.postgres import Postgres
from ocpctl_local.envoy import edge
from ocpctl_local.kubernetes import certificates as cluster_certificates
from ocpctl_local.kubernetes.client import StandIn
from ocpctl_local.moto import aws, identity, template
from ocpctl_local.processes.children import Children, Process
from ocpctl_local.processes.origin import Clone, Images, Program
from ocpctl_local.processes.ports import free_ports
from ocpctl_local.processes.progress import say, step
from ocpctl_local.processes.spawn import spawn
from ocpctl_local.settings import VERSIONS, StackSettings
from ocpctl_local.supervision import services, signals
from ocpctl_local.supervision.port_names import ends, port_names
from ocpctl_local.supervision.signals import Stopped
from ocpctl_local.tls import certificates


class Supervisor:
    """One stack. `run` blocks until a signal; use it from the main thread only."""

    def __init__(self, settings: StackSettings) -> None:
        self._settings = settings
        self._folder = settings.folder
        origin = Images(settings.folder) if settings.from_images else Clone(settings.folder)
        self._children = Children(settings.folder, origin)

    def run(self) -> None:
        """Starts, watches and stops the stack. Raises StackFailed, FolderInUse."""
        with state.only_one(self._folder):
            try:
                self._until_stopped()
            except Stopped:
                say("stopping")
            finally:
                signals.ignore()
                self._children.stop()
                remove_data(self._folder / "postgres")
                say("stopped")

    def _until_stopped(self) -> None:
        signals.heed()
        try:
            self._start()
            self._children.watch()
        finally:
            signals.ignore()  # before the caller's own `finally`, which must not be interrupted

    def _start(self) -> None:
        began = time.monotonic()
        self._prepare_folder()
        database = self._start_state_holders()
        with step("CloudFormation template"):
            resources = template.deploy(self._ports["aws"], self._settings.cluster_account)
        simulator.install(self._folder / "installers", VERSIONS, self._settings.knobs, self._stand_in())
        components = services.of_stack(self._settings, self._ports, database, resources)
        for component in components:
            self._children.serve(component)
        for component in components:
            self._children.wait_ready(component)
        self._start_envoy()
        self._publish(database)
        say(f"ready in {time.monotonic() - began:.1f} s at {self._children.state.urls['api']}")

    @property
    def _ports(self) -> dict[str, int]:
        return self._children.state.ports

    def _stand_in(self) -> StandIn:
        """A fresh authority for the clusters' APIs, and how the installer reaches them."""
        files = cluster_certificates.prepare(self._folder / "kubernetes")
        url = f"https://127.0.0.1:{self._ports['kubernetes']}"
        return StandIn(url=url, authority=files.authority.read_text(), token=files.token.read_text())

    def _prepare_folder(self) -> None:
        for name in ("work", "installers", "journal", "failpoints", "kubernetes"):
            shutil.rmtree(self._folder / name, ignore_errors=True)
        for name in ("logs", "work", "installers", "keys", "failpoints"):
            (self._folder / name).mkdir(parents=True, exist_ok=True, mode=0o700)
        for log in (self._folder / "logs").glob("*.log"):
            if log.name != "supervisor.log":
                log.unlink()
        self._make_keys(self._folder / "keys")
        certificates.make(self._folder / "tls")
        names = port_names(self._settings)
        self._children.change(ports=dict(zip(names, free_ports(len(names)), strict=True)))

    def _make_keys(self, keys: Path) -> None:
        """Access keys of the three principals, and the key that signs their sessions."""
        identity.make_access_keys(keys)
        identity.signing_keys(keys).unlink(missing_ok=True)
        command = (sys.executable, "-m", "ocpctl_api_gateway.identity.signing", str(identity.signing_keys(keys)))
        self._children.run("keys", Program(command=command), {})

    def _start_state_holders(self) -> Postgres:
        port, faults = self._ports["aws"], self._folder / "faults.json"
        faults.unlink(missing_ok=True)
        env = {"PATH": "/usr/bin:/bin", **aws.env(port)}
        self._children.hold("aws", spawn(aws.command(port, faults), env=env, log=self._children.log("aws")))
        with step("PostgreSQL"):
            database = self._start_postgres()
        with step("migrations"):
            program = Program(image="migrations", command=(sys.executable, "-m", "ocpctl_migrations"))
            self._children.run("migrations", program, {"OCPCTL_DATABASE_URL": database.url("ocpctl_migrator")})
        with step("AWS endpoint"):
            aws.wait(port)
        return database

    def _start_postgres(self) -> Postgres:
        log = self._children.log("postgres")
        database = postgres.start(self._folder / "postgres", log, self._ports["postgres"])

        def again() -> Process:
            return postgres.start_again(database, log).process

        self._children.hold("postgres", database.process, again)
        postgres.create_roles(database)
        postgres.create_database(database, "ocpctl")
        return database

    def _start_envoy(self) -> None:
        ports = self._ports
        gateways = tuple(f"127.0.0.1:{ports[f'gateway{end}']}" for end in ends(self._settings.gateways))
        component = edge.configure(self._settings, ports, gateways)
        self._children.serve(component)
        self._children.wait_ready(component)
        edge.wait_for_session_keys(ports["envoy_admin"])

    def _publish(self, database: Postgres) -> None:
        urls = {
            "api": f"http://127.0.0.1:{self._ports['envoy']}",
            "aws": f"http://127.0.0.1:{self._ports['aws']}",
            "database": database.url(postgres.SUPERUSER),
        }
        self._children.change(ready=True, urls=urls)
