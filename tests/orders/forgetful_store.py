"""A store on which everything can be tried: it never commits, so a market on it fires and keeps nothing."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from mktcore.persistence import Scope, Store
from mktcore.stock import MarketUnit

__all__ = ["ForgetfulStore"]


class _Unit:
    """Passes every call on but the one that would keep it all."""

    def __init__(self, inner: MarketUnit) -> None:
        self._inner = inner

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    def commit(self) -> None:
        """Keep nothing."""


class ForgetfulStore:
    """Begins units of another store, and rolls all of them back."""

    def __init__(self, inner: Store[MarketUnit]) -> None:
        self.inner = inner

    @contextmanager
    def begin(self, scope: Scope) -> Iterator[MarketUnit]:
        with self.inner.begin(scope) as unit:
            yield _Unit(unit)
