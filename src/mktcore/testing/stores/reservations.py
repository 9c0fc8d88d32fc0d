"""Clauses about reservations: made all or none, and ended once (invariant I10)."""

import random
from datetime import timedelta
from typing import Any

from mktcore.offers.stock import (
    InvalidQuantity,
    Reservation,
    ReservationEnded,
    ReservationExpired,
    ReservationRequest,
    ReservationState,
    ReservationTooSmall,
    Shortage,
    StockCount,
)
from mktcore.testing.clauses import expect
from mktcore.testing.stores.benches import Bench, CheckedUnit, StoreArea
from mktcore.testing.stores.samples import AT
from mktcore.unit_of_work import UniqueViolation

__all__ = ["RESERVING"]

RESERVING = StoreArea("reservation")
_MINUTE = timedelta(minutes=1)


def _count(bench: Bench, *counts: StockCount) -> None:
    bench.do(lambda unit: unit.stock.set_on_hand(counts, at=AT))


def _state(bench: Bench, name: object) -> Reservation:
    return bench.look(lambda unit: unit.stock.find_reservations([bench.id(name)]))[bench.id(name)]


def _events(bench: Bench, item: str) -> list[Any]:
    return [one.event for one in bench.look(lambda unit: unit.find_events("stock_item", bench.id(item)))]


def _release(bench: Bench, *names: object) -> tuple[str, ...]:
    return bench.do(lambda unit: unit.stock.release([bench.id(name) for name in names], at=AT))


def _consume(bench: Bench, name: object, quantity: int) -> None:
    bench.do(lambda unit: unit.stock.consume({bench.id(name): quantity}, at=AT))


def _expire(bench: Bench, now: Any, limit: int = 100) -> tuple[str, ...]:
    return bench.do(lambda unit: unit.stock.expire(now=now, limit=limit), bench.acme)


@RESERVING
def reserving_lowers_what_is_available(bench: Bench) -> None:
    """Reserving raises reserved and lowers what is available; on hand stays."""
    bench.stock(i=5)
    expect(bench.reserve(bench.request("r", "i", 2)), ())
    expect(bench.level("i"), (5, 2, 3))
    expect(_state(bench, "r"), Reservation(bench.id("r"), bench.id("i"), bench.acme.id, 2))


@RESERVING
def the_last_piece_can_be_reserved(bench: Bench) -> None:
    """Exactly what is available can be reserved, and then nothing more."""
    bench.stock(i=3)
    expect(bench.reserve(bench.request("r1", "i", 3)), ())
    expect(bench.reserve(bench.request("r2", "i", 1)), (Shortage(bench.id("i"), 1, 0),))
    expect(bench.level("i"), (3, 3, 0))


@RESERVING
def reserving_is_all_or_nothing(bench: Bench) -> None:
    """When one item falls short nothing of the call is reserved, and every shortage is told, in the order of ids."""
    bench.stock(i1=5, i2=1, i3=5, i4=0)
    wanted = [bench.request(f"r{number}", f"i{number}", 2) for number in (4, 3, 2, 1)]
    expect(bench.reserve(*wanted), (Shortage(bench.id("i2"), 2, 1), Shortage(bench.id("i4"), 2, 0)))
    expect([bench.level(f"i{number}")[1] for number in (1, 2, 3, 4)], [0, 0, 0, 0])
    expect(bench.look(lambda unit: unit.stock.find_reservations([request.id for request in wanted])), {})


@RESERVING
def requests_on_one_item_are_summed(bench: Bench) -> None:
    """Requests of one call for one item are summed before they are compared with what is available."""
    bench.stock(i=3)
    wanted = [bench.request("r1", "i", 2), bench.request("r2", "i", 2)]
    expect(bench.reserve(*wanted), (Shortage(bench.id("i"), 4, 3),))
    bench.stock(i=4)
    expect(bench.reserve(*wanted), ())
    expect(bench.level("i"), (4, 4, 0))


