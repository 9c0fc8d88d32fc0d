"""A store under test, with ids that no other clause uses, so that one store may serve them all."""

import secrets
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import timedelta
from typing import Any, Protocol, TypeVar

import attrs

from mktcore.ledger import LedgerUnit
from mktcore.persistence import (
    Committing,
    Outbox,
    Repositories,
    Repository,
    Retryable,
    Scope,
    StaleVersion,
    retry_unit,
)
from mktcore.persistence.counters import Counting
from mktcore.persistence.event_ports import Delivery, EventLog, EventQueue, Inbox, Subscriptions
from mktcore.persistence.idempotency_records import IdempotencyRecords
from mktcore.persistence.noted_reads import Noting
from mktcore.stock import GoodsReturn, Reservation, ReservationRequest, StockCount, StockUnit
from mktcore.testing.clauses import ClauseArea, Violated
from mktcore.testing.stores.samples import AT, PARCELS, Parcel, ParcelMoved

__all__ = ["Bench", "CheckedStore", "CheckedUnit", "StoreArea"]

E = TypeVar("E", bound=Exception)
R = TypeVar("R")
_JOIN_SECONDS = 60
_LEASE = timedelta(minutes=1)


class CheckedUnit(
    Repositories, Noting, Outbox, EventLog, IdempotencyRecords, Counting, StockUnit, LedgerUnit, Committing, Protocol
):
    """A unit of work with every part."""

    @property
    def inbox(self) -> Inbox:
        """Events handled already."""
        ...


class CheckedStore(Protocol):
    """A store with every part, opened with `mktcore.testing.KINDS`."""

    @property
    def queue(self) -> EventQueue:
        """Its unpublished events."""
        ...

    @property
    def subscriptions(self) -> Subscriptions:
        """Subscribers with positions of their own."""
        ...

    def begin(self, scope: Scope) -> AbstractContextManager[CheckedUnit]:
        """Open a unit of work."""
        ...


@attrs.frozen
class Caught:
    """Where `refusal` leaves the error it expected."""

    errors: list[Exception] = attrs.field(factory=list)


