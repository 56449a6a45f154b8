"""Settings: one frozen model a service, built once in its `__main__` from environment variables OCPCTL_*."""

import difflib
import inspect
import json
import os
import re
import socket
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, ClassVar, Self

from pydantic import AfterValidator, Field, ValidationError
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, EnvSettingsSource, PydanticBaseSettingsSource, SettingsConfigDict
from pydantic_settings.exceptions import SettingsError

from ocpctl_common import failpoints

PREFIX = "OCPCTL_"
HIGHEST_PORT = 65535
ADDRESS = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[^\]\[:/ ]*):\d{1,5}")


# By the kind of error, where the library's words are Python's.
WORDS = dict.fromkeys(("list_type", "tuple_type", "frozen_set_type"), 'must be a JSON list: ["one", "two"]')


def _is_address(address: str) -> str:
    if not ADDRESS.fullmatch(address):
        raise ValueError("must be host:port, [::1]:port for IPv6, or :port for all addresses")
    return address


def _port_is_possible(address: str) -> str:
    if (port := host_port(address)[1]) > HIGHEST_PORT:
        raise ValueError(f"there is no port {port}: the highest is {HIGHEST_PORT}")
    return address


Address = Annotated[str, AfterValidator(_is_address), AfterValidator(_port_is_possible)]


def _is_postgresql(url: str) -> str:
    if url.partition("://")[0] not in {"postgresql", "postgresql+psycopg"}:
        raise ValueError("must be a postgresql:// URL")
    return url


DatabaseUrl = Annotated[str, AfterValidator(_is_postgresql)]


class _Environment(EnvSettingsSource):
    """Says which variable should have been JSON: the library names its own class instead."""

    def decode_complex_value(self, field_name: str, field: FieldInfo, value: Any) -> Any:
        try:
            return super().decode_complex_value(field_name, field, value)
        except ValueError:
            raise ValueError(f"{_problem_line((field_name,), 'must be JSON')}, not {value!r}") from None


class Settings(BaseSettings):
    """What is set by environment variables, told to people who set it wrong."""

    SCHEDULERS: ClassVar[tuple[str, ...]] = ()  # names that the scheduler alone may be given

    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True, extra="ignore")

    @classmethod
    def load(cls, words: Sequence[str] = ()) -> Self:
        """The settings of this process; ends the process with a message for people when they are wrong.

        `words` are those of the command line: with `--help` it prints what may be set, and ends.
        """
        if words:
            if tuple(words) not in {("--help",), ("-h",)}:
                sys.exit(f"unknown: {' '.join(words)}; try --help")
            sys.stdout.write(f"{cls.help()}\n")
            sys.exit(0)
        # A time that is set but not used would be believed: two owners of the lease's times are two installers.
        if misplaced := [PREFIX + name for name in cls.SCHEDULERS if PREFIX + name in os.environ]:
            sys.exit(f"settings of the scheduler alone, which tells them to this service: {', '.join(misplaced)}")
        try:
            return cls()
        except ValidationError as error:
            lines = [f"  {_problem_line(item['loc'], WORDS.get(item['type'], item['msg']))}" for item in error.errors()]
            sys.exit("wrong or missing settings (environment variables):\n" + "\n".join(lines))
        except SettingsError as error:
            sys.exit(f"wrong setting (environment variable): {error.__cause__}")

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        *_: PydanticBaseSettingsSource,
        **__: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """What the code says, then the environment."""
        return init_settings, _Environment(settings_cls)

    @classmethod
    def help(cls) -> str:
        """Every setting with its default and what it is for."""
        lines = [inspect.getdoc(cls) or "", "", "Settings are environment variables:", ""]
        for name, field in cls.model_fields.items():
            variable = field.validation_alias if isinstance(field.validation_alias, str) else PREFIX + name.upper()
            default = "" if field.is_required() else _shown(field.get_default(call_default_factory=True))
            lines.append(f"  {variable} ({f'default: {default}' if default else 'needed'})\n      {field.description}")
        return "\n".join(lines)

    @classmethod
    def unknown(cls) -> list[str]:
        """Variables that begin as our settings do and are none, each with the setting that was perhaps meant."""
        known = {PREFIX + name.upper() for name in cls.model_fields} | {failpoints.VARIABLE}
        others = sorted(name for name in os.environ if name.startswith(PREFIX) and name not in known)
        return [name + _perhaps(name, known) for name in others]


class ServiceSettings(Settings):
    """What every service has."""

    SCHEDULERS: ClassVar[tuple[str, ...]] = (
        "LEASE_SECONDS",
        "TRUST_SECONDS",
        "KILL_SECONDS",
        "HEARTBEAT_SECONDS",
        "CLAIM_SECONDS",
        "QUARANTINE_SECONDS",
    )

    metrics_listen: Address = Field(
        "127.0.0.1:0",
        description="host:port of /metrics, /healthz and /readyz; [::1]:port for IPv6, :port for all addresses; "
        "port 0: a free one",
    )
    tls_dir: Path = Field(description="folder with tls.crt, tls.key, ca.crt; replaced files are used without a restart")
    log_level: str = Field("INFO", pattern="^(DEBUG|INFO|WARNING|ERROR)$", description="lowest level that is logged")
    otlp_endpoint: str | None = Field(None, description="host:port of an OTLP gRPC collector; unset: no traces")
    shutdown_seconds: float = Field(5.0, ge=0, description="how long running calls may finish after SIGTERM")


class ServerSettings(ServiceSettings):
    """What every service has that others call."""

    connection_seconds: float = Field(
        600, gt=0, description="a connection to this server is renewed so often; a withdrawn certificate ends with it"
    )


def _perhaps(name: str, known: set[str]) -> str:
    close = difflib.get_close_matches(name, known, 1, cutoff=0.8)
    return f" (did you mean {close[0]}?)" if close else ""


def _shown(default: object) -> str:
    if isinstance(default, frozenset | tuple | list):
        return json.dumps(sorted(default) if isinstance(default, frozenset) else list(default))
    return "unset" if default is None else str(default) or "empty"


def _problem_line(location: tuple[int | str, ...], message: str) -> str:
    """The setting and what is wrong with it; of several that do not go together only the sentence that names them."""
    name = "_".join(str(part) for part in location).upper()
    sentence = message.removeprefix("Value error, ")
    return f"{PREFIX}{name}: {sentence}" if name else sentence


def host_port(address: str) -> tuple[str, int]:
    """Splits `host:port` and `[address of IPv6]:port`. Without a host all addresses of the machine are meant."""
    host, _, port = address.rpartition(":")
    everywhere = "::" if socket.has_dualstack_ipv6() else "0.0.0.0"  # noqa: S104 - whoever leaves the host out means it
    return host.removeprefix("[").removesuffix("]") or everywhere, int(port)
