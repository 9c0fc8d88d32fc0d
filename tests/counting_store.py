"""A store in memory that counts the calls of its ports."""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from mktcore.adapters.memory import MemoryStore
from mktcore.persistence import Scope
from mktcore.ports import KINDS
from mktcore.stock import MarketUnit


class Counting:
    """Passes every call on, and counts the public ones."""

    def __init__(self, target: object, calls: Counter[str], name: str) -> None:
        self._target, self._calls, self._name = target, calls, name

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._target, name)
        if name in {"stock", "ledger", "counters"}:
            return Counting(found, self._calls, name)
        if not callable(found):
            return found
        return self._count(name, found)

    def _count(self, name: str, found: Callable[..., object]) -> Callable[..., object]:
        def call(*args: Any, **options: Any) -> object:
            if name == "repository":
                return Counting(found(*args), self._calls, args[0].name)
            self._calls[f"{self._name}.{name}"] += 1
            return found(*args, **options)

        return call


class CountingStore:
    """A store whose units count."""

    def __init__(self) -> None:
        self.inner, self.calls = MemoryStore(KINDS), Counter[str]()

    @contextmanager
    def begin(self, scope: Scope) -> Iterator[MarketUnit]:
        with self.inner.begin(scope) as unit:
            yield Counting(unit, self.calls, "unit")
