"""One transaction: its parts, its end, and running it again."""

from contextlib import AbstractContextManager
from typing import Protocol, TypeVar

from mktcore.caller_scope import Scope
from mktcore.persistence.event_ports import Outbox
from mktcore.persistence.repositories import Repositories

__all__ = ["Committing", "Store", "WritingUnit"]


class Committing(Protocol):
    """The end of a unit of work."""

    def commit(self) -> None:
        """Make everything of this unit durable, with its events; it can be called once.

        Raises:
            Retryable: The transaction lost against another; nothing was written.
            CommitUnknown: The connection broke meanwhile; the same idempotency key tells what became of it.
        """
        ...


class WritingUnit(Repositories, Outbox, Committing, Protocol):
    """What most use cases need: records, events, and the end.

    Four shapes of a unit serve every use case: `Repositories` to read, this one to write, `AnsweringUnit` to answer a
    key once, and `mktcore.stock.MarketUnit` for what also moves stock and counters.
    """


U_co = TypeVar("U_co", covariant=True)


class Store(Protocol[U_co]):
    """Opens units of work. A use case declares the narrow unit it needs; an adapter's unit has every part."""

    def begin(self, scope: Scope) -> AbstractContextManager[U_co]:
        """Open a unit of work for `scope`; leaving the block without `commit` rolls it back."""
        ...