class Bench:
    """What one clause works with.

    Attributes:
        store: The store under test.
        acme, bolt: Scopes of two merchants that nobody else uses.
        ann, bob: Scopes of two buyers.
        operator: The operator's scope.
    """

    def __init__(self, store: CheckedStore) -> None:
        """Choose ids of its own."""
        self.store = store
        # By chance, not by counting: several processes may check one database.
        self.prefix = f"t{secrets.token_hex(5)}"
        self.operator = Scope.operator()
        self.acme = Scope.merchant(self.id("acme"))
        self.bolt = Scope.merchant(self.id("bolt"))
        self.ann = Scope.buyer(self.id("ann"))
        self.bob = Scope.buyer(self.id("bob"))

    def id(self, name: object) -> str:
        """Return an id that only this clause uses; ids sort as their names do."""
        return f"{self.prefix}-{name}"

    def parcel(self, name: object, **changes: Any) -> Parcel:
        """Return a new parcel of the merchant acme."""
        return Parcel(self.id(name), **{"merchant": self.acme.id, **changes})

    def moved(self, name: object, to: str = "", **changes: Any) -> ParcelMoved:
        """Return an event of a parcel."""
        return ParcelMoved(subject=self.id(name), at=changes.pop("at", AT), to=to, **changes)

    def parcels(self, unit: CheckedUnit) -> Repository[Parcel]:
        """Return the repository of parcels."""
        return unit.repository(PARCELS)

    def do(self, work: Callable[[CheckedUnit], R], scope: Scope | None = None) -> R:
        """Run `work` in a unit of its own, and commit."""
        with self.store.begin(scope or self.operator) as unit:
            found = work(unit)
            unit.commit()
        return found

    def look(self, work: Callable[[CheckedUnit], R], scope: Scope | None = None) -> R:
        """Run `work` in a unit of its own that changes nothing."""
        with self.store.begin(scope or self.operator) as unit:
            return work(unit)

    def retry(self, work: Callable[[CheckedUnit], R], attempts: int = 200) -> R:
        """Run `work` in units of its own until one is committed."""
        # So many attempts: of eight threads at one row the last may lose many times.
        return retry_unit(lambda: self.do(work), attempts=attempts)

    def put(self, *parcels: Parcel) -> tuple[Parcel, ...]:
        """Store parcels, and return them as stored."""
        return self.do(lambda unit: tuple(self.parcels(unit).add(parcel) for parcel in parcels))

    def find(self, name: object, scope: Scope | None = None) -> Parcel | None:
        """Return a stored parcel as another unit sees it."""
        return self.look(lambda unit: self.parcels(unit).find(self.id(name)), scope)

    def stock(self, **on_hand: int) -> None:
        """Count items of the merchant acme."""
        counts = [StockCount(self.id(item), self.acme.id, pieces) for item, pieces in on_hand.items()]
        self.do(lambda unit: unit.stock.set_on_hand(counts, at=AT))

    def count(self, *counts: StockCount) -> None:
        """Record counts."""
        self.do(lambda unit: unit.stock.set_on_hand(counts, at=AT))

    def request(self, name: object, item: str, quantity: int) -> ReservationRequest:
        """Return a request for pieces of an item."""
        return ReservationRequest(self.id(name), self.id(item), quantity)

    def reserve(self, *requests: ReservationRequest, expires_at: Any = None) -> Any:
        """Reserve, and commit."""
        return self.do(lambda unit: unit.stock.reserve(requests, expires_at=expires_at, at=AT))

    def reservation(self, name: object) -> Reservation:
        """Return a reservation as it stands."""
        return self.look(lambda unit: unit.stock.find_reservations([self.id(name)]))[self.id(name)]

    def release(self, *names: object) -> tuple[str, ...]:
        """Release reservations, and commit."""
        return self.do(lambda unit: unit.stock.release([self.id(name) for name in names], at=AT))

    def consume(self, name: object, quantity: int) -> None:
        """Let pieces of a reservation leave, and commit."""
        self.do(lambda unit: unit.stock.consume({self.id(name): quantity}, at=AT))

    def give_back(self, name: object, quantity: int) -> None:
        """Give back pieces of a reservation, and commit."""
        self.do(lambda unit: unit.stock.give_back({self.id(name): quantity}, at=AT))

    def recall(self, **pieces: int) -> None:
        """Take pieces that left back into their reservations, and commit."""
        taken = {self.id(name): quantity for name, quantity in pieces.items()}
        self.do(lambda unit: unit.stock.recall(taken, at=AT))

    def restock(self, *returns: GoodsReturn) -> None:
        """Let pieces come back, and commit."""
        self.do(lambda unit: unit.stock.restock(returns, at=AT))

    def expire(self, now: Any, limit: int = 100) -> tuple[str, ...]:
        """Let the merchant acme's reservations expire, and commit."""
        return self.do(lambda unit: unit.stock.expire(now=now, limit=limit), self.acme)

    def level(self, item: str) -> tuple[int, int, int]:
        """Return on hand, reserved and available of an item."""
        found = self.look(lambda unit: unit.stock.find_levels([self.id(item)]))[self.id(item)]
        return found.on_hand, found.reserved, found.available

    def drain(self) -> None:
        """Publish whatever other clauses left behind."""
        # Far ahead, when no lease that another clause left is held any more.
        while claimed := self.store.queue.claim(claim=secrets.token_hex(8), now=AT + 900 * _LEASE, lease=_LEASE):
            for delivery in claimed:
                self.store.queue.settle(delivery, len(delivery.envelopes), ready_at=AT)

    def claim(self, *, now: Any = AT, claim: str = "", limit: int = 100) -> tuple[Delivery, ...]:
        """Claim waiting events for a minute."""
        return self.store.queue.claim(claim=claim or secrets.token_hex(8), now=now, lease=_LEASE, limit=limit)

    @contextmanager
    def refusal(self, *kinds: type[Exception]) -> Iterator[Caught]:
        """Expect the block to raise an error of one of some kinds; it is kept in what this yields."""
        caught = Caught()
        try:
            yield caught
        except kinds as error:
            caught.errors.append(error)
        else:
            raise Violated(f"expected {' or '.join(kind.__name__ for kind in kinds)}, nothing was raised")

    def race(self, count: int, work: Callable[[int], R]) -> list[R]:
        """Run `work(0)` to `work(count - 1)` in threads that start together, and return what they returned.

        Raises:
            Violated: A thread did not end.
        """
        barrier = threading.Barrier(count)
        results: list[R | Exception] = []

        def run(number: int) -> None:
            barrier.wait()
            try:
                results.append(work(number))
            except Exception as error:  # noqa: BLE001 - handed to the clause's own thread
                results.append(error)

        # Daemons: a store that hangs must not keep the check from ending.
        threads = [threading.Thread(target=run, args=(number,), daemon=True) for number in range(count)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(_JOIN_SECONDS)
        if any(thread.is_alive() for thread in threads):
            raise Violated("a thread did not end")
        for result in results:
            if isinstance(result, Exception):
                raise result
        return [result for result in results if not isinstance(result, Exception)]

    @staticmethod
    def is_conflict(error: Exception) -> bool:
        """Tell whether an error says that another unit won."""
        return isinstance(error, (Retryable, StaleVersion))


class StoreArea(ClauseArea[Bench]):
    """Clauses about stores."""
