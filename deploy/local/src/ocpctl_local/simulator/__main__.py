"""`openshift-install`, simulated. The launcher calls it with `<simulator.json> <version>` and what it was given."""

import argparse
import json
import sys
from dataclasses import replace
from pathlib import Path

from ocpctl_local.kubernetes import client
from ocpctl_local.simulator import aws_credentials, cluster_names, credential_files, files, release
from ocpctl_local.simulator.journal import Journal
from ocpctl_local.simulator.knobs import Knobs, parse
from ocpctl_local.simulator.log import InstallLog


def main() -> int:
    """Runs one command; returns the exit code."""
    config, version, *words = sys.argv[1:]
    arguments = parser().parse_args(words)
    if arguments.command == "version":
        print(release.description(version))
        return 0
    if arguments.command == "destroy":
        return destroy(arguments.dir, config)
    try:
        return COMMANDS[arguments.target](arguments.dir, config, version, arguments)
    except files.BadConfig as error:
        InstallLog(arguments.dir).line(str(error), "fatal")
        return 3
    except aws_credentials.Refused as error:
        InstallLog(arguments.dir).line(str(error), "fatal")
        return 1


def parser() -> argparse.ArgumentParser:
    """The real installer's command line, as far as it is used."""
    main_parser = argparse.ArgumentParser(prog="openshift-install")
    commands = main_parser.add_subparsers(dest="command", required=True)
    commands.add_parser("version")
    for name, targets in (
        ("create", ("manifests", "ignition-configs", "cluster")),
        ("wait-for", ("install-complete",)),
        ("destroy", ("cluster",)),
    ):
        command = commands.add_parser(name)
        command.add_argument("target", choices=targets)
        command.add_argument("--dir", type=Path, default=Path())
        command.add_argument("--log-level", default="info")
        command.add_argument("--skip-password-print", action="store_true")
    return main_parser


def _manifests(folder: Path, config: str, version: str, arguments: argparse.Namespace) -> int:
    _write_manifests(folder, config)
    InstallLog(folder).line("Manifests created in: manifests and openshift")
    return 0


def _write_manifests(folder: Path, config: str) -> None:
    """Refuses before it writes anything. Raises BadConfig, Refused."""
    state, log = files.read(folder), InstallLog(folder)
    found = aws_credentials.find(state.region)
    log.line(f'Credentials loaded from the AWS config using "{found.source}" provider')
    log.line("Consuming Install Config from target directory")
    aws_credentials.check(found, state.credentials_mode)
    files.manifests(folder, state)
    credential_files.write(folder, state.credentials_mode, found)
    cluster_names.remember(Path(config), state.name, state.infra_id)


def _ignition_configs(folder: Path, config: str, version: str, arguments: argparse.Namespace) -> int:
    if not (folder / files.STATE).exists():
        _write_manifests(folder, config)
    files.ignition_configs(folder, client.load(config))
    InstallLog(folder).line("Ignition-Configs created in: . and auth")
    return 0


def _cluster(folder: Path, config: str, version: str, arguments: argparse.Namespace) -> int:
    if not (folder / "metadata.json").exists():
        raise files.BadConfig("metadata.json is missing: run `create ignition-configs` first")
    from ocpctl_local.simulator.create import create_cluster  # noqa: PLC0415 - botocore is slow to import
    from ocpctl_local.simulator.secrets_leak import leak  # noqa: PLC0415

    if (folder / files.CREATED).exists():
        raise files.BadConfig("this directory was used for a cluster before")
    (folder / files.CREATED).touch()
    state = files.load(folder)
    knobs = _knobs(config, state.name)
    log = InstallLog(folder)
    if knobs.print_secrets:
        leak(folder, state, log)
    code = create_cluster(folder, state, knobs, version)
    if code == 0:
        client.load(config).register(
            state.infra_id, workers=state.workers, refuse=knobs.refuse_scale, stall=knobs.stall_scale
        )
        _say_complete(state, log, with_password=not arguments.skip_password_print)
    return code


def _install_complete(folder: Path, config: str, version: str, arguments: argparse.Namespace) -> int:
    if not (folder / "auth" / "kubeconfig").exists():
        InstallLog(folder).line("failed to load kubeconfig: run `create cluster` first", "fatal")
        return 1
    InstallLog(folder).line("Install complete!")
    return 0


def _say_complete(state: files.State, log: InstallLog, *, with_password: bool) -> None:
    domain = f"{state.name}.{state.base_domain}"
    log.line("Waiting up to 30m0s (until 12:05PM UTC) to ensure each cluster operator has finished progressing...")
    log.line("All cluster operators have completed progressing")
    log.line("Checking to see if there is a route at openshift-console/console...", "debug")
    log.line("Install complete!")
    log.line("To access the cluster as the system:admin user when using 'oc', run 'export KUBECONFIG=auth/kubeconfig'")
    log.line(f"Access the OpenShift web-console here: https://console-openshift-console.apps.{domain}")
    if with_password:
        log.line(f'Login to the console with user: "kubeadmin", and password: "{state.password}"')


COMMANDS = {
    "manifests": _manifests,
    "ignition-configs": _ignition_configs,
    "cluster": _cluster,
    "install-complete": _install_complete,
}


def _knobs(config: str, cluster: str) -> Knobs:
    """The knobs of a cluster; `fail_times` is counted down in a file beside simulator.json."""
    path = Path(config)
    knobs = parse(json.loads(path.read_text()), cluster)
    if not knobs.fail_stage:
        return knobs
    counter = path.with_name(f"failed-{cluster}")
    failed = int(counter.read_text()) if counter.exists() else 0
    counter.write_text(str(failed + 1))
    return replace(knobs, fail_times=max(0, knobs.fail_times - failed))


def destroy(folder: Path, config: str) -> int:
    """Needs metadata.json only; says that it is done also when it found nothing."""
    from ocpctl_local.simulator.destroy import delete_all  # noqa: PLC0415 - botocore is slow to import

    log = InstallLog(folder)
    path = folder / "metadata.json"
    if not path.exists():
        log.line("failed to open metadata.json: no such file or directory", "fatal")
        return 1
    metadata = json.loads(path.read_text())
    knobs = parse(json.loads(Path(config).read_text()), metadata["clusterName"])
    journal = Journal(path=knobs.journal, cluster=metadata["clusterName"], infra_id=metadata["infraID"])
    journal.write("destroy", "start")
    if not knobs.destroy_wrong_account:
        client.load(config).remove(metadata["infraID"])
        delete_all(metadata["aws"], knobs, journal, log, once=Path(config).with_name(f"late-{metadata['infraID']}"))
    path.unlink()
    log.line("Uninstallation complete!")
    journal.write("destroy", "end")
    return 0


if __name__ == "__main__":
    sys.exit(main())