@RESERVING
def an_unknown_item_has_nothing(bench: Bench) -> None:
    """An item that does not exist falls short with nothing available."""
    expect(bench.reserve(bench.request("r", "none", 1)), (Shortage(bench.id("none"), 1, 0),))


@RESERVING
def the_allowance_can_be_reserved(bench: Bench) -> None:
    """The back-order allowance can be reserved beyond what is on hand, and no further."""
    _count(bench, StockCount(bench.id("i"), bench.acme.id, 1, 2))
    expect(bench.reserve(bench.request("r1", "i", 3)), ())
    expect(bench.reserve(bench.request("r2", "i", 1)), (Shortage(bench.id("i"), 1, 0),))


@RESERVING
def reserving_nothing_is_fine(bench: Bench) -> None:
    """No request at all is reserved."""
    expect(bench.reserve(), ())


@RESERVING
def a_shortage_leaves_the_unit_usable(bench: Bench) -> None:
    """After a shortage the unit goes on: another reservation in it is committed."""
    bench.stock(i=3)

    def work(unit: CheckedUnit) -> None:
        unit.stock.reserve([bench.request("r1", "i", 9)], expires_at=None, at=AT)
        unit.stock.reserve([bench.request("r2", "i", 2)], expires_at=None, at=AT)

    bench.do(work)
    expect(bench.level("i"), (3, 2, 1))


@RESERVING
def own_reservations_count(bench: Bench) -> None:
    """Within one unit an earlier reservation counts against a later one."""
    bench.stock(i=3)
    with bench.store.begin(bench.operator) as unit:
        expect(unit.stock.reserve([bench.request("r1", "i", 2)], expires_at=None, at=AT), ())
        short = unit.stock.reserve([bench.request("r2", "i", 2)], expires_at=None, at=AT)
        expect(short, (Shortage(bench.id("i"), 2, 1),))
        expect(unit.stock.find_levels([bench.id("i")])[bench.id("i")].reserved, 2)


@RESERVING
def ids_are_used_once(bench: Bench) -> None:
    """A reservation id that was used, even by one that ended, or twice in a call, is refused; nothing is reserved."""
    bench.stock(i=9)
    bench.reserve(bench.request("r1", "i", 1))
    _release(bench, "r1")
    for names in (("r1",), ("r2", "r2"), ("r3", "r1")):
        with bench.store.begin(bench.operator) as unit:
            with bench.refusal(UniqueViolation):
                unit.stock.reserve([bench.request(name, "i", 1) for name in names], expires_at=None, at=AT)
            unit.commit()
        expect(bench.level("i"), (9, 0, 9), str(names))


@RESERVING
def releasing_gives_back(bench: Bench) -> None:
    """Releasing makes the pieces available again, and tells which reservations it ended."""
    bench.stock(i=5)
    bench.reserve(bench.request("r1", "i", 2), bench.request("r2", "i", 1))
    expect(_release(bench, "r2", "r1"), (bench.id("r1"), bench.id("r2")))
    expect(bench.level("i"), (5, 0, 5))
    expect(_state(bench, "r1").state, ReservationState.RELEASED)


@RESERVING
def releasing_twice_is_harmless(bench: Bench) -> None:
    """Releasing what ended, what never was, or the same id twice in a call, gives nothing back a second time."""
    bench.stock(i=5)
    bench.reserve(bench.request("r1", "i", 2), bench.request("r2", "i", 1))
    expect(_release(bench, "r1", "r1", "none"), (bench.id("r1"),))
    expect(_release(bench, "r1"), ())
    expect(bench.level("i"), (5, 1, 4))


@RESERVING
def consuming_lowers_both(bench: Bench) -> None:
    """Consuming lowers on hand and reserved together, and the last piece ends the reservation."""
    bench.stock(i=5)
    bench.reserve(bench.request("r", "i", 3))
    _consume(bench, "r", 3)
    expect(bench.level("i"), (2, 0, 2))
    expect((_state(bench, "r").state, _state(bench, "r").consumed), (ReservationState.CONSUMED, 3))


