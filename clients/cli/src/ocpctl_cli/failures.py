"""How a command ends, and the one error that ends it."""

from enum import IntEnum


class Exit(IntEnum):
    """Exit codes: a promise to scripts, docs/cli.md has them."""

    OK = 0
    FAILED = 1
    USAGE = 2
    NOT_FOUND = 3
    SIGN_IN = 4
    REFUSED = 5  # a conflict, or policy
    JOB_FAILED = 6
    TIMEOUT = 7
    AWAY = 8
    INTERRUPTED = 130


class Ended(BaseException):
    """A signal asks to end what runs. No Exception: whoever catches those goes on."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number


class Failure(Exception):
    """Ends the command: one line what, one line what to do, and the request's id for whoever reads logs."""

    def __init__(self, code: Exit, message: str, hint: str = "", request_id: str = "") -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.hint = hint
        self.request_id = request_id

    def lines(self) -> list[str]:
        """What a person reads."""
        lines = [f"ocpctl: {self.message}"]
        lines += [f"  {line}" for line in self.hint.splitlines()]
        return [*lines, f"  request {self.request_id}"] if self.request_id else lines
