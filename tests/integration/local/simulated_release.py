"""The simulated programs of one release, each run as a process against the local AWS endpoint."""

import json
import os
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ocpctl_local import simulator
from ocpctl_local.kubernetes import certificates, server
from ocpctl_local.kubernetes.client import StandIn
from ocpctl_local.moto import aws
from ocpctl_local.processes.ports import free_ports
from ocpctl_local.simulator import release

VERSION = "4.20.3"
POOL = {"platform": {"aws": {"type": "m6i.xlarge"}}}
PULL_SECRET = json.dumps({"auths": {"registry.example.com": {"auth": "dTpw"}}})
FAST = {"time_scale": 0, "key_bits": 2048}
SEEN = ("PATH", "AWS_ENDPOINT_URL", "AWS_REGION")
STATIC = {"AWS_ACCESS_KEY_ID": aws.KEY, "AWS_SECRET_ACCESS_KEY": aws.KEY}
TEMPORARY = {**STATIC, "AWS_SESSION_TOKEN": "of a role"}


def stand_in(folder: Path) -> StandIn:
    """A running server that plays the clusters' APIs."""
    files = certificates.prepare(folder / "authority")
    port = free_ports(1)[0]
    server.start(port, files)
    authority, token = files.authority.read_text(), files.token.read_text()
    return StandIn(url=f"https://127.0.0.1:{port}", authority=authority, token=token)


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """How a program ended."""

    code: int
    out: str
    err: str


@dataclass(kw_only=True)
class Release:
    """A folder with the programs, and everything that they write."""

    folder: Path
    knobs: Mapping[str, Any] = field(default_factory=dict)
    credentials: Mapping[str, str] = field(default_factory=lambda: TEMPORARY)
    api: StandIn = field(default_factory=lambda: StandIn(url="https://nowhere", authority="", token=""))

    def __post_init__(self) -> None:
        self.set(**self.knobs)

    @property
    def home(self) -> Path:
        return self.folder / "installers" / VERSION

    @property
    def requests(self) -> Path:
        return self.folder / "requests"

    @property
    def journal(self) -> Path:
        return self.folder / "journal.jsonl"

    def set(self, **knobs: Any) -> None:
        """From now on these knobs hold."""
        default = {**FAST, "journal": str(self.journal), **knobs}
        simulator.install(self.folder / "installers", [VERSION], {"default": default}, self.api)

    def run(self, program: str, *words: str | Path, env: Mapping[str, str] | None = None) -> Done:
        """One program to its end, with nothing of this process's credentials."""
        seen = {name: os.environ[name] for name in SEEN} | {"HOME": str(self.folder)}
        seen |= {"AWS_EC2_METADATA_DISABLED": "true", **(self.credentials if env is None else env)}
        done = subprocess.run([self.home / program, *words], env=seen, capture_output=True, text=True, check=False)
        return Done(code=done.returncode, out=done.stdout, err=done.stderr)

    def config(self, name: str, mode: str) -> Path:
        """A new install directory with its install-config.yaml."""
        made = self.folder / f"install-{name}"
        made.mkdir()
        document = {
            "apiVersion": "v1",
            "baseDomain": aws.BASE_DOMAIN,
            "metadata": {"name": name},
            "pullSecret": PULL_SECRET,
            "controlPlane": {"replicas": 3, **POOL},
            "compute": [{"replicas": 2, **POOL}],
            "platform": {"aws": {"region": aws.REGION}},
        } | ({"credentialsMode": mode} if mode else {})
        (made / "install-config.yaml").write_text(json.dumps(document))
        return made

    def installer(self, command: str, folder: Path, env: Mapping[str, str] | None = None) -> Done:
        """A command of openshift-install on a directory."""
        return self.run("openshift-install", *command.split(), "--dir", folder, env=env)

    def extract(self, config: Path, **flags: str | Path) -> Done:
        """`oc adm release extract`; `flags` go before what is usual. A flag without a value is left out."""
        login = self.folder / "pull-secret.json"
        login.write_text(PULL_SECRET)
        words = {
            "from": release.image(VERSION),
            "install-config": config / "install-config.yaml",
            "to": self.requests,
            "registry-config": login,
        } | {name.replace("_", "-"): value for name, value in flags.items()}
        given = (f"--{name}={value}" for name, value in words.items() if value)
        return self.run("oc", "adm", "release", "extract", "--credentials-requests", "--included", *given)

    def create_all(self, name: str, *flags: str, region: str = aws.REGION) -> Done:
        """`ccoctl aws create-all` into `out(name)`, with requests that are extracted when they are not there."""
        if not self.requests.exists():
            self.extract(self.config("requests", "Manual"))
        own = ("--name", name, "--region", region)
        folders = ("--credentials-requests-dir", self.requests, "--output-dir", self.out(name))
        return self.run("ccoctl", "aws", "create-all", *own, *folders, *flags)

    def out(self, name: str) -> Path:
        return self.folder / f"out-{name}"

    def delete(self, name: str) -> Done:
        """`ccoctl aws delete`."""
        return self.run("ccoctl", "aws", "delete", f"--name={name}", f"--region={aws.REGION}")

    def give(self, name: str, folder: Path) -> None:
        """Copies what ccoctl has written for the installer to the install directory."""
        for part in ("manifests", "tls"):
            shutil.copytree(self.out(name) / part, folder / part, dirs_exist_ok=True)

    def records(self, operation: str) -> list[dict[str, Any]]:
        """The journal's records of an operation, without its signs of life."""
        found = map(json.loads, self.journal.read_text().splitlines())
        return [record for record in found if record["operation"] == operation and record["mark"] != "beat"]
