"""Using a cluster: its kubeconfig, its console, its password."""

import json
import re
import shlex
from collections.abc import Sequence
from pathlib import Path

import click

from ocpctl_cli import children, clusters, files, kubeconfigs
from ocpctl_cli.completions import cluster_argument
from ocpctl_cli.failures import Exit, Failure
from ocpctl_cli.objects import odd
from ocpctl_cli.output import say
from ocpctl_cli.settings import Settings, command, pass_settings

_ARN = re.compile(r"arn:[a-z-]+:secretsmanager:([a-z0-9-]+):.+")


@command("kubeconfig")
@cluster_argument
@click.option("--merge", "merged", is_flag=True, help="Into the first file of $KUBECONFIG, as the current context.")
@click.option(
    "--file", "path", type=click.Path(dir_okay=False, path_type=Path), help="Into this file, for its owner alone."
)
@pass_settings
def kubeconfig(settings: Settings, cluster: str, merged: bool, path: Path | None) -> None:
    """The kubeconfig of a cluster, on stdout. Whoever has it is the cluster's administrator."""
    if merged and path:
        raise Failure(Exit.USAGE, "--merge and --file: say one of them")
    found = clusters.found(settings.api, cluster)
    text = _text(settings, str(found["id"]))
    if merged:
        where = kubeconfigs.merge(text, str(found["id"]), str(found["name"]))
        say(f"{found['name']} is the current context of {where}.")
    elif path:
        _write(path, text)
        say(f"export KUBECONFIG={shlex.quote(str(path))}")
    elif settings.form == "name":
        click.echo(found["id"])
    else:
        _print(text, settings.form)


def _print(text: str, form: str) -> None:
    """As it is, or as JSON, which kubectl takes as well."""
    if form == "json":
        text = json.dumps(kubeconfigs.read(text, "the cluster's kubeconfig"), indent=2)
    click.echo(text, nl=not text.endswith("\n"))


def _text(settings: Settings, cluster_id: str) -> str:
    return str(settings.api.get(f"/clusters/{cluster_id}/kubeconfig")["kubeconfig"])


def _write(path: Path, text: str) -> None:
    try:
        files.write(path, text)
    except OSError as error:
        raise Failure(Exit.FAILED, f"{path} cannot be written: {error.strerror}") from error


@command("env")
@cluster_argument
@pass_settings
def env(settings: Settings, cluster: str) -> None:
    """Lines for a shell: eval "$(ocpctl env CLUSTER)"."""
    found = clusters.found(settings.api, cluster)
    path = kubeconfigs.alone(str(found["id"]))
    text = _text(settings, str(found["id"]))
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise Failure(Exit.FAILED, f"{path.parent} cannot be made: {error.strerror}", files.NO_PLACE) from error
    _write(path, text)
    click.echo(f"export KUBECONFIG={shlex.quote(str(path))}")
    click.echo(f"export OCPCTL_CLUSTER={shlex.quote(str(found['id']))}")


@command("exec", context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False})
@cluster_argument
@click.argument("words", metavar="-- COMMAND...", nargs=-1, required=True, type=click.UNPROCESSED)
@pass_settings
def execute(settings: Settings, cluster: str, words: Sequence[str]) -> int:
    """Run a command with the cluster's KUBECONFIG; its exit code is the answer. The file is removed afterwards."""
    found = clusters.found(settings.api, cluster)
    with children.kubeconfig(_text(settings, str(found["id"]))) as path:
        return children.run(words, {"KUBECONFIG": str(path), "OCPCTL_CLUSTER": str(found["id"])})


@command("console")
@cluster_argument
@click.option("--open", "opened", is_flag=True, help="In the browser.")
@pass_settings
def console(settings: Settings, cluster: str, opened: bool) -> None:
    """The address of the cluster's web console."""
    outputs = settings.api.get(f"/clusters/{clusters.id_of(settings.api, cluster)}/outputs")
    click.echo(outputs["consoleUrl"])
    if opened:
        click.launch(outputs["consoleUrl"])


@command("password")
@cluster_argument
@pass_settings
def password(settings: Settings, cluster: str) -> None:
    """The password of kubeadmin. It is read from AWS Secrets Manager with your own credentials."""
    outputs = settings.api.get(f"/clusters/{clusters.id_of(settings.api, cluster)}/outputs")
    if not (reference := outputs.get("kubeadminPasswordRef")):
        raise Failure(Exit.NOT_FOUND, f"no password of {cluster} is kept", "Use its kubeconfig: ocpctl kubeconfig")
    if not (arn := _ARN.fullmatch(str(reference))):
        raise odd("with kubeadminPasswordRef that is no ARN")
    click.echo(_secret(settings, arn[0], arn[1]))


def _secret(settings: Settings, arn: str, region: str) -> str:
    import boto3  # noqa: PLC0415 - a third of a second
    from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415

    try:
        session = boto3.Session(profile_name=settings.context.profile or None)
        client = session.client("secretsmanager", region_name=region)
        return str(client.get_secret_value(SecretId=arn)["SecretString"])
    except (BotoCoreError, ClientError) as error:
        raise Failure(
            Exit.REFUSED, f"AWS does not give the password: {error}", f"You need secretsmanager:GetSecretValue on {arn}"
        ) from error


COMMANDS = {"kubeconfig": kubeconfig, "env": env, "exec": execute, "console": console, "password": password}
