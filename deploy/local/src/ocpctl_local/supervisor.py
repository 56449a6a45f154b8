"""Starts a stack in order, keeps its services alive, stops it in reverse order.

Every child dies with the supervisor (PR_SET_PDEATHSIG), so not even SIGKILL leaves a process behind. Services and
PostgreSQL are started again when they end. The AWS endpoint holds its state in memory: when it ends, the stack ends.
"""

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from types import FrameType
from typing import Any

import urllib3
from ocpctl_common import failpoints
from ocpctl_common.rpc.peers import ENVOY

from ocpctl_local import aws, certificates, components, identity, postgres, simulator, state
from ocpctl_local.components import Component
from ocpctl_local.envoy_config import EnvoySettings, write
from ocpctl_local.kubernetes import certificates as cluster_certificates
from ocpctl_local.kubernetes.client import StandIn
from ocpctl_local.postgres import Postgres
from ocpctl_local.processes import free_ports, spawn, stop
from ocpctl_local.settings import ROOT, VERSIONS, StackSettings
from ocpctl_local.state import StackState

READY_SECONDS = 60.0
STOP_SECONDS = 10.0
MOST_RESTART_PAUSE = 5.0
STEADY_SECONDS = 5.0


class StackFailed(Exception):
    """The stack cannot go on; the message says where to look."""


class _Stopped(Exception):
    """A signal asked us to stop."""


