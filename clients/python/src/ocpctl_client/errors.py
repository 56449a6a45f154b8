"""The one error of this package."""


class SignInFailed(Exception):
    """Nobody is signed in. The message says why and what to do, ready for a person."""
