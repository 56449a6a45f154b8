"""Loads the folder of profiles: all of it, or all of its errors."""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

import yaml
from pydantic import ValidationError

from ocpctl_common.profiles.model import Profile


class CatalogueError(ValueError):
    """At least one profile is wrong; the message has a line for every problem with its file and field."""


@dataclass(frozen=True, slots=True)
class Catalogue:
    """The profiles by name."""

    profiles: Mapping[str, Profile]


class _UniqueKeys(yaml.SafeLoader):
    """YAML lets a later key win silently; a profile must not."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:  # noqa: FBT001, FBT002 - PyYAML's signature
        keys = [self.construct_object(key) for key, _ in node.value]
        if doubles := {key for key in keys if keys.count(key) > 1}:
            raise yaml.constructor.ConstructorError(None, None, f"duplicate keys {sorted(doubles)}", node.start_mark)
        return super().construct_mapping(node, deep)


def load_catalogue(folder: Path) -> Catalogue:
    """Every `*.yaml` of the folder. Raises CatalogueError with all problems of all files."""
    profiles: dict[str, Profile] = {}
    problems = [f"{path.name}: name it {path.stem}.yaml" for path in sorted(folder.glob("*.yml"))]
    for path in sorted(folder.glob("*.yaml")):
        try:
            profile = _load(path)
        except (yaml.YAMLError, ValueError, OSError) as error:
            problems += [f"{path.name}: {line}" for line in _lines(error)]
            continue
        profiles[profile.name] = profile
    if not profiles and not problems:
        problems.append(f"no *.yaml files in {folder}")
    if problems:
        raise CatalogueError("\n".join(problems))
    return Catalogue(MappingProxyType(profiles))


def _load(path: Path) -> Profile:
    if not path.is_file():
        raise ValueError("is not a file, or a link to nothing")
    profile = Profile.model_validate(yaml.load(path.read_text(), Loader=_UniqueKeys))  # noqa: S506 - a SafeLoader
    if profile.name != path.stem:
        raise ValueError(f"name: {profile.name} must be the name of the file")
    return profile


def _lines(error: Exception) -> list[str]:
    if isinstance(error, ValidationError):
        return [f"{'.'.join(map(str, item['loc'])) or 'profile'}: {item['msg']}" for item in error.errors()]
    reason = error.strerror if isinstance(error, OSError) else str(error)
    return [" ".join(str(reason).split())]
