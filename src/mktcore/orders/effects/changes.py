"""What effects ask for: changes of everything that an order shares with the rest of the market, as a frozen value."""

from collections.abc import Iterable, Mapping
from typing import Any, Generic, TypeVar

import attrs

from mktcore.commissions import CommissionReversal
from mktcore.events import Event
from mktcore.ledger import Transaction
from mktcore.orders.order_revision import OrderRevision
from mktcore.persistence import Kind
from mktcore.persistence.kinds import Aggregate
from mktcore.processes.timeouts import TimeOut, TimeOutKey
from mktcore.stock import GoodsReturn

__all__ = ["Changes", "Write", "join_changes"]

T = TypeVar("T", bound=Aggregate)


@attrs.frozen
class Write(Generic[T]):
    """A record to store: a new one, or a changed one that the effect read.

    Attributes:
        kind: Its kind, which the store was opened with.
        value: The record.
    """

    kind: Kind[T]
    value: T


@attrs.frozen(kw_only=True)
class Changes:
    """What is to be changed beside the order itself.

    Attributes:
        released: Amounts to give back to promotions' counters, by the counter's name.
        consumed: Pieces that leave the warehouse, by reservation.
        freed: Pieces that become available again, by reservation.
        recalled: Pieces that had left, and come back to be reserved again, by reservation.
        returned: Pieces that had left, and come back or are given up.
        reversals: What is given back of commission, by the merchant order that keeps it.
        transactions: What moves in the ledger, in order.
        cancel: Time-outs to cancel, before any is scheduled.
        schedule: Time-outs to schedule.
        writes: Records to store.
        events: Events for the outbox, in order.
        revision: What becomes of the prices of what is left of the order; None where they stay.
    """

    released: Mapping[str, int] = attrs.field(factory=dict)
    consumed: Mapping[str, int] = attrs.field(factory=dict)
    freed: Mapping[str, int] = attrs.field(factory=dict)
    recalled: Mapping[str, int] = attrs.field(factory=dict)
    returned: tuple[GoodsReturn, ...] = ()
    reversals: Mapping[str, tuple[CommissionReversal, ...]] = attrs.field(factory=dict)
    transactions: tuple[Transaction, ...] = ()
    cancel: tuple[TimeOutKey, ...] = ()
    schedule: tuple[TimeOut, ...] = ()
    writes: tuple[Write[Any], ...] = ()
    events: tuple[Event, ...] = ()
    revision: OrderRevision | None = None


def join_changes(changes: Iterable[Changes]) -> Changes:
    """Return the changes of several effects as one: amounts add up, everything else follows in order.

    >>> joined = join_changes([Changes(freed={"r1": 1}), Changes(freed={"r1": 2, "r2": 1})])
    >>> joined.freed
    {'r1': 3, 'r2': 1}
    """
    parts = tuple(changes)
    return Changes(
        released=_add_up(part.released for part in parts),
        consumed=_add_up(part.consumed for part in parts),
        freed=_add_up(part.freed for part in parts),
        recalled=_add_up(part.recalled for part in parts),
        returned=tuple(returned for part in parts for returned in part.returned),
        reversals=_join_reversals(part.reversals for part in parts),
        transactions=tuple(transaction for part in parts for transaction in part.transactions),
        # Once each: two effects may well want the same time-out gone.
        cancel=tuple(dict.fromkeys(key for part in parts for key in part.cancel)),
        schedule=tuple(timeout for part in parts for timeout in part.schedule),
        writes=tuple(write for part in parts for write in part.writes),
        events=tuple(event for part in parts for event in part.events),
        revision=next((part.revision for part in parts if part.revision is not None), None),
    )


def _join_reversals(
    given: Iterable[Mapping[str, tuple[CommissionReversal, ...]]],
) -> dict[str, tuple[CommissionReversal, ...]]:
    joined: dict[str, tuple[CommissionReversal, ...]] = {}
    for one in given:
        for part, steps in one.items():
            joined[part] = (*joined.get(part, ()), *steps)
    return joined


def _add_up(amounts: Iterable[Mapping[str, int]]) -> dict[str, int]:
    """Return the sums by name, in the order of names: the order in which all who lock them do so."""
    total: dict[str, int] = {}
    for one in amounts:
        for name, amount in one.items():
            total[name] = total.get(name, 0) + amount
    return dict(sorted(total.items()))
