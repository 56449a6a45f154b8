"""Which attempts have living processes here: read by the oracle itself, not by what the runner finds them with."""

from pathlib import Path

MARK = b"OCPCTL_ATTEMPT_ID="


def attempts_alive() -> set[str]:
    """Ids of all attempts that have a living process on this machine."""
    environments = (_environment(folder) for folder in Path("/proc").glob("[0-9]*"))
    return {entry[len(MARK) :].decode() for entries in environments for entry in entries if entry.startswith(MARK)}


def _environment(folder: Path) -> list[bytes]:
    try:
        return (folder / "environ").read_bytes().split(b"\0")
    except OSError:
        return []  # gone meanwhile, or another account's