@RESERVING
def a_part_can_be_consumed(bench: Bench) -> None:
    """A part may be consumed; the rest stays reserved until it is consumed or released."""
    bench.stock(i=5)
    bench.reserve(bench.request("r", "i", 3))
    _consume(bench, "r", 1)
    expect(bench.level("i"), (4, 2, 2))
    expect((_state(bench, "r").state, _state(bench, "r").remaining), (ReservationState.LIVE, 2))
    expect(_release(bench, "r"), (bench.id("r"),))
    expect(bench.level("i"), (4, 0, 4))
    expect((_state(bench, "r").state, _state(bench, "r").consumed), (ReservationState.RELEASED, 1))


@RESERVING
def no_more_is_consumed_than_reserved(bench: Bench) -> None:
    """Consuming more than remains is refused with what remains, and changes nothing."""
    bench.stock(i=5)
    bench.reserve(bench.request("r", "i", 3))
    _consume(bench, "r", 1)
    with bench.refusal(ReservationTooSmall) as caught:
        _consume(bench, "r", 3)
    expect([error.remaining for error in caught.errors if isinstance(error, ReservationTooSmall)], [2])
    expect(bench.level("i"), (4, 2, 2))


@RESERVING
def what_ended_is_not_consumed(bench: Bench) -> None:
    """Consuming a reservation that was consumed, released, expired, or never made is refused."""
    bench.stock(i=9)
    bench.reserve(*[bench.request(name, "i", 1) for name in ("r1", "r2")])
    bench.reserve(bench.request("r3", "i", 1), expires_at=AT)
    _consume(bench, "r1", 1)
    _release(bench, "r2")
    _expire(bench, AT)
    for name in ("r1", "r2", "r3", "none"):
        with bench.refusal(ReservationEnded):
            _consume(bench, name, 1)
    expect(bench.level("i"), (8, 0, 8))


@RESERVING
def on_hand_never_falls_below_zero(bench: Bench) -> None:
    """Goods that leave beyond what was counted leave nothing on hand, not less than nothing."""
    _count(bench, StockCount(bench.id("i"), bench.acme.id, 1, 4))
    bench.reserve(bench.request("r", "i", 3))
    _consume(bench, "r", 3)
    expect(bench.level("i")[:2], (0, 0))


@RESERVING
def quantities_are_whole_and_positive(bench: Bench) -> None:
    """Quantities of zero, below, or that are no ints are refused."""
    bench.stock(i=5)
    bench.reserve(bench.request("r", "i", 3))
    for quantity in (0, -1, True, 1.0, 10**13):
        with bench.refusal(InvalidQuantity):
            _consume(bench, "r", quantity)  # type: ignore[arg-type]  # on purpose
        with bench.refusal(InvalidQuantity):
            ReservationRequest(bench.id("r2"), bench.id("i"), quantity)  # type: ignore[arg-type]  # on purpose
    expect(bench.level("i"), (5, 3, 2))


@RESERVING
def what_is_due_expires(bench: Bench) -> None:
    """A reservation expires at its time, not before, and gives back what remains."""
    bench.stock(i=9)
    bench.reserve(bench.request("r1", "i", 3), expires_at=AT)
    bench.reserve(bench.request("r2", "i", 2), expires_at=AT + _MINUTE)
    bench.reserve(bench.request("r3", "i", 1))
    _consume(bench, "r1", 1)
    expect(_expire(bench, AT - _MINUTE), ())
    expect(_expire(bench, AT), (bench.id("r1"),))
    expect(bench.level("i"), (8, 3, 5))
    expect(_state(bench, "r1").state, ReservationState.EXPIRED)
    expect(_expire(bench, AT + 9999 * _MINUTE), (bench.id("r2"),))
    expect(_state(bench, "r3").state, ReservationState.LIVE)


