"""Looking at the orders of a store that cannot be inspected: through a unit of work, as far as that goes."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from mktcore.events import Envelope
from mktcore.ledger import PostedTransaction
from mktcore.persistence import Kind
from mktcore.ports import KINDS
from mktcore.stock import MarketUnit, Reservation
from mktcore.store_inspection import Kept, StreamState

__all__ = ["UnitLook"]

_PAGE = 1000


class UnitLook:
    """What `mktcore.audit.order_records.OrderLook` asks; what cannot be read ends the look, as it does any unit's."""

    def __init__(self, unit: MarketUnit) -> None:
        """Look through a unit under the operator's scope."""
        self._unit = unit
        self.kinds = {kind.name: kind for kind in KINDS}

    def find_ids(self, kind: Kind[Any], ids: Iterable[str]) -> frozenset[str]:
        """Return which of some ids are those of records of a kind."""
        return frozenset(self._unit.repository(kind).find_many(ids))

    def iterate_kind(self, kind: Kind[Any]) -> Iterator[Kept[Any]]:
        """Yield every record of a kind, by id."""
        return (Kept(value.id, value) for value in self._unit.repository(kind).stream())

    def find_kept(self, kind: Kind[Any], ids: Iterable[str]) -> Mapping[str, Kept[Any]]:
        """Return those records of a kind that are there, by id."""
        found = self._unit.repository(kind).find_many(ids)
        return {id_: Kept(id_, value) for id_, value in found.items()}

    def find_by(self, kind: Kind[Any], column: str, values: Iterable[str]) -> tuple[Kept[Any], ...]:
        """Return the records whose column tells one of some texts, by id."""
        return tuple(Kept(value.id, value) for value in self._unit.repository(kind).find_where(column, values))

    def find_reservations(self, ids: Iterable[str]) -> Mapping[str, Kept[Reservation]]:
        """Return those reservations that are there, by id."""
        return {id_: Kept(id_, found) for id_, found in self._unit.stock.find_reservations(ids).items()}

    def find_streams(self, subject_kind: str, subjects: Iterable[str]) -> Mapping[str, StreamState]:
        """Return how far some aggregates' events are numbered; the first one that is there tells what was pruned."""
        found: dict[str, StreamState] = {}
        for subject, events in self.find_events(subject_kind, subjects).items():
            sequences = [kept.value.sequence for kept in events if kept.value is not None]
            last, pruned = max(sequences), min(sequences) - 1
            found[subject] = StreamState(subject_kind, subject, last, published=pruned, pruned=pruned)
        return found

    def find_events(self, subject_kind: str, subjects: Iterable[str]) -> Mapping[str, tuple[Kept[Envelope], ...]]:
        """Return the events of some aggregates of one kind, by aggregate, in order."""
        found = {subject: tuple(self._iterate_events(subject_kind, subject)) for subject in subjects}
        return {subject: events for subject, events in found.items() if events}

    def find_postings(self, causes: Iterable[str]) -> Mapping[str, tuple[Kept[PostedTransaction], ...]]:
        """Return what follows from some causes, by cause, in the order of keys."""
        found = self._unit.ledger.find_transactions_of(causes)
        return {cause: tuple(Kept(one.transaction.key, one) for one in own) for cause, own in found.items()}

    def _iterate_events(self, subject_kind: str, subject: str) -> Iterator[Kept[Envelope]]:
        after = 0
        while events := self._unit.find_events(subject_kind, subject, after=after, limit=_PAGE):
            yield from (Kept(envelope.id, envelope) for envelope in events)
            after = events[-1].sequence
