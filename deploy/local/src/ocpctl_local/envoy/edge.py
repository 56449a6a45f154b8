"""Envoy's configuration, its process, and when it is ready."""

import json
import re
import sys
import time
from collections.abc import Mapping
from pathlib import Path

import urllib3
from ocpctl_common.rpc.peers import ENVOY
from ocpctl_common.settings import PREFIX
from ocpctl_envoy.rendering import write
from ocpctl_envoy.settings import EnvoySettings

from ocpctl_local.processes.children import READY_SECONDS, StackFailed
from ocpctl_local.processes.component import Component
from ocpctl_local.processes.origin import Program
from ocpctl_local.settings import StackSettings


def configure(settings: StackSettings, ports: Mapping[str, int], gateways: tuple[str, ...]) -> Component:
    """Writes the configuration; returns the process to start. `gateways` are addresses."""
    envoy = EnvoySettings(
        envoy_dir=settings.folder / "envoy",
        listen=_loopback(ports["envoy"]),
        admin_listen=_loopback(ports["envoy_admin"]),
        gateways=gateways,
        tls_dir=settings.tls_dir(ENVOY),
        audience=f"http://127.0.0.1:{ports['envoy']}",
        otlp_endpoint=_loopback(settings.otlp_port) if settings.otlp_port else None,
        console_origins=settings.console_origins,
        front_listen=_loopback(ports["envoy_front"]) if settings.front_peer else None,
        front_peer=settings.front_peer,
        **settings.limits.of_envoy(),
    )
    return _component(ports, write(envoy), envoy)


def _component(ports: Mapping[str, int], config: Path, settings: EnvoySettings) -> Component:
    binary = Path(sys.executable).with_name("envoy")
    options = ("--disable-hot-restart", "--concurrency", "1", "--file-flush-interval-msec", "500", "-l", "warning")
    return Component(
        name="envoy",
        program=Program(image="envoy", command=(str(binary), "-c", str(config), *options), reads=(settings.tls_dir,)),
        env=_env(settings),
        ready_url=f"http://127.0.0.1:{ports['envoy']}/readyz",
    )


def _env(settings: EnvoySettings) -> dict[str, str]:
    """The settings for the image, which writes Envoy's configuration itself, at a place of its own."""
    given = {name: getattr(settings, name) for name in settings.model_fields_set - {"envoy_dir"}}
    return {
        f"{PREFIX}{name.upper()}": json.dumps(value) if isinstance(value, tuple) else str(value)
        for name, value in given.items()
        if value is not None
    }


def _loopback(port: int) -> str:
    return f"127.0.0.1:{port}"


def wait_for_session_keys(admin_port: int) -> None:
    """Returns when Envoy has the keys of sessions: before, it answers 503 to every request with a session."""
    http = urllib3.PoolManager(retries=False, timeout=2)
    url = f"http://127.0.0.1:{admin_port}/stats?filter=jwks_fetch_success"
    deadline = time.monotonic() + READY_SECONDS
    while not re.search(rb": [1-9]", http.request("GET", url).data):
        if time.monotonic() > deadline:
            raise StackFailed("Envoy does not get the keys of sessions; see its log")
        time.sleep(0.05)
