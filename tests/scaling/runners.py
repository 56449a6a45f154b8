"""Real runners with `--once` on a local stack, each a process of its own."""

import subprocess
import sys
from dataclasses import dataclass, field

from ocpctl_common.lifecycle.pools import Pool
from ocpctl_local.moto import template
from ocpctl_local.moto.template import AwsResources
from ocpctl_local.processes.ports import free_ports
from ocpctl_local.processes.spawn import spawn
from ocpctl_local.settings import StackSettings
from ocpctl_local.stack import Stack
from ocpctl_local.supervision import services

from tests.scaling.keda import Pod, is_ready

COMMAND = (sys.executable, "-m", "ocpctl_installer_runner", "--once")
ACCESS_KEYS = 0  # the number of no runner of the stack: it has access keys


@dataclass(slots=True, kw_only=True)
class Runners:
    """Starts them. Call it from the main thread: they die with the thread that has started them."""

    stack: Stack
    settings: StackSettings
    wait_seconds: float
    processes: dict[str, "subprocess.Popen[bytes]"] = field(default_factory=dict)
    _resources: AwsResources | None = None

    def start(self, name: str, pool: Pool, **settings: str) -> Pod:
        """One of a pool, with other settings where they are given."""
        [port] = free_ports(1)
        env = {**self._env(name, pool), "OCPCTL_METRICS_LISTEN": f"127.0.0.1:{port}", **settings}
        process = spawn(COMMAND, env=env, log=self.stack.folder / "logs" / f"{name}.log")
        self.processes[name] = process
        return Pod(name=name, ended=process.poll, ready=lambda: is_ready(f"http://127.0.0.1:{port}/readyz"))

    def alive(self) -> int:
        """How many have not ended."""
        return sum(process.poll() is None for process in self.processes.values())

    def log(self, name: str) -> str:
        """What one has said."""
        return (self.stack.folder / "logs" / f"{name}.log").read_text(errors="replace")

    def _env(self, name: str, pool: Pool) -> dict[str, str]:
        ports = self.stack.state.ports
        if self._resources is None:
            self._resources = template.deployed(ports["aws"])
        return {
            "PATH": "/usr/bin:/bin",
            "HOME": str(self.stack.folder),
            **services.runner_env(self.settings, ports, self._resources, name=name, pools=(pool,)),
            **services.credentials(self.settings, ACCESS_KEYS),
            "OCPCTL_ONCE_WAIT_SECONDS": str(self.wait_seconds),
        }
