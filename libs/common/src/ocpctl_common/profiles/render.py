"""install-config.yaml from a resolved specification. The installer ignores unknown keys, so none may slip in.

It is written as JSON, which every reader of YAML understands in one way. Of plain YAML the installer makes other things
than we mean: `y` is true to it, `08` is 8, `1e3` is 1000 and 2026-11-26 a time.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from ocpctl_common.profiles.spec import ResolvedSpec
from ocpctl_common.providers.registry import PROVIDERS

TAG_VALUE_LIMIT = 256


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """Whose cluster it is: goes into the tags of every resource."""

    cluster_id: str
    attempt_id: str


OUR_TAGS: Mapping[str, Callable[[ResolvedSpec, Identity], str]] = {
    "ocpctl:cluster-id": lambda _, identity: identity.cluster_id,
    "ocpctl:attempt": lambda _, identity: identity.attempt_id,
    "ocpctl:owner": lambda spec, _: spec.owner,
    "ocpctl:team": lambda spec, _: spec.team,
    "ocpctl:cost-center": lambda spec, _: spec.cost_center,
    "ocpctl:profile": lambda spec, _: spec.profile,
    "ocpctl:env": lambda spec, _: spec.environment,
    "ocpctl:managed-by": lambda *_: "ocpctl",
}


def render_install_config(
    spec: ResolvedSpec, identity: Identity, *, pull_secret: str, manual_credentials: bool = False
) -> dict[str, Any]:
    """The document for the installer. Holds the pull secret: write it to a 0700 directory only.

    `manual_credentials`: the cluster's credentials are made outside of it, and given to it as manifests.
    """
    config: dict[str, Any] = {
        "apiVersion": "v1",
        "metadata": {"name": spec.name},
        "baseDomain": spec.base_domain,
        "controlPlane": _pool(spec, "master", spec.control_plane.replicas, spec.control_plane.instance_type),
        "compute": [_pool(spec, "worker", spec.workers.replicas, spec.workers.instance_type)],
        "networking": {
            "networkType": spec.networking.network_type,
            "machineNetwork": [{"cidr": spec.networking.machine_cidr}],
            "clusterNetwork": [{"cidr": n.cidr, "hostPrefix": n.host_prefix} for n in spec.networking.cluster_network],
            "serviceNetwork": list(spec.networking.service_network),
        },
        "publish": spec.publish,
        "fips": spec.fips,
        "pullSecret": pull_secret,
    }
    if spec.ssh_public_key:
        config["sshKey"] = spec.ssh_public_key
    if manual_credentials:
        config["credentialsMode"] = "Manual"
    of_cloud = PROVIDERS[spec.platform].install_config(region=spec.region, tags=user_tags(spec, identity))
    return config | dict(of_cloud)


def as_text(config: Mapping[str, Any]) -> str:
    """The file. ASCII alone: JSON's escapes beyond the first 65,536 characters are not YAML's."""
    text = json.dumps(config, indent=1, ensure_ascii=False)
    if not text.isascii():
        raise ValueError("only ASCII may be rendered")
    return text + "\n"


SCHEDULER_MANIFEST = "cluster-scheduler-02-config.yml"


def scheduler_manifest() -> str:
    """Lets the control plane run workloads.

    By itself the installer does so only where there are no workers at first, and nobody decides it anew when they are
    scaled.
    """
    return json.dumps(
        {
            "apiVersion": "config.openshift.io/v1",
            "kind": "Scheduler",
            "metadata": {"creationTimestamp": None, "name": "cluster"},
            "spec": {"mastersSchedulable": True, "policy": {"name": ""}},
            "status": {},
        }
    )


def _pool(spec: ResolvedSpec, name: str, replicas: int, instance_type: str) -> dict[str, Any]:
    return {
        "name": name,
        "replicas": replicas,
        "architecture": "amd64",
        "hyperthreading": "Enabled",
        "platform": {spec.platform: {"type": instance_type}},
    }


def user_tags(spec: ResolvedSpec, identity: Identity) -> Mapping[str, str]:
    """Our tags win over all others: they are how an orphan finds its owner.

    None of them promises an end: the time to live changes and a resource's tags do not (docs/decisions/0012).
    """
    ours = {key: value(spec, identity) for key, value in OUR_TAGS.items()}
    return {key: value[:TAG_VALUE_LIMIT] for key, value in {**spec.tags, **ours}.items()}