@RESERVING
def an_expiry_is_told(bench: Bench) -> None:
    """Each expired reservation is told by one event, with the pieces that became available."""
    bench.stock(i=9)
    bench.reserve(bench.request("r", "i", 3), expires_at=AT)
    _expire(bench, AT + _MINUTE)
    _expire(bench, AT + _MINUTE)
    told = ReservationExpired(
        subject=bench.id("i"), at=AT + _MINUTE, merchant=bench.acme.id, reservation=bench.id("r"), quantity=3
    )
    expect(_events(bench, "i"), [told])


@RESERVING
def expiring_has_a_limit(bench: Bench) -> None:
    """No more than asked expire in a call, the earliest first."""
    bench.stock(i=9)
    for number in (2, 0, 1):
        bench.reserve(bench.request(f"r{number}", "i", 1), expires_at=AT + number * _MINUTE)
    expect(_expire(bench, AT + 9 * _MINUTE, 2), (bench.id("r0"), bench.id("r1")))
    expect(_expire(bench, AT + 9 * _MINUTE, 2), (bench.id("r2"),))


@RESERVING
def an_expiry_can_be_moved(bench: Bench) -> None:
    """A live reservation can be kept for ever, or until another time; one that ended cannot."""
    bench.stock(i=9)
    bench.reserve(bench.request("r1", "i", 1), bench.request("r2", "i", 1), expires_at=AT)
    _release(bench, "r2")
    ids = [bench.id("r1"), bench.id("r2")]
    expect(bench.do(lambda unit: unit.stock.extend(ids, expires_at=None)), (bench.id("r1"),))
    expect(_expire(bench, AT + _MINUTE), ())
    bench.do(lambda unit: unit.stock.extend(ids, expires_at=AT + _MINUTE))
    expect(_state(bench, "r1").expires_at, AT + _MINUTE)
    expect(_expire(bench, AT + _MINUTE), (bench.id("r1"),))


@RESERVING
def threads_take_the_last_units_once(bench: Bench) -> None:
    """Eight threads take the last 20 pieces, one at a time: 20 get one, nobody else."""
    bench.stock(i=20)

    def take(number: int) -> int:
        taken = 0
        for turn in range(5):
            request = bench.request(f"r{number}-{turn}", "i", 1)
            short = bench.retry(lambda unit: unit.stock.reserve([request], expires_at=None, at=AT))
            taken += not short
        return taken

    expect(sum(bench.race(8, take)), 20)
    expect(bench.level("i"), (20, 20, 0))


@RESERVING
def threads_end_a_reservation_once(bench: Bench) -> None:
    """Of threads that release, consume and expire the same reservation, one ends it."""
    bench.stock(i=5)
    bench.reserve(bench.request("r", "i", 5), expires_at=AT)

    def end(number: int) -> bool:
        if number % 3 == 0:
            return bool(bench.retry(lambda unit: unit.stock.release([bench.id("r")], at=AT)))
        if number % 3 == 1:
            return bool(bench.retry(lambda unit: unit.stock.expire(now=AT)))
        try:
            bench.retry(lambda unit: unit.stock.consume({bench.id("r"): 5}, at=AT))
        except ReservationEnded:
            return False
        return True

    expect(bench.race(6, end).count(True), 1)
    expect(bench.level("i") in {(5, 0, 5), (0, 0, 0)}, True)


@RESERVING
def threads_in_opposite_order_come_to_an_end(bench: Bench) -> None:
    """Units that reserve the same items in opposite order all come to an end."""
    bench.stock(i1=100, i2=100)

    def reserve(number: int) -> None:
        items = ("i1", "i2") if number % 2 else ("i2", "i1")
        for turn in range(3):
            wanted = [bench.request(f"r{number}-{turn}-{item}", item, 1) for item in items]
            bench.retry(lambda unit: unit.stock.reserve(wanted, expires_at=None, at=AT))

    bench.race(6, reserve)
    expect((bench.level("i1"), bench.level("i2")), ((100, 18, 82), (100, 18, 82)))


