"""A store that fails as databases and networks do, when it is told to: before a commit, after it, or to another."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from enum import StrEnum
from typing import Any

from mktcore.persistence import Retryable, Scope, Store
from mktcore.persistence.errors import CommitUnknown
from mktcore.stock import MarketUnit, StockCount
from mktcore.testing.market_sample import SAMPLE_DAY
from mktcore.testing.simulate.simulated_goods import GOODS

__all__ = ["Fault", "FaultyStore"]


class Fault(StrEnum):
    """What goes wrong with one call."""

    NONE = "none"
    LOST_BEFORE_COMMIT = "lost-before-commit"
    """The process dies before the commit; the caller asks again under the same key."""
    ANSWER_LOST = "answer-lost"
    """The commit is done, and the answer never arrives; the caller asks again under the same key."""
    SENT_TWICE = "sent-twice"
    """The answer arrives, and the caller asks again all the same."""
    LOST_RACE = "lost-race"
    """The database rolls the first attempt back: a deadlock, a serialization failure."""
    RIVAL = "rival"
    """Between the reading and the writing of a call, somebody else sends a piece of the same line, and commits."""


class _FaultyUnit:
    """Passes every call on, but the commit."""

    def __init__(self, inner: MarketUnit, store: "FaultyStore", missed: Mapping[str, int]) -> None:
        self._inner, self._store, self._missed = inner, store, missed

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    def commit(self) -> None:
        fault = self._store.take_fault()
        if fault is Fault.LOST_RACE:
            raise Retryable("simulated: it lost against another transaction")
        if fault is Fault.LOST_BEFORE_COMMIT:
            raise CommitUnknown("simulated: the process died before the commit")
        if self._missed:
            self._write_back()
        self._inner.commit()
        if fault is Fault.ANSWER_LOST:
            raise CommitUnknown("simulated: the answer was lost")

    def _write_back(self) -> None:
        """Save stock as it was when this unit began, with what the unit itself did to it."""
        levels = self._inner.stock.find_levels(list(self._missed))
        counts = [
            StockCount(name, level.merchant, level.on_hand - self._missed[name]) for name, level in levels.items()
        ]
        self._inner.stock.set_on_hand(counts, at=SAMPLE_DAY)


class FaultyStore:
    """Another store, of which the next commit fails as it is told.

    Attributes:
        inner: The store.
        fault: What happens to the next commit, once.
        rival: Called once, when the next unit has begun and before it reads.
        forgets_rivals: Whether units write back what of stock they read before a rival: a habit that is wrong.
        met: How often each fault happened.
    """

    def __init__(self, inner: Store[MarketUnit]) -> None:
        """Begin without a fault."""
        self.inner = inner
        self.fault = Fault.NONE
        self.rival: Callable[[], object] | None = None
        self.forgets_rivals = False
        self.met: Counter[str] = Counter()

    @contextmanager
    def begin(self, scope: Scope) -> Iterator[Any]:
        """Open a unit of the other store."""
        with self.inner.begin(scope) as unit:
            rival, self.rival = self.rival, None
            missed: dict[str, int] = {}
            if rival is not None:
                before = _count(unit)
                rival()
                missed = self._find_missed(scope, before) if self.forgets_rivals else missed
            yield _FaultyUnit(unit, self, missed)

    def take_fault(self) -> Fault:
        """Return what is to happen, and let it happen once."""
        fault, self.fault = self.fault, Fault.NONE
        if fault in {Fault.LOST_RACE, Fault.LOST_BEFORE_COMMIT, Fault.ANSWER_LOST}:
            self.met[fault] += 1
        return fault

    def _find_missed(self, scope: Scope, before: Mapping[str, int]) -> dict[str, int]:
        with self.inner.begin(scope) as fresh:
            return {name: pieces - before[name] for name, pieces in _count(fresh).items() if pieces != before[name]}


def _count(unit: MarketUnit) -> dict[str, int]:
    return {name: level.on_hand for name, level in unit.stock.find_levels(list(GOODS)).items()}
