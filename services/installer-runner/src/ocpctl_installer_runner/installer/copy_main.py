"""Copies a program from standard input into a new file and tells the SHA-256 of what it wrote.

A process of its own: in the runner, a child that another thread forks meanwhile would hold the new file open for
writing, and the kernel runs no file that anybody may still write. Started as `python -I -S copy_main.py <file>`;
standard library only. Exit code: 0, or the error number of the system.
"""

import hashlib
import os
import sys

PIECE_BYTES = 2**20


def main() -> int:
    """Returns the exit code."""
    digest = hashlib.sha256()
    try:
        target = os.open(sys.argv[1], os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o700)
        with open(target, "wb") as file:  # noqa: PTH123 - a descriptor
            while piece := os.read(0, PIECE_BYTES):
                digest.update(piece)
                file.write(piece)
    except OSError as error:
        return error.errno or 1
    sys.stdout.write(digest.hexdigest())
    return 0


if __name__ == "__main__":
    sys.exit(main())
