"""Creates that arrive together are stored together: a statement for several costs little more than one for one.

Nobody waits for company. Who finds nobody at work stores its own at once; those that come meanwhile wait for that
statement, and the next one is for all of them. Whatever goes wrong with several, each of them is then tried alone.
"""

import threading
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import structlog
from ocpctl_common.store.creates import Inserted, NewCluster

LIMIT = 16
AT_WORK = 2  # statements at once: one computes while the other is written to the disk

One = Callable[[NewCluster], Inserted]
Many = Callable[[Sequence[NewCluster]], frozenset[int]]  # which of them were stored, by their place

log = structlog.get_logger()


@dataclass(eq=False, slots=True)
class _Waiting:
    new: NewCluster
    answered: threading.Event = field(default_factory=threading.Event)
    leads: bool = False
    stored: bool = False

    @property
    def key(self) -> tuple[str, str]:
        return self.new.request.principal, self.new.request.key


class JoinedCreates:
    """For the threads of many calls. `one` stores a create or raises why not, `many` several or none."""

    def __init__(self, one: One, many: Many) -> None:
        self._one = one
        self._many = many
        self._lock = threading.Lock()
        self._waiting: deque[_Waiting] = deque()
        self._at_work = 0

    def insert(self, new: NewCluster) -> Inserted:
        """As `one`, perhaps together with others. Raises what that raises."""
        mine = _Waiting(new)
        self._join(mine)
        if not mine.leads:
            mine.answered.wait()
        if mine.leads:
            return self._lead(mine)
        return Inserted(accepted=True, wait_seconds=None) if mine.stored else self._one(new)

    def _join(self, mine: _Waiting) -> None:
        with self._lock:
            mine.leads = self._at_work < AT_WORK
            if mine.leads:
                self._at_work += 1
            else:
                self._waiting.append(mine)

    def _lead(self, mine: _Waiting) -> Inserted:
        others = self._taken(mine)
        try:
            if not others:
                return self._one(mine.new)
            self._store([mine, *others])
        finally:
            for other in others:
                other.answered.set()
            self._hand_over()
        return Inserted(accepted=True, wait_seconds=None) if mine.stored else self._one(mine.new)

    def _taken(self, mine: _Waiting) -> list[_Waiting]:
        """Those that wait, but for a second one with the same key: that one's answer is the first one's."""
        taken, keys, left = list[_Waiting](), {mine.key}, list[_Waiting]()
        with self._lock:
            while self._waiting and len(taken) < LIMIT - 1:
                other = self._waiting.popleft()
                (left if other.key in keys else taken).append(other)
                keys.add(other.key)
            self._waiting.extendleft(reversed(left))
        return taken

    def _store(self, batch: Sequence[_Waiting]) -> None:
        try:
            places = self._many([one.new for one in batch])
        except Exception as error:  # noqa: BLE001 - each is tried alone, and tells its own
            log.info("creates are tried one by one", creates=len(batch), error=str(error))
            return
        for place in places:
            batch[place].stored = True

    def _hand_over(self) -> None:
        """Whoever waits longest goes on."""
        with self._lock:
            if not self._waiting:
                self._at_work -= 1
                return
            following = self._waiting.popleft()
        following.leads = True
        following.answered.set()
