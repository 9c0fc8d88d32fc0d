"""Parts of documents that were read before: of many documents that repeat each other, each part is read once."""

import marshal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

__all__ = ["READ_MEMORY", "ReadMemory"]

_TO_TEXT = 2
"""A format of `marshal` that writes equal values alike: later ones tell which parts of a value are one object."""


class ReadMemory:
    """Remembers values by the plain JSON that they were read from, for as long as somebody holds it.

    An order's answers under keys, and the order itself, differ in a line or two of thousands. A value that was read
    once is what the same JSON says again, as values cannot change; what is refused is read, and refused, each time.
    """

    def __init__(self, *, max_bytes: int) -> None:
        """Forget everything whenever so many bytes are remembered."""
        self._max_bytes = max_bytes
        self._bytes = 0
        self._values: dict[tuple[object, bytes], object] = {}

    @contextmanager
    def use(self) -> Iterator[None]:
        """Let what is read in this block, and in this thread, be remembered."""
        token = READ_MEMORY.set(self)
        try:
            yield
        finally:
            READ_MEMORY.reset(token)

    def read(self, reader: object, data: dict[Any, Any], read: Callable[[], object]) -> object:
        """Return what a reader made of the same JSON before, or what it makes of it now."""
        try:
            # Not the JSON itself: in Python 1 equals True, and of the two a reader takes one.
            text = marshal.dumps(data, _TO_TEXT)
        except ValueError:  # a number that JSON allows and no value has: the reader says where it stands
            return read()
        key = (reader, text)
        if key in self._values:
            return self._values[key]
        value = read()
        self._bytes += len(text)
        if self._bytes > self._max_bytes:
            self._values, self._bytes = {}, len(text)
        self._values[key] = value
        return value


READ_MEMORY: ContextVar[ReadMemory | None] = ContextVar("mktcore_read_memory", default=None)
"""What is in use; None where everything is read anew, as everywhere but in audits."""
