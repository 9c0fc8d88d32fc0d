"""An effect: a pure function from what an order did to what follows, and what it must have read for that."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar

import attrs

from mktcore.ledger import Account, Funds
from mktcore.orders.effects.changes import Changes
from mktcore.orders.effects.order_transition import OrderTransition
from mktcore.persistence import Kind
from mktcore.persistence.kinds import Aggregate
from mktcore.stock import Reservation

__all__ = ["Effect", "Found", "Reads", "join_reads", "read_nothing"]

T = TypeVar("T", bound=Aggregate)


@attrs.frozen
class Reads:
    """What an effect needs to know beside the order.

    Attributes:
        reservations: Ids of stock reservations.
        records: Ids of records, by their kind.
        accounts: Accounts of the ledger.
    """

    reservations: frozenset[str] = frozenset()
    records: Mapping[Kind[Any], frozenset[str]] = attrs.field(factory=dict)
    accounts: frozenset[Account] = frozenset()


@attrs.frozen
class Found:
    """What was found of everything that effects asked for.

    Attributes:
        reservations: The reservations that exist, by id.
        records: The records that exist, by the name of their kind and by id; `get_records` tells their type.
        funds: What the accounts hold, each of those asked for.
    """

    reservations: Mapping[str, Reservation] = attrs.field(factory=dict)
    records: Mapping[str, Mapping[str, Any]] = attrs.field(factory=dict)
    funds: Mapping[Account, Funds] = attrs.field(factory=dict)

    def get_records(self, kind: Kind[T]) -> Mapping[str, T]:
        """Return the records of a kind that exist among those asked for, by id."""
        return self.records.get(kind.name, {})


def read_nothing(transition: OrderTransition) -> Reads:
    """Ask for nothing: the order tells all that the effect needs."""
    del transition  # an effect that reads decides by it what to ask for
    return Reads()


@attrs.frozen
class Effect:
    """Something that follows from what happens to an order, in the same transaction.

    Attributes:
        name: What follows, for people: `"stock"`.
        decide: Returns the changes. Pure: it may be asked again when the transaction has to run again.
        reads: Returns what `decide` must be given; asked before anything is written. What several effects ask for is
            read together, so the number of reads does not grow with lines.
    """

    name: str
    decide: Callable[[OrderTransition, Found], Changes]
    reads: Callable[[OrderTransition], Reads] = read_nothing


def join_reads(reads: Iterable[Reads]) -> Reads:
    """Return what several effects ask for as one."""
    parts = tuple(reads)
    records: dict[Kind[Any], frozenset[str]] = {}
    for part in parts:
        for kind, ids in part.records.items():
            records[kind] = records.get(kind, frozenset()) | ids
    return Reads(
        frozenset[str]().union(*(part.reservations for part in parts)),
        records,
        frozenset[Account]().union(*(part.accounts for part in parts)),
    )
