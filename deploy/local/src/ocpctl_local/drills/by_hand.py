"""What a person does with a cluster that nothing knows any more: docs/runbooks/lost-snapshot.md, word for word."""

import json
import os
import subprocess
from pathlib import Path

from ocpctl_local.client import GUIDE_REQUEST
from ocpctl_local.moto import aws
from ocpctl_local.stack import Stack

# Elastic addresses have only the second.
MARKS = ("kubernetes.io/cluster/", "sigs.k8s.io/cluster-api-provider-aws/cluster/")


def destroy(stack: Stack, name: str, infra_id: str) -> None:
    """First what the installer made, then what ccoctl made. Raises CalledProcessError."""
    region, domain = GUIDE_REQUEST["region"], GUIDE_REQUEST["baseDomain"]
    marks = [{f"{mark}{infra_id}": "owned"} for mark in MARKS]
    where = {"region": region, "identifier": marks, "clusterDomain": f"{name}.{domain}"}
    folder = stack.folder / f"by-hand-{infra_id}"
    folder.mkdir()
    (folder / "metadata.json").write_text(json.dumps({"clusterName": name, "infraID": infra_id, "aws": where}))
    _run(stack, folder, "openshift-install", "destroy", "cluster", "--dir", str(folder))
    _run(stack, folder, "ccoctl", "aws", "delete", "--name", infra_id, "--region", region)


def _run(stack: Stack, folder: Path, program: str, *words: str) -> None:
    release = stack.folder / "installers" / GUIDE_REQUEST["version"]
    env = {"PATH": os.environ["PATH"], "HOME": str(folder), **aws.env(stack.state.ports["aws"])}
    with (folder / f"{program}.log").open("wb") as log:
        subprocess.run((release / program, *words), cwd=folder, env=env, check=True, stdout=log, stderr=log)
