"""JSON objects of the server. What one should have and has not is said: it is no defect of this program."""

from typing import Any, NoReturn

from ocpctl_cli.failures import Exit, Failure

HINT = "Is it the address of an ocpctl server, and of this release? See: ocpctl doctor"


class Object(dict[str, Any]):
    """What must be there is asked for with [], what an older server may not have with get()."""

    def __missing__(self, key: str) -> NoReturn:
        raise odd(f"without {key}")

    def require(self, key: str) -> "Object":
        """Itself. Raises Failure where it has no such key."""
        return self if key in self else self.__missing__(key)

    def objects(self, key: str) -> list["Object"]:
        """A list that the server always sends, if empty. Raises Failure."""
        return self._objects(key, self[key])

    def parts(self, key: str) -> list["Object"]:
        """A list within something that is shown; empty where there is none. Raises Failure."""
        return self._objects(key, self.get(key) or [])

    @staticmethod
    def _objects(key: str, found: Any) -> list["Object"]:
        if not isinstance(found, list) or not all(isinstance(one, Object) for one in found):
            raise odd(f"with {key} that is no list of objects")
        return found

    def texts(self, key: str) -> list[str]:
        """A list of words; empty where there is none. Raises Failure."""
        found = self.get(key) or []
        if not isinstance(found, list) or not all(isinstance(one, str) for one in found):
            raise odd(f"with {key} that is no list of words")
        return found

    def number(self, key: str) -> int:
        """A whole number; 0 where there is none. Raises Failure."""
        found = self.get(key) or 0
        if not isinstance(found, int):
            raise odd(f"with {key} that is no whole number")
        return found

    def part(self, key: str) -> "Object":
        """What stands below a key; empty where there is nothing. Raises Failure."""
        found = self.get(key) or Object()
        if not isinstance(found, Object):
            raise odd(f"with {key} that is no object")
        return found


def odd(how: str) -> Failure:
    """The end of a command that got another answer than the contract has."""
    return Failure(Exit.FAILED, f"the server answered, but not as ocpctl does: {how}", HINT)
