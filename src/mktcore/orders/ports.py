"""What orders ask of a unit of work, and of a host."""

from datetime import datetime
from typing import Protocol

import attrs

from mktcore.ledger import LedgerUnit
from mktcore.persistence import Outbox, Repositories
from mktcore.persistence.counters import Counting
from mktcore.stock import StockUnit

__all__ = ["EffectUnit", "NumberRequest", "NumberSeries"]


@attrs.frozen
class NumberRequest:
    """What a number is drawn for.

    Attributes:
        order: Id of the new marketplace order.
        channel: The sales channel; None where the cart names none.
        placed_at: When it is placed, UTC.
        sold_by: The merchant that it is sold by; None for the operator.
    """

    order: str
    channel: str | None
    placed_at: datetime
    sold_by: str | None = None


class NumberSeries(Protocol):
    """Gives orders the numbers that people read, say and type."""

    def draw(self, unit: Counting, request: NumberRequest) -> str:
        """Return a number that no other order has.

        It is asked inside of the placement's transaction, once nothing refuses the placement any more, and again where
        the transaction has to run again: what it writes in the unit comes and goes with the order. A number can be an
        id, and has 60 characters at most.

        Args:
            unit: The transaction, under the operator's authority, with its counters.
            request: What it is for.
        """
        ...


class EffectUnit(Repositories, StockUnit, Counting, LedgerUnit, Outbox, Protocol):
    """What effects change."""
