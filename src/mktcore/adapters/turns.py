"""Turns: so many at a time, first come, first served.

A lock of Python's, SQLAlchemy's pool and SQLite's own waiting all let whoever comes in the right moment pass those who
wait: forty threads for one item had a median of 0.1 s, and a slowest hundredth of 6 s. Whoever leaves here hands its
turn to the one that waited longest.
"""

import threading
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager

import attrs

from mktcore.persistence.errors import Busy, Holder

__all__ = ["Turn", "Turns"]


@attrs.define(eq=False)
class Turn:
    """A place in the queue, and then one inside.

    Attributes:
        gate: Opens when it is its turn.
        thread: Who waits.
        name: The thread.
        since: When it waited first, then when it was let in.
    """

    gate: threading.Lock = attrs.field(factory=threading.Lock)
    thread: int = attrs.field(factory=threading.get_ident)
    name: str = attrs.field(factory=lambda: threading.current_thread().name)
    since: float = attrs.field(factory=time.monotonic)


class Turns:
    """Lets a number of threads in at once, and the others in the order in which they came.

    >>> turns = Turns(1, "the only chair")
    >>> with turns.take(seconds=1.0):
    ...     try:
    ...         turns.enter(seconds=0.0)
    ...     except Busy as busy:
    ...         print(busy.describe())
    no luck within 0.0 s: the only chair did not become free; MainThread has the only chair since 0.0 s
    """

    def __init__(self, places: int, name: str) -> None:
        """Begin with every place free.

        Args:
            places: How many are let in at once.
            name: What they are for, as `Busy` says it.
        """
        self._free = places
        self._name = name
        self._latch = threading.RLock()
        self._waiting: deque[Turn] = deque()
        self._inside: set[Turn] = set()

    @contextmanager
    def take(self, seconds: float) -> Iterator[None]:
        """Wait for a turn, and have it for the block.

        Raises:
            Busy: It did not come within these seconds.
        """
        turn = self.enter(seconds)
        try:
            yield
        finally:
            self.leave(turn)

    def enter(self, seconds: float) -> Turn:
        """Wait for a turn, and return it; who takes it leaves it, whatever happens.

        Raises:
            Busy: It did not come within these seconds, or cannot: this very thread has every place.
        """
        turn = Turn()
        if self._join(turn):
            return turn
        try:
            came = turn.gate.acquire(timeout=seconds)
        except BaseException:
            self._give_up(turn)
            raise
        # Where it was called in the very moment in which it gave up, the turn is its own all the same.
        if came or self._give_up(turn, keep=True):
            return turn
        raise self._refuse(seconds)

    def _join(self, turn: Turn) -> bool:
        """Enter where there is a place, or join the queue; tell which."""
        with self._latch:
            if self._free:
                self._free -= 1
                self._inside.add(turn)
                return True
            if all(held.thread == turn.thread for held in self._inside):
                raise self._refuse(0.0)
            turn.gate.acquire()
            self._waiting.append(turn)
            return False

    def leave(self, turn: Turn) -> None:
        """Hand the turn to who waited longest."""
        with self._latch:
            self._inside.discard(turn)
            if not self._waiting:
                self._free += 1
                return
            following = self._waiting.popleft()
            following.since = time.monotonic()
            self._inside.add(following)
            following.gate.release()

    def list_holders(self) -> tuple[Holder, ...]:
        """Return who is inside, the longest first."""
        now = time.monotonic()
        with self._latch:
            inside = sorted(self._inside, key=lambda turn: turn.since)
        return tuple(Holder(turn.name, self._name, now - turn.since) for turn in inside)

    def _refuse(self, seconds: float) -> Busy:
        return Busy(f"{self._name} did not become free", seconds, self.list_holders())

    def _give_up(self, turn: Turn, *, keep: bool = False) -> bool:
        """Leave the queue; tell whether the turn had come meanwhile, which is passed on unless it is kept."""
        with self._latch:
            if turn in self._waiting:
                self._waiting.remove(turn)
                return False
        if not keep:
            self.leave(turn)
        return True
