"""The errors of this package."""


class SignInFailed(Exception):
    """Nobody is signed in. The message says why and what to do, ready for a person."""


class ServerAway(SignInFailed):
    """The server cannot be reached, or is busy: the same may work a moment later."""
