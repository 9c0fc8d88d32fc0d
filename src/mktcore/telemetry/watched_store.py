"""A store that counts the units that are opened and the calls of their ports, for the use case under way."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Generic, TypeVar

import attrs

from mktcore.persistence import Scope, Store
from mktcore.telemetry.use_case_tally import UNDER_WAY

__all__ = ["WatchedStore"]

_PORTS = {"repository", "note_reads"}
"""What a unit returns to be called itself."""

U_co = TypeVar("U_co", covariant=True)


@attrs.frozen(eq=False)
class WatchedStore(Generic[U_co]):
    """Passes everything on, and counts it.

    Attributes:
        store: The store itself.
    """

    store: Store[U_co]

    def __getattr__(self, name: str) -> Any:
        """Return what else the store has: whoever asks what it can do must not be told otherwise."""
        return getattr(self.store, name)

    @contextmanager
    def begin(self, scope: Scope) -> Iterator[U_co]:
        """Open a unit of work, and count it."""
        tally = UNDER_WAY.get()
        if tally is not None:
            tally.units += 1
        with self.store.begin(scope) as unit:
            counted: Any = _Watched(unit)
            yield counted


class _Watched:
    """A port whose calls are counted."""

    def __init__(self, port: object) -> None:
        self._port = port

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._port, name)
        if not callable(found):
            return found if isinstance(found, Scope) else _Watched(found)  # a part of the unit: stock, counters
        counted = _count(found, returns_port=name in _PORTS)
        self.__dict__[name] = counted
        return counted


def _count(call: Callable[..., Any], *, returns_port: bool) -> Callable[..., Any]:
    def counted(*arguments: Any, **options: Any) -> Any:
        if returns_port:
            return _Watched(call(*arguments, **options))
        tally = UNDER_WAY.get()
        if tally is not None:
            tally.store_calls += 1
        return call(*arguments, **options)

    return counted
