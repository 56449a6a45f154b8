"""What the janitor does again and again, as a table for the docs."""

from ocpctl_common.settings import PREFIX
from ocpctl_janitor.settings import setting
from ocpctl_janitor.sweeps import SWEEPS


def render() -> str:
    """The list that the janitor's loops are made from."""
    rows = [
        f"| {sweep.name} | {sweep.does} | {sweep.seconds:g} | `{PREFIX}{setting(sweep.name).upper()}` |"
        for sweep in SWEEPS
    ]
    return "\n".join(["| sweep | what it does | seconds between passes | setting |", "|---|---|---|---|", *rows]) + "\n"
