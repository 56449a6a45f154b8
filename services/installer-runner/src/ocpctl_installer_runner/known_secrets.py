"""The secrets of a run, and the redactor that masks them."""

from collections.abc import Sequence

from ocpctl_common.telemetry.redaction import Redactor


class KnownSecrets:
    """Grows during a run. Everything that leaves the runner goes through `redact`."""

    def __init__(self) -> None:
        self._values: list[str] = []
        self._redactor = Redactor()

    @property
    def values(self) -> Sequence[str]:
        """All of them: for the process that redacts the installer's log."""
        return self._values

    def add(self, *values: str) -> None:
        """From now on these values are masked."""
        self._values += values
        self._redactor = Redactor(self._values)

    def redact(self, text: str) -> str:
        """The text without secrets."""
        return self._redactor.redact(text)
