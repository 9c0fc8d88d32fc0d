"""Clauses about how reservations end: consumed, released, given back or expired, and each once (invariant I10)."""

from datetime import timedelta
from typing import Any

from mktcore.stock import StockCount
from mktcore.stock.events import ReservationExpired
from mktcore.stock.reservation import ReservationEnded, ReservationState, ReservationTooSmall
from mktcore.testing.clauses import expect
from mktcore.testing.stores.samples import AT
from mktcore.testing.stores.store_bench import Bench, StoreArea

__all__ = ["ENDING"]

ENDING = StoreArea("reservation")
_MINUTE = timedelta(minutes=1)


def _events(bench: Bench, item: str) -> list[Any]:
    return [one.event for one in bench.look(lambda unit: unit.find_events("stock_item", bench.id(item)))]


@ENDING
def releasing_gives_back(bench: Bench) -> None:
    """Releasing makes the pieces available again, and tells which reservations it ended."""
    bench.stock(i=5)
    bench.reserve(bench.request("r1", "i", 2), bench.request("r2", "i", 1))
    expect(bench.release("r2", "r1"), (bench.id("r1"), bench.id("r2")))
    expect(bench.level("i"), (5, 0, 5))
    expect(bench.reservation("r1").state, ReservationState.RELEASED)


@ENDING
def releasing_twice_is_harmless(bench: Bench) -> None:
    """Releasing what ended, what never was, or the same id twice in a call, gives nothing back a second time."""
    bench.stock(i=5)
    bench.reserve(bench.request("r1", "i", 2), bench.request("r2", "i", 1))
    expect(bench.release("r1", "r1", "none"), (bench.id("r1"),))
    expect(bench.release("r1"), ())
    expect(bench.level("i"), (5, 1, 4))


@ENDING
def consuming_lowers_both(bench: Bench) -> None:
    """Consuming lowers on hand and reserved together, and the last piece ends the reservation."""
    bench.stock(i=5)
    bench.reserve(bench.request("r", "i", 3))
    bench.consume("r", 3)
    expect(bench.level("i"), (2, 0, 2))
    expect((bench.reservation("r").state, bench.reservation("r").consumed), (ReservationState.CONSUMED, 3))


@ENDING
def a_part_can_be_consumed(bench: Bench) -> None:
    """A part may be consumed; the rest stays reserved until it is consumed or released."""
    bench.stock(i=5)
    bench.reserve(bench.request("r", "i", 3))
    bench.consume("r", 1)
    expect(bench.level("i"), (4, 2, 2))
    expect((bench.reservation("r").state, bench.reservation("r").remaining), (ReservationState.LIVE, 2))
    expect(bench.release("r"), (bench.id("r"),))
    expect(bench.level("i"), (4, 0, 4))
    expect((bench.reservation("r").state, bench.reservation("r").consumed), (ReservationState.RELEASED, 1))


@ENDING
def no_more_is_consumed_than_reserved(bench: Bench) -> None:
    """Consuming more than remains is refused with what remains, and changes nothing."""
    bench.stock(i=5)
    bench.reserve(bench.request("r", "i", 3))
    bench.consume("r", 1)
    with bench.refusal(ReservationTooSmall) as caught:
        bench.consume("r", 3)
    expect([error.remaining for error in caught.errors if isinstance(error, ReservationTooSmall)], [2])
    expect(bench.level("i"), (4, 2, 2))


@ENDING
def what_ended_is_not_consumed(bench: Bench) -> None:
    """Consuming a reservation that was consumed, released, expired, or never made is refused."""
    bench.stock(i=9)
    bench.reserve(*[bench.request(name, "i", 1) for name in ("r1", "r2")])
    bench.reserve(bench.request("r3", "i", 1), expires_at=AT)
    bench.consume("r1", 1)
    bench.release("r2")
    bench.expire(AT)
    for name in ("r1", "r2", "r3", "none"):
        with bench.refusal(ReservationEnded):
            bench.consume(name, 1)
    expect(bench.level("i"), (8, 0, 8))


@ENDING
def on_hand_never_falls_below_zero(bench: Bench) -> None:
    """Goods that leave beyond what was counted leave nothing on hand, not less than nothing."""
    bench.count(StockCount(bench.id("i"), bench.acme.id, 1, backorder=4))
    bench.reserve(bench.request("r", "i", 3))
    bench.consume("r", 3)
    expect(bench.level("i")[:2], (0, 0))


@ENDING
def what_is_due_expires(bench: Bench) -> None:
    """A reservation expires at its time, not before, and gives back what remains."""
    bench.stock(i=9)
    bench.reserve(bench.request("r1", "i", 3), expires_at=AT)
    bench.reserve(bench.request("r2", "i", 2), expires_at=AT + _MINUTE)
    bench.reserve(bench.request("r3", "i", 1))
    bench.consume("r1", 1)
    expect(bench.expire(AT - _MINUTE), ())
    expect(bench.expire(AT), (bench.id("r1"),))
    expect(bench.level("i"), (8, 3, 5))
    expect(bench.reservation("r1").state, ReservationState.EXPIRED)
    expect(bench.expire(AT + 9999 * _MINUTE), (bench.id("r2"),))
    expect(bench.reservation("r3").state, ReservationState.LIVE)


@ENDING
def an_expiry_is_told(bench: Bench) -> None:
    """Each expired reservation is told by one event, with the pieces that became available."""
    bench.stock(i=9)
    bench.reserve(bench.request("r", "i", 3), expires_at=AT)
    bench.expire(AT + _MINUTE)
    bench.expire(AT + _MINUTE)
    told = ReservationExpired(
        subject=bench.id("i"), at=AT + _MINUTE, merchant=bench.acme.id, reservation=bench.id("r"), quantity=3
    )
    expect(_events(bench, "i"), [told])


