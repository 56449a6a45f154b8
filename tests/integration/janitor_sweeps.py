"""A sweep of the janitor's list, in the hands of a test."""

from typing import Any

from ocpctl_janitor.passes import Dependencies, Pass
from ocpctl_janitor.settings import JanitorSettings
from ocpctl_janitor.sweeps import named
from sqlalchemy import Engine

from tests.integration.protocol import Protocol


def sweep(name: str, reader: Engine, protocol: Protocol, **settings: Any) -> Pass:
    """The pass of a sweep, with settings that differ from a batch of ten and a silence of five minutes."""
    return named(name).begin(dependencies(reader, protocol, **settings))


def dependencies(reader: Engine, protocol: Protocol, **settings: Any) -> Dependencies:
    """A janitor's, without an environment."""
    made = JanitorSettings.model_construct(**({"batch": 10, "redispatch_silence_seconds": 300} | settings))
    return Dependencies(settings=made, engine=reader, scheduler=protocol.sweeps)