class Supervisor:
    """One stack. `run` blocks until a signal; use it from the main thread only."""

    def __init__(self, settings: StackSettings) -> None:
        self._settings = settings
        self._folder = settings.folder
        self._children: dict[str, subprocess.Popen[bytes]] = {}
        self._services: dict[str, Component] = {}
        self._crashes: dict[str, int] = {}  # in a row, each soon after the start
        self._began: dict[str, float] = {}
        self._database: Postgres | None = None
        self._state = StackState(supervisor=os.getpid())

    def run(self) -> None:
        """Starts, watches and stops the stack. Raises StackFailed, FolderInUse."""
        with state.only_one(self._folder):
            _stop_on_signals()
            try:
                self._start()
                self._watch()
            except _Stopped:
                _say("stopping")
            finally:
                self._stop()

    def _start(self) -> None:
        began = time.monotonic()
        self._prepare_folder()
        database = self._start_state_holders()
        with _step("CloudFormation template"):
            resources = aws.deploy(aws.env(self._state.ports["aws"]))
        simulator.install(self._folder / "installers", VERSIONS, self._settings.knobs, self._stand_in())
        for component in components.services(self._settings, self._state.ports, database, resources):
            self._start_service(component)
        for component in self._services.values():
            self._wait_ready(component)
        self._start_envoy()
        self._publish(database)
        _say(f"ready in {time.monotonic() - began:.1f} s at {self._state.urls['api']}")

    def _stand_in(self) -> StandIn:
        """A fresh authority for the clusters' APIs, and how the installer reaches them."""
        files = cluster_certificates.prepare(self._folder / "kubernetes")
        url = f"https://127.0.0.1:{self._state.ports['kubernetes']}"
        return StandIn(url=url, authority=files.authority.read_text(), token=files.token.read_text())

    def _prepare_folder(self) -> None:
        for name in ("work", "installers", "journal", "failpoints", "kubernetes"):
            shutil.rmtree(self._folder / name, ignore_errors=True)
        for name in ("logs", "work", "installers", "keys", "failpoints"):
            (self._folder / name).mkdir(parents=True, exist_ok=True, mode=0o700)
        for log in (self._folder / "logs").glob("*.log"):
            if log.name != "supervisor.log":
                log.unlink()
        self._make_keys()
        certificates.make(self._folder / "tls")
        names = components.port_names(self._settings)
        ports = dict(zip(names, free_ports(len(names)), strict=True))
        self._change(ports=ports)

    def _make_keys(self) -> None:
        """Access keys of the three principals, and the key that signs their sessions."""
        keys = self._folder / "keys"
        identity.make_access_keys(keys)
        identity.signing_keys(keys).unlink(missing_ok=True)
        command = [sys.executable, "-m", "ocpctl_api_gateway.identity.signing", str(identity.signing_keys(keys))]
        if spawn(command, env={"PATH": "/usr/bin:/bin"}, log=self._log("keys")).wait() != 0:
            raise StackFailed(f"no signing key was made; see {self._log('keys')}")

    def _start_state_holders(self) -> Postgres:
        ports = self._state.ports
        faults = self._folder / "faults.json"
        faults.unlink(missing_ok=True)
        self._spawn("aws", aws.command(ports["aws"], faults), {"PATH": "/usr/bin:/bin", **aws.env(ports["aws"])})
        with _step("PostgreSQL"):
            database = postgres.start(self._folder / "postgres", self._log("postgres"), ports["postgres"])
            self._database = database
            self._register("postgres", database.process)
            postgres.create_roles(database)
            postgres.create_database(database, "ocpctl")
        with _step("migrations"):
            self._migrate(database)
        with _step("AWS endpoint"):
            aws.wait(ports["aws"])
        return database

    def _migrate(self, database: Postgres) -> None:
        command = [sys.executable, "-m", "alembic", "-c", str(ROOT / "migrations" / "alembic.ini"), "upgrade", "head"]
        env = {"PATH": "/usr/bin:/bin", "OCPCTL_DATABASE_URL": database.url("ocpctl_migrator")}
        if spawn(command, env=env, log=self._log("migrations")).wait() != 0:
            raise StackFailed(f"migrations failed; see {self._log('migrations')}")

    def _start_service(self, component: Component) -> None:
        self._services[component.name] = component
        self._change(ready_urls={name: service.ready_url for name, service in self._services.items()})
        self._spawn(component.name, component.command, component.env)

    def _start_envoy(self) -> None:
        ports = self._state.ports
        settings = EnvoySettings(
            listen_port=ports["envoy"],
            admin_port=ports["envoy_admin"],
            gateway_port=ports["gateway"],
            tls_dir=self._settings.tls_dir(ENVOY),
            audience=f"http://127.0.0.1:{ports['envoy']}",
            otlp_port=self._settings.otlp_port,
            limits=self._settings.limits,
            console_origins=self._settings.console_origins,
            front_port=ports["envoy_front"],
            front_peer=self._settings.front_peer,
        )
        write(settings, self._folder)
        component = components.envoy(self._settings, ports, Path(sys.executable).parent / "envoy")
        self._start_service(component)
        self._wait_ready(component)
        self._wait_keys(ports["envoy_admin"])

    def _wait_ready(self, component: Component) -> None:
        http = urllib3.PoolManager(retries=False, timeout=2)
        give_up = time.monotonic() + READY_SECONDS
        with _step(component.name):
            while not self._answers(http, component):
                if time.monotonic() > give_up or self._children[component.name].poll() is not None:
                    raise StackFailed(f"{component.name} did not start: {self._last_words(component.name)}")
                time.sleep(0.05)

    def _wait_keys(self, admin_port: int) -> None:
        """Until Envoy knows the keys of sessions it answers 503 to whoever has one."""
        http = urllib3.PoolManager(retries=False, timeout=2)
        url = f"http://127.0.0.1:{admin_port}/stats?filter=jwks_fetch_success"
        give_up = time.monotonic() + READY_SECONDS
        while not re.search(rb": [1-9]", http.request("GET", url).data):
            if time.monotonic() > give_up:
                raise StackFailed("Envoy does not get the keys of sessions; see its log")
            time.sleep(0.05)

    def _answers(self, http: urllib3.PoolManager, component: Component) -> bool:
        """Whether it is ready; an answer counts only while our process lives, or somebody else gave it."""
        try:
            ready = http.request("GET", component.ready_url).status == 200  # noqa: PLR2004
        except urllib3.exceptions.HTTPError:
            return False
        return ready and self._children[component.name].poll() is None

    def _spawn(self, name: str, command: Sequence[str], env: Mapping[str, str]) -> None:
        self._register(name, spawn(command, env=env, log=self._log(name)))

    def _register(self, name: str, process: "subprocess.Popen[bytes]") -> None:
        self._children[name] = process
        self._began[name] = time.monotonic()
        self._change(pids={name: child.pid for name, child in self._children.items()})

    def _log(self, name: str) -> Path:
        return self._folder / "logs" / f"{name}.log"

    def _last_words(self, name: str) -> str:
        """The end of a component's log, and where the rest is."""
        lines = self._log(name).read_text(errors="replace").strip().splitlines()
        return f"{lines[-1] if lines else 'it said nothing'} (log: {self._log(name)})"

    def _change(self, **changes: Any) -> None:
        self._state = replace(self._state, **changes)
        state.write(self._folder, self._state)

    def _publish(self, database: Postgres) -> None:
        ports = self._state.ports
        urls = {
            "api": f"http://127.0.0.1:{ports['envoy']}",
            "aws": f"http://127.0.0.1:{ports['aws']}",
            "database": database.url(postgres.SUPERUSER),
        }
        self._change(ready=True, urls=urls)

    def _watch(self) -> None:
        """Sleeps in the kernel until a child ends; no polling."""
        while True:
            ended = os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOWAIT)
            name = next((n for n, child in self._children.items() if ended and child.pid == ended.si_pid), None)
            if name is None:
                os.waitpid(ended.si_pid if ended else -1, 0)  # a grandchild that was left to us
                continue
            self._restart(name, self._children[name].wait())

    def _restart(self, name: str, code: int) -> None:
        component = self._services.get(name)
        if component is None and not (name == "postgres" and self._database):
            raise StackFailed(f"{name} ended with {code}; its state is lost, so the stack ends; see {self._log(name)}")
        lived = time.monotonic() - self._began[name]
        self._crashes[name] = 1 if lived > STEADY_SECONDS else self._crashes.get(name, 0) + 1
        pause = min(0.1 * 2 ** self._crashes[name], MOST_RESTART_PAUSE)
        _say(f"{name} ended with {code}; starting it again in {pause:.1f} s")
        time.sleep(pause)
        if component:
            self._spawn(name, component.command, {**component.env, **self._failpoint(name)})
        elif self._database:
            self._database = postgres.start_again(self._database, self._log(name))
            self._register(name, self._database.process)

    def _failpoint(self, name: str) -> dict[str, str]:
        """The failpoint that Stack.arm has laid for the next start, once."""
        order = self._folder / "failpoints" / name
        if not order.exists():
            return {}
        chosen = order.read_text()
        order.unlink()
        return {failpoints.VARIABLE: chosen}

    def _stop(self) -> None:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        for name, process in self._children.items():  # services end side by side; what they stand on follows
            if name in self._services:
                process.terminate()
        for name, process in reversed(self._children.items()):
            gentle = signal.SIGINT if name == "postgres" else signal.SIGTERM
            stop(process, gentle, STOP_SECONDS)
        postgres.remove_data(self._folder / "postgres")
        self._change(ready=False, pids={})
        _say("stopped")


@contextmanager
def _step(name: str) -> Iterator[None]:
    """Prints what was done and how long it took."""
    began = time.monotonic()
    yield
    _say(f"{name:<22} {time.monotonic() - began:5.1f} s")


def _say(text: str) -> None:
    print(text, flush=True)


def _stop_on_signals() -> None:
    def on_signal(number: int, frame: FrameType | None) -> None:
        raise _Stopped

    signal.signal(signal.SIGTERM, on_signal)
    signal.signal(signal.SIGINT, on_signal)
