"""A configuration file of this process alone, and sessions that act by it and nothing else."""

import os

import boto3
from botocore.session import Session

from ocpctl_common.cloud.session import named


class ConfigFile:
    """Lies in memory: a process that is killed leaves no keys on a disk."""

    def __init__(self, text: str) -> None:
        self._file = os.fdopen(os.memfd_create("ocpctl-config"), "w")
        self._file.write(text)
        self._file.flush()

    def session(self) -> boto3.Session:
        """A fresh one. Variables of the environment give it no credentials, since it is told its profile."""
        made = Session(profile="default")
        made.set_config_variable("config_file", f"/proc/self/fd/{self._file.fileno()}")
        made.set_config_variable("credentials_file", os.devnull)
        return named(made)
