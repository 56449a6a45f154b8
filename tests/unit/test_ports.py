"""Ports of stacks side by side."""

import subprocess
import sys

from ocpctl_local.processes.ports import PORTS, free_ports


def test_ports_are_not_given_twice_not_even_to_another_process() -> None:
    ours = free_ports(50)
    program = (
        "import sys; from ocpctl_local.processes import ports; print(sum(map(ports.reserve, map(int, sys.argv[1:]))))"
    )
    command = [sys.executable, "-c", program, *map(str, ours)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout == "0\n"
    assert len(set(ours)) == 50
    assert all(port in PORTS for port in ours)