@RESERVING
def live_reservations_sum_to_reserved(bench: Bench) -> None:
    """After any sequence of verbs, what remains of live reservations sums to what is reserved."""
    chance = random.Random(bench.prefix)  # noqa: S311 - variety, no secret
    bench.stock(i=40)
    names = [f"r{number}" for number in range(60)]
    for name in names:
        wanted = bench.request(name, "i", chance.randint(1, 4))
        bench.reserve(wanted, expires_at=chance.choice([None, AT]))
        other = chance.choice(names)
        remaining = bench.look(lambda unit: unit.stock.find_reservations([bench.id(other)]))
        live = next(iter(remaining.values()), None)
        if live is not None and live.remaining and chance.random() < 0.4:  # noqa: PLR2004 - a good mix
            _consume(bench, other, chance.randint(1, live.remaining))
        elif chance.random() < 0.5:  # noqa: PLR2004 - a good mix
            _release(bench, other)
        if name == "r30":
            _expire(bench, AT)
        found = bench.look(lambda unit: unit.stock.find_reservations([bench.id(one) for one in names]))
        on_hand, reserved, available = bench.level("i")
        expect(reserved, sum(reservation.remaining for reservation in found.values()))
        expect(available, on_hand - reserved)


def _give_back(bench: Bench, name: object, quantity: int) -> None:
    bench.do(lambda unit: unit.stock.give_back({bench.id(name): quantity}, at=AT))


@RESERVING
def pieces_given_back_are_available(bench: Bench) -> None:
    """Pieces given back are available again, on hand stays, and the last ones release the reservation."""
    bench.stock(i=5)
    bench.reserve(bench.request("r", "i", 3))
    _give_back(bench, "r", 1)
    expect(bench.level("i"), (5, 2, 3))
    expect((_state(bench, "r").state, _state(bench, "r").remaining), (ReservationState.LIVE, 2))
    _give_back(bench, "r", 2)
    expect(bench.level("i"), (5, 0, 5))
    expect((_state(bench, "r").state, _state(bench, "r").given_back), (ReservationState.RELEASED, 3))


@RESERVING
def a_part_leaves_and_a_part_is_given_back(bench: Bench) -> None:
    """Of one reservation some pieces may leave and the others be given back, in any order."""
    bench.stock(i=5)
    bench.reserve(bench.request("r", "i", 4))
    _give_back(bench, "r", 1)
    _consume(bench, "r", 2)
    expect(bench.level("i"), (3, 1, 2))
    _give_back(bench, "r", 1)
    found = _state(bench, "r")
    expect((found.consumed, found.given_back, found.remaining), (2, 2, 0))
    expect(bench.level("i"), (3, 0, 3))


@RESERVING
def no_more_is_given_back_than_reserved(bench: Bench) -> None:
    """Giving back more than remains is refused, and nothing is written."""
    bench.stock(i=5)
    bench.reserve(bench.request("r", "i", 3))
    _consume(bench, "r", 1)
    with bench.refusal(ReservationTooSmall) as caught:
        _give_back(bench, "r", 3)
    expect([error.remaining for error in caught.errors if isinstance(error, ReservationTooSmall)], [2])
    expect(bench.level("i"), (4, 2, 2))


@RESERVING
def what_ended_is_not_given_back(bench: Bench) -> None:
    """Giving back pieces of a reservation that ended, or that was never made, is refused."""
    bench.stock(i=5)
    bench.reserve(bench.request("r", "i", 1))
    _release(bench, "r")
    for name in ("r", "none"):
        with bench.refusal(ReservationEnded):
            _give_back(bench, name, 1)
    expect(bench.level("i"), (5, 0, 5))


@RESERVING
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
