"""The files of `create manifests` and `create ignition-configs`. Standard library and YAML only: it starts fast."""

import base64
import hashlib
import json
import secrets
import shutil
import string
import uuid
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import yaml

from ocpctl_local.kubernetes.client import StandIn
from ocpctl_local.simulator import credential_files, go_yaml, rules

STATE = ".openshift_install_state.json"
SCHEDULER = "manifests/cluster-scheduler-02-config.yml"
CREATED = ".created"
ALPHABET = "bcdfghjklmnpqrstvwxz2456789"
INFRA_NAME_LIMIT = 21


class BadConfig(Exception):
    """install-config.yaml is missing or wrong (exit code 3)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """What later commands of the same directory know."""

    name: str
    base_domain: str
    region: str
    infra_id: str
    cluster_uuid: str
    masters: int
    workers: int
    instance_type: str
    tags: dict[str, str]
    password: str
    pull_secret: str
    masters_schedulable: bool = False
    credentials_mode: str = ""
    manual: dict[str, Any] = field(default_factory=dict)  # what credential_files.py found in the manual mode


def read(folder: Path) -> State:
    """Reads install-config.yaml and fixes the identity. Raises BadConfig."""
    return _state(_config(folder))


def manifests(folder: Path, state: State | None = None) -> State:
    """Writes the manifests of an identity; without one it is fixed here. Raises BadConfig."""
    state = state or read(folder)
    (folder / "manifests").mkdir(exist_ok=True)
    (folder / "manifests" / "cluster-config.yaml").write_text(f"infraID: {state.infra_id}\n")
    scheduler = {"kind": "Scheduler", "spec": {"mastersSchedulable": state.masters_schedulable}}
    (folder / SCHEDULER).write_text(yaml.safe_dump(scheduler))
    _save(folder, state)
    return state


def _save(folder: Path, state: State) -> None:
    (folder / STATE).write_text(json.dumps({name: getattr(state, name) for name in State.__slots__}))


def load(folder: Path) -> State:
    """The identity that `manifests` has fixed. Raises BadConfig."""
    try:
        return State(**json.loads((folder / STATE).read_text()))
    except FileNotFoundError as error:
        raise BadConfig("no state: run `create manifests` first") from error


def ignition_configs(folder: Path, stand_in: StandIn) -> State:
    """Writes metadata.json, auth/ and the ignition files; consumes install-config.yaml. Raises BadConfig, OSError."""
    state = load(folder) if (folder / STATE).exists() else manifests(folder)
    scheduler = go_yaml.load((folder / SCHEDULER).read_text())
    schedulable = scheduler["spec"]["mastersSchedulable"] is True
    state = replace(state, masters_schedulable=schedulable, manual=credential_files.read(folder))
    _save(folder, state)
    for consumed in ("manifests", "openshift", "tls"):  # the real one consumes them, too
        shutil.rmtree(folder / consumed, ignore_errors=True)
    (folder / "metadata.json").write_text(json.dumps(metadata(state)))
    auth = folder / "auth"
    auth.mkdir(exist_ok=True, mode=0o700)
    (auth / "kubeadmin-password").write_text(state.password)
    (auth / "kubeconfig").write_text(kubeconfig(state, stand_in))
    for role in ("bootstrap", "master", "worker"):
        ignition = {
            "ignition": {"version": "3.2.0"},
            "storage": {"files": [{"path": "/x", "contents": state.pull_secret}]},
        }
        (folder / f"{role}.ign").write_text(json.dumps(ignition))
    (folder / "install-config.yaml").unlink(missing_ok=True)
    return state


def metadata(state: State) -> dict[str, Any]:
    """metadata.json as the real installer writes it for AWS."""
    return {
        "clusterName": state.name,
        "clusterID": state.cluster_uuid,
        "infraID": state.infra_id,
        "aws": {
            "region": state.region,
            "identifier": [
                {f"kubernetes.io/cluster/{state.infra_id}": "owned"},
                {"openshiftClusterID": state.cluster_uuid},
                {f"sigs.k8s.io/cluster-api-provider-aws/cluster/{state.infra_id}": "owned"},
            ],
            "clusterDomain": f"{state.name}.{state.base_domain}",
        },
    }


def kubeconfig(state: State, stand_in: StandIn) -> str:
    """A kubeconfig of the usual shape; it works as soon as the cluster is there."""
    data = {name: base64.b64encode(pem.encode()).decode() for name, pem in stand_in.credentials(state.infra_id).items()}
    cluster = {"certificate-authority-data": data["authority"], "server": stand_in.url}
    user = {"client-certificate-data": data["certificate"], "client-key-data": data["key"]}
    document = {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": state.name, "cluster": cluster}],
        "contexts": [{"name": "admin", "context": {"cluster": state.name, "user": "admin"}}],
        "current-context": "admin",
        "users": [{"name": "admin", "user": user}],
    }
    return str(yaml.safe_dump(document, width=100_000))


def _config(folder: Path) -> dict[str, Any]:
    path = folder / "install-config.yaml"
    if not path.exists():
        raise BadConfig("failed to fetch Install Config: open install-config.yaml: no such file or directory")
    try:
        config = go_yaml.load(path.read_text())
    except (yaml.YAMLError, ValueError) as error:
        raise BadConfig(f"failed to unmarshal install-config.yaml: {error}") from error
    if not isinstance(config, dict) or config.get("apiVersion") != "v1":
        raise BadConfig('invalid "install-config.yaml" file: apiVersion: Required value')
    return config


def _state(config: dict[str, Any]) -> State:
    try:
        json.loads(config["pullSecret"])["auths"]
        pools = (config["controlPlane"], config["compute"][0])
        name = go_yaml.text(config["metadata"]["name"])
        if found := list(rules.problems(config)):
            raise BadConfig(f'invalid "install-config.yaml" file: {found[0]}')
        tags = config["platform"]["aws"].get("userTags", {})
        infra_id = f"{name[:INFRA_NAME_LIMIT].rstrip('-')}-{_random(5)}"
        return State(
            name=name,
            base_domain=go_yaml.text(config["baseDomain"]),
            region=go_yaml.text(config["platform"]["aws"]["region"]),
            infra_id=infra_id,
            cluster_uuid=str(uuid.uuid4()),
            masters=int(pools[0]["replicas"]),
            workers=int(pools[1]["replicas"]),
            instance_type=pools[0]["platform"]["aws"]["type"],
            tags={key: go_yaml.text(value) for key, value in tags.items()},
            password=password_of(infra_id),
            pull_secret=config["pullSecret"],
            masters_schedulable=int(pools[1]["replicas"]) == 0,
            credentials_mode=go_yaml.text(config.get("credentialsMode")),
        )
    except (KeyError, IndexError, TypeError, ValueError) as error:
        raise BadConfig(f'invalid "install-config.yaml" file: {error!r}') from error


def _random(length: int) -> str:
    return "".join(secrets.choice(ALPHABET) for _ in range(length))


def password_of(infra_id: str) -> str:
    """No chance is in it, unlike in the real one: whoever searches for it need not have seen it."""
    letters = string.ascii_letters + string.digits
    made = "".join(letters[byte % len(letters)] for byte in hashlib.sha256(infra_id.encode()).digest()[:20])
    return "-".join(made[start : start + 5] for start in range(0, 20, 5))
