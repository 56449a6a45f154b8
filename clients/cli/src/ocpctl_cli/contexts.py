"""Which server, and as whom: contexts of the configuration, sessions beside them, and what the environment says."""

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ocpctl_cli import files
from ocpctl_cli.failures import Exit, Failure

FIRST = "default"
URL, TOKEN = "OCPCTL_URL", "OCPCTL_TOKEN"


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """A server under a name. `defaults` are fields of requests that need not be repeated, e.g. team."""

    name: str
    url: str
    profile: str = ""
    audience: str = ""
    defaults: Mapping[str, str] = field(default_factory=dict)


def config_file() -> Path:
    """Of contexts; no secret is in it."""
    from platformdirs import user_config_path  # noqa: PLC0415 - a tenth of the start

    return _ours(user_config_path) / "config.json"


def state_folder() -> Path:
    """Of what a run leaves for the next: tokens, keys of calls."""
    from platformdirs import user_state_path  # noqa: PLC0415 - as above

    return _ours(user_state_path)


def _ours(of: Callable[[str], Path]) -> Path:
    """Raises Failure where there is no home."""
    try:
        return of("ocpctl")
    except RuntimeError as error:
        raise Failure(Exit.FAILED, "you have no home folder", files.NO_PLACE) from error


def sessions_file() -> Path:
    """Of tokens."""
    return state_folder() / "sessions.json"


def all_of_them() -> Mapping[str, Any]:
    """The configuration as it is: `contexts`, and the name of the `current` one. Raises Failure."""
    try:
        file = config_file()
    except Failure:
        return {}  # nobody's: the environment says all there is
    return _checked(files.read(file), file)


def _checked(content: dict[str, Any], file: Path) -> dict[str, Any]:
    known = content.get("contexts", {})
    if not isinstance(known, dict) or not all(map(_is_one, known.values())):
        raise files.broken(file, "what it has as contexts is not what ocpctl writes")
    return content


@contextmanager
def _changed() -> Iterator[dict[str, Any]]:
    """Raises Failure."""
    with files.changed(config_file()) as content:
        yield _checked(content, config_file())


def _is_one(context: object) -> bool:
    if not isinstance(context, dict):
        return False
    texts = [context.get(name, "") for name in ("url", "profile", "audience")]
    return isinstance(context.get("defaults", {}), dict) and all(isinstance(text, str) for text in texts)


def from_environment() -> str | None:
    """The server that the environment names."""
    return os.environ.get(URL)


def chosen(name: str | None, url: str | None) -> Context:
    """A URL wins over the named context, which wins over the current one. Raises Failure when there is none."""
    content = all_of_them()
    known = content.get("contexts", {})
    wanted = name or content.get("current", FIRST)
    found = known.get(wanted, {})
    if name and not found:
        raise Failure(Exit.USAGE, f"there is no context {name}", _known(content))
    address = url or found.get("url")
    if not address:
        raise Failure(Exit.SIGN_IN, "no server is known", "Sign in: ocpctl login --url https://…")
    return _context(wanted, address.rstrip("/"), found)


def _context(name: str, url: str, found: Mapping[str, Any]) -> Context:
    same = found.get("url") == url  # another server knows nothing of this context's names
    return Context(
        name=name,
        url=url,
        profile=found.get("profile", "") if same else "",
        audience=found.get("audience", "") if same else "",
        defaults=found.get("defaults", {}),
    )


def use(name: str) -> None:
    """Makes a known context the current one. Raises Failure."""
    with _changed() as content:
        if name not in content.get("contexts", {}):
            raise Failure(Exit.USAGE, f"there is no context {name}", _known(content))
        content["current"] = name


def set_default(name: str, field_name: str, value: str | None) -> None:
    """A field of requests that need not be repeated; None takes it away. Raises Failure."""
    with _changed() as content:
        if name not in content.get("contexts", {}):
            raise Failure(Exit.USAGE, f"there is no context {name}", _known(content))
        defaults = content["contexts"][name].setdefault("defaults", {})
        defaults.pop(field_name, None)
        if value is not None:
            defaults[field_name] = value


def _known(content: Mapping[str, Any]) -> str:
    return f"There are: {', '.join(content.get('contexts', {})) or 'none'}. `ocpctl login --url URL` makes one."


def keep(context: Context) -> None:
    """Makes it the current one."""
    with _changed() as content:
        kept = {"url": context.url, "profile": context.profile, "audience": context.audience}
        defaults = {"defaults": dict(context.defaults)} if context.defaults else {}
        content.setdefault("contexts", {})[context.name] = {
            key: value for key, value in kept.items() if value
        } | defaults
        content["current"] = context.name
