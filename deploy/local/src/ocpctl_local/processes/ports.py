"""Free ports, reserved against everybody else on this machine."""

import itertools
import random
import socket

PORTS = range(20_000, 32_000)
_claims: list[socket.socket] = []  # held until this process ends


def free_ports(count: int) -> list[int]:
    """Ports on loopback that nobody listens on, kept for this process until it ends.

    They lie below the range from which the kernel takes ports for outgoing connections. An abstract socket named
    after each port keeps other stacks on this machine, of whatever clone or user, from choosing it before our child
    has bound it; the kernel frees it when we die.
    """
    candidates = random.sample(PORTS, len(PORTS))
    found = list(itertools.islice(filter(reserve, candidates), count))
    if len(found) < count:
        raise SystemExit(f"no {count} free ports between {PORTS.start} and {PORTS.stop}")
    return found


def reserve(port: int) -> bool:
    """Whether the port is free, and ours from now on."""
    claim = socket.socket(socket.AF_UNIX)
    try:
        claim.bind(f"\0ocpctl-port-{port}")
        socket.create_server(("127.0.0.1", port)).close()
    except OSError:
        claim.close()
        return False
    _claims.append(claim)
    return True
