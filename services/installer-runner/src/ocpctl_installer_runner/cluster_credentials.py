"""Cluster credentials: the cluster makes them itself, or they are made for it.

Made for it (the installer's mode Manual): what the release asks for is read from the release, and the credentials tool
makes a role for each request, which the cluster's parts may take by tokens that the cluster signs. Nothing of that may
exist before the attempt is authorised; until it ends nothing but its infra id says whose it is.
"""

import json
import re
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ocpctl_common.failpoints import Failpoint, reach
from ocpctl_common.lifecycle.states import CredentialsMode
from ocpctl_common.providers.cloud import Cloud

from ocpctl_installer_runner import installer_artifacts
from ocpctl_installer_runner.errors import RunFailed
from ocpctl_installer_runner.installer import binary, failure_rules, installer_command, products
from ocpctl_installer_runner.installer.installer_command import Watch
from ocpctl_installer_runner.installer.promise import CLIENT, CREDENTIALS_TOOL
from ocpctl_installer_runner.run import Run
from ocpctl_installer_runner.settings import RunnerSettings
from ocpctl_installer_runner.workspace import output_of

REQUESTS, OUTPUT = "credentials-requests", "credentials"
SIGNING_KEY = "tls/bound-service-account-signing-key.key"
COPIED = ("manifests", "tls")  # of the tool's output, into the install directory
# What the tool's output must hold, each at least once: the key, the issuer, and a secret for a request.
NEEDED = (SIGNING_KEY, "manifests/cluster-authentication-02-config.yaml", "manifests/*-credentials.yaml")
NOT_MADE = (
    "`{program}` has ended well and has not written {what}. The platform admins' turn: put the release's own "
    "programs into its folder."
)
OTHER_RELEASE = "ProgramOfAnotherRelease"  # also a rule of failure_rules.yaml
KEYS = (SIGNING_KEY, "serviceaccount-signer.private")
# What the tool says where it uses again what it finds.
TAKEN = re.compile(r"Existing (?:role|Identity Provider) .*|Bucket \S+ already exists .*")
SOMEBODY_ELSES = (
    "Something in the account has a name of this cluster's credentials, and is somebody else's: {found}. The platform "
    "admins' turn: find out who made it."
)
OTHER_IDENTITY = "The installer has given the cluster another identity than the one that was authorised."


@dataclass(frozen=True, slots=True, kw_only=True)
class Requested:
    """What a release asks for, read before anything is made."""

    requests: Path
    tool: binary.Installer


def mode(settings: RunnerSettings, cloud: Cloud) -> CredentialsMode:
    """Of installs with the credentials of this process. Raises Unavailable."""
    if cloud.has_temporary_credentials() or cloud.account.last_known() not in settings.mint_accounts:
        return CredentialsMode.MANUAL
    return CredentialsMode.MINT


def read_requests(run: Run, installer: binary.Installer, config: Path) -> Requested:
    """What the release asks for in an install of this configuration. Costs nothing. Raises RunFailed, LeaseLost."""
    installers, version, own = run.context.settings.installers_dir, run.context.spec.version, run.workspace.path
    client = binary.obtain(installers, version, own, CLIENT)
    tool = binary.obtain(installers, version, own, CREDENTIALS_TOOL)
    requests = run.workspace.make_folder(REQUESTS)
    words = [
        *("adm", "release", "extract", f"--from={installer.release_image()}", "--credentials-requests", "--included"),
        *(f"--install-config={config}", f"--to={requests}"),
        f"--registry-config={_registry_config(run)}",
    ]
    _execute(run, client, words, requests)
    _check_written(requests, ("*.yaml",), CLIENT)
    return Requested(requests=requests, tool=tool)


def make(run: Run, requested: Requested, infra_id: str, folder: Path) -> None:
    """Makes them, and puts them into the install directory. The attempt is authorised. Raises as `read_requests`."""
    run.lease.check_wanted()
    run.reporter.progress("making credentials", 3, f"Making the credentials of {infra_id}.")
    output = run.workspace.make_folder(OUTPUT)
    words = run.context.provider.credentials_command(
        name=infra_id,
        region=run.context.spec.region,
        requests=requested.requests,
        output=output,
        private=run.context.settings.private_discovery,
    )
    reach(Failpoint.RUNNER_CREDENTIALS)
    _execute(run, requested.tool, words, output)
    reach(Failpoint.RUNNER_CREDENTIALS_MADE)
    _check_written(output, NEEDED, CREDENTIALS_TOOL)
    _check_files(output)
    _check_fresh(output)
    for name in COPIED:
        shutil.copytree(output / name, folder / name, dirs_exist_ok=True)


def check_identity(authorized: str, folder: Path) -> None:
    """The install directory must be the cluster that was authorised. Raises RunFailed."""
    if _identity(authorized) != _identity(products.metadata(folder).text):
        raise RunFailed("UNKNOWN", OTHER_IDENTITY)


def _identity(metadata: str) -> tuple[str, str]:
    document = json.loads(metadata)
    return document["infraID"], document["clusterID"]


def _check_written(folder: Path, needed: Sequence[str], program: str) -> None:
    """Without one of them a cluster would be made that cannot work. Raises RunFailed."""
    if missing := [pattern for pattern in needed if not _holds(folder, pattern)]:
        raise RunFailed("CONFIG", NOT_MADE.format(program=program, what=missing[0]), rule=OTHER_RELEASE)


def _check_files(output: Path) -> None:
    """What is neither a file nor a folder cannot be copied. Raises RunFailed."""
    for path in (path for name in COPIED for path in sorted((output / name).rglob("*"))):
        if not (path.is_file() or path.is_dir()):
            what = f"{path.relative_to(output)} as a file"
            raise RunFailed("CONFIG", NOT_MADE.format(program=CREDENTIALS_TOOL, what=what), rule=OTHER_RELEASE)


def _holds(folder: Path, pattern: str) -> bool:
    return any(path.is_file() and path.stat().st_size for path in folder.glob(pattern))


def _check_fresh(output: Path) -> None:
    """The infra id is fresh: what exists under its name is somebody else's, and trusts them. Raises RunFailed."""
    if found := TAKEN.search(output_of(output).read_text(errors="replace")):
        raise RunFailed("UNKNOWN", SOMEBODY_ELSES.format(found=found[0]))


def _learn_keys(run: Run, output: Path) -> None:
    """Also after a failure: its log must not hold them."""
    for path in (output / name for name in KEYS):
        if path.is_file():
            run.secrets.add(path.read_text(errors="replace"))


def _registry_config(run: Run) -> Path:
    path = run.workspace.path / "registry-config.json"
    path.touch(mode=0o600)
    path.write_text(run.dependencies.pull_secret().text)
    return path


def _execute(run: Run, program: binary.Installer, words: Sequence[str], folder: Path) -> None:
    code = installer_command.execute_program(run, [str(program.path), *words], folder, Watch(stoppable=True))
    _learn_keys(run, folder)
    if code != 0:
        name = program.path.name
        ended = failure_rules.Ended(code=code, program=f"`{name}`")
        failure = installer_artifacts.store_log(run, folder, "INSTALL_LOG", f"{name}.log", ended)
        raise RunFailed(failure.failure_class, failure.message, code, failure.rule, failure.tail)