@ENDING
def expiring_has_a_limit(bench: Bench) -> None:
    """No more than asked expire in a call, the earliest first."""
    bench.stock(i=9)
    for number in (2, 0, 1):
        bench.reserve(bench.request(f"r{number}", "i", 1), expires_at=AT + number * _MINUTE)
    expect(bench.expire(AT + 9 * _MINUTE, 2), (bench.id("r0"), bench.id("r1")))
    expect(bench.expire(AT + 9 * _MINUTE, 2), (bench.id("r2"),))


@ENDING
def an_expiry_can_be_moved(bench: Bench) -> None:
    """A live reservation can be kept for ever, or until another time; one that ended cannot."""
    bench.stock(i=9)
    bench.reserve(bench.request("r1", "i", 1), bench.request("r2", "i", 1), expires_at=AT)
    bench.release("r2")
    ids = [bench.id("r1"), bench.id("r2")]
    expect(bench.do(lambda unit: unit.stock.extend(ids, expires_at=None)), (bench.id("r1"),))
    expect(bench.expire(AT + _MINUTE), ())
    bench.do(lambda unit: unit.stock.extend(ids, expires_at=AT + _MINUTE))
    expect(bench.reservation("r1").expires_at, AT + _MINUTE)
    expect(bench.expire(AT + _MINUTE), (bench.id("r1"),))


@ENDING
def threads_end_a_reservation_once(bench: Bench) -> None:
    """Of threads that release, consume and expire the same reservation, one ends it."""
    bench.stock(i=5)
    bench.reserve(bench.request("r", "i", 5), expires_at=AT)

    def end(number: int) -> bool:
        if number % 3 == 0:
            return bool(bench.retry(lambda unit: unit.stock.release([bench.id("r")], at=AT)))
        if number % 3 == 1:
            return bench.id("r") in bench.retry(lambda unit: unit.stock.expire(now=AT, limit=1_000_000))
        try:
            bench.retry(lambda unit: unit.stock.consume({bench.id("r"): 5}, at=AT))
        except ReservationEnded:
            return False
        return True

    expect(bench.race(6, end).count(True), 1)
    # Whichever came first: what was consumed is gone, what was released or expired is back.
    expect(bench.level("i") in {(5, 0, 5), (0, 0, 0)}, True)


@ENDING
def pieces_given_back_are_available(bench: Bench) -> None:
    """Pieces given back are available again, on hand stays, and the last ones release the reservation."""
    bench.stock(i=5)
    bench.reserve(bench.request("r", "i", 3))
    bench.give_back("r", 1)
    expect(bench.level("i"), (5, 2, 3))
    expect((bench.reservation("r").state, bench.reservation("r").remaining), (ReservationState.LIVE, 2))
    bench.give_back("r", 2)
    expect(bench.level("i"), (5, 0, 5))
    expect((bench.reservation("r").state, bench.reservation("r").given_back), (ReservationState.RELEASED, 3))


@ENDING
def a_part_leaves_and_a_part_is_given_back(bench: Bench) -> None:
    """Of one reservation some pieces may leave and the others be given back, in any order."""
    bench.stock(i=5)
    bench.reserve(bench.request("r", "i", 4))
    bench.give_back("r", 1)
    bench.consume("r", 2)
    expect(bench.level("i"), (3, 1, 2))
    bench.give_back("r", 1)
    found = bench.reservation("r")
    expect((found.consumed, found.given_back, found.remaining), (2, 2, 0))
    expect(bench.level("i"), (3, 0, 3))


@ENDING
def no_more_is_given_back_than_reserved(bench: Bench) -> None:
    """Giving back more than remains is refused, and nothing is written."""
    bench.stock(i=5)
    bench.reserve(bench.request("r", "i", 3))
    bench.consume("r", 1)
    with bench.refusal(ReservationTooSmall) as caught:
        bench.give_back("r", 3)
    expect([error.remaining for error in caught.errors if isinstance(error, ReservationTooSmall)], [2])
    expect(bench.level("i"), (4, 2, 2))


@ENDING
def what_ended_is_not_given_back(bench: Bench) -> None:
    """Giving back pieces of a reservation that ended, or that was never made, is refused."""
    bench.stock(i=5)
    bench.reserve(bench.request("r", "i", 1))
    bench.release("r")
    for name in ("r", "none"):
        with bench.refusal(ReservationEnded):
            bench.give_back(name, 1)
    expect(bench.level("i"), (5, 0, 5))


@ENDING
def pieces_of_several_reservations_leave_together(bench: Bench) -> None:
    """Pieces of several reservations leave in one call, or, when one is refused, none does."""
    bench.stock(i1=5, i2=5)
    bench.reserve(bench.request("r1", "i1", 3), bench.request("r2", "i2", 2), bench.request("r3", "i2", 1))
    with bench.refusal(ReservationTooSmall):
        bench.do(lambda unit: unit.stock.consume({bench.id("r1"): 1, bench.id("r2"): 3}, at=AT))
    expect((bench.level("i1"), bench.level("i2")), ((5, 3, 2), (5, 3, 2)))
    bench.do(lambda unit: unit.stock.consume({bench.id(name): 1 for name in ("r1", "r2", "r3")}, at=AT))
    expect((bench.level("i1"), bench.level("i2")), ((4, 2, 2), (3, 1, 2)))
    with bench.refusal(ReservationEnded):
        bench.do(lambda unit: unit.stock.give_back({bench.id("r1"): 1, bench.id("r3"): 1}, at=AT))
    bench.do(lambda unit: unit.stock.give_back({bench.id("r1"): 2, bench.id("r2"): 1}, at=AT))
    expect((bench.level("i1"), bench.level("i2")), ((4, 0, 4), (3, 0, 3)))
