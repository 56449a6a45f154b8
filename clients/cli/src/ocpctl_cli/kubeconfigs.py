"""Kubeconfigs of clusters, alone in a file or merged into one's own, as kubectl itself writes it: locked, and whole."""

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ocpctl_cli import files
from ocpctl_cli.contexts import state_folder
from ocpctl_cli.failures import Exit, Failure

LOCK_SECONDS = 10
PARTS = ("clusters", "users", "contexts")

Config = dict[str, Any]


def own_file() -> Path:
    """The first file of $KUBECONFIG, as kubectl takes it; else ~/.kube/config. Raises Failure."""
    named = [word for word in os.environ.get("KUBECONFIG", "").split(os.pathsep) if word]
    try:
        return Path(named[0]) if named else Path.home() / ".kube" / "config"
    except RuntimeError as error:
        raise Failure(
            Exit.USAGE, "there is no home folder for ~/.kube/config", "Set KUBECONFIG, or use --file"
        ) from error


def alone(cluster_id: str) -> Path:
    """Where `ocpctl env` leaves it."""
    return state_folder() / "kubeconfigs" / f"{cluster_id}.yaml"


def merge(text: str, cluster_id: str, name: str) -> Path:
    """Into one's own file, as the current context `name`. What else is there stays. Raises Failure."""
    path, added = own_file(), read(text, "the cluster's kubeconfig")
    with _changed(path) as config:
        _drop(config, cluster_id)
        context = _renamed(added, cluster_id, _free(config, name, cluster_id))
        for part in PARTS:
            config[part] = [*(config.get(part) or []), *context[part]]
        config["current-context"] = context["contexts"][0]["name"]
    _remember(cluster_id, path)
    return path


def forget(cluster_id: str, say: Callable[[str], None]) -> None:
    """Takes a destroyed cluster out of the file it was merged into, and removes the one of `ocpctl env`.

    What cannot be changed is said: the destroy is what counts.
    """
    try:
        alone(cluster_id).unlink(missing_ok=True)
        _take_out(cluster_id)
    except (OSError, Failure) as error:
        say(f"Note: the kubeconfig of {cluster_id} stays where it was: {error}")


def _take_out(cluster_id: str) -> None:
    path = files.read(_merged_file()).get(cluster_id)
    if not path:
        return
    if Path(path).exists():
        with _changed(Path(path)) as config:
            _drop(config, cluster_id)
    with files.changed(_merged_file()) as content:
        content.pop(cluster_id, None)


def _merged_file() -> Path:
    return state_folder() / "merged.json"


def _remember(cluster_id: str, path: Path) -> None:
    with files.changed(_merged_file()) as content:
        content[cluster_id] = str(path.absolute())


def _text(path: Path) -> str:
    try:
        return path.read_text()
    except UnicodeDecodeError as error:
        raise Failure(Exit.FAILED, f"{path} is no kubeconfig: {error}", "Mend it, or use --file PATH") from error


@contextmanager
def _changed(path: Path) -> Iterator[Config]:
    """Under the lock that kubectl takes. Raises Failure."""
    from filelock import SoftFileLock, Timeout  # noqa: PLC0415 - as in the whole room: only for those who need it

    from ocpctl_cli.quoting import dumped  # noqa: PLC0415

    try:
        files.replaceable(path)  # a pipe would be waited for under the lock
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with SoftFileLock(f"{path}.lock", timeout=LOCK_SECONDS):
            config = read(_text(path), str(path)) if path.exists() else _empty()
            yield config
            files.write(path, dumped(config))
    except Timeout as error:
        raise Failure(
            Exit.FAILED, f"{path} is being changed by another process", f"If none runs, remove its lock: rm {path}.lock"
        ) from error
    except OSError as error:
        raise Failure(
            Exit.FAILED, f"{path} cannot be changed: {error.strerror}", "Use --file PATH, or set KUBECONFIG"
        ) from error


def read(text: str, what: str) -> Config:
    """The kubeconfig in a text. Raises Failure where it is none."""
    import yaml  # noqa: PLC0415

    try:
        found = yaml.safe_load(text) if text.strip() else _empty()
    except yaml.YAMLError as error:
        raise Failure(Exit.FAILED, f"{what} is no YAML: {error}", "Mend it, or use --file PATH") from error
    if not isinstance(found, dict) or not all(_are_named(found.get(part) or []) for part in PARTS):
        raise Failure(Exit.FAILED, f"{what} is no kubeconfig", "Mend it, or use --file PATH")
    return found


def _are_named(part: Any) -> bool:
    return isinstance(part, list) and all(isinstance(one, dict) and "name" in one for one in part)


def _empty() -> Config:
    return {"apiVersion": "v1", "kind": "Config", "preferences": {}}


def _drop(config: Config, cluster_id: str) -> None:
    """All that was merged of a cluster."""
    gone = {one["name"] for one in config.get("contexts") or [] if _cluster_of(one) == cluster_id}
    for part in PARTS:
        config[part] = [one for one in config.get(part) or [] if one.get("name") not in {cluster_id, *gone}]
    if config.get("current-context") in gone:
        config["current-context"] = ""


def _cluster_of(context: Mapping[str, Any]) -> Any:
    """None: it names none."""
    content = context.get("context")
    return content.get("cluster") if isinstance(content, dict) else None


def _free(config: Config, name: str, cluster_id: str) -> str:
    """Another's context of that name stays as it is."""
    taken = {one.get("name") for one in config.get("contexts") or []}
    return name if name not in taken else f"{name}-{cluster_id[-6:].lower()}"


def _renamed(added: Mapping[str, Any], cluster_id: str, name: str) -> Mapping[str, Any]:
    """Every kubeconfig of the installer says `admin`: in one's own file the names are the cluster's."""
    try:
        context = _named(added, "contexts", added.get("current-context"))["context"]
        cluster = _named(added, "clusters", context["cluster"])
        user = _named(added, "users", context["user"])
    except (KeyError, TypeError, StopIteration) as error:
        raise Failure(Exit.FAILED, "the cluster's kubeconfig has no context") from error
    return {
        "clusters": [{**cluster, "name": cluster_id}],
        "users": [{**user, "name": cluster_id}],
        "contexts": [{"name": name, "context": {**context, "cluster": cluster_id, "user": cluster_id}}],
    }


def _named(config: Mapping[str, Any], part: str, name: Any) -> Mapping[str, Any]:
    return next(one for one in config[part] if name in (one["name"], None))
