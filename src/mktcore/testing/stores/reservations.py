"""Clauses about reservations: made all or none, from one place or several (invariant I10)."""

import random
from collections.abc import Mapping

from mktcore.offers.choose_stock_places import choose_sources
from mktcore.persistence import UniqueViolation
from mktcore.stock import Reservation, ReservationRequest, Shortage, StockCount
from mktcore.stock.quantity import InvalidQuantity
from mktcore.testing.clauses import expect
from mktcore.testing.stores.samples import AT
from mktcore.testing.stores.store_bench import Bench, CheckedUnit, StoreArea

__all__ = ["RESERVING"]

RESERVING = StoreArea("reservation")


@RESERVING
def reserving_lowers_what_is_available(bench: Bench) -> None:
    """Reserving raises reserved and lowers what is available; on hand stays."""
    bench.stock(i=5)
    expect(bench.reserve(bench.request("r", "i", 2)), ())
    expect(bench.level("i"), (5, 2, 3))
    expect(bench.reservation("r"), Reservation(bench.id("r"), bench.id("i"), bench.acme.id, quantity=2))


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
    bench.count(StockCount(bench.id("i"), bench.acme.id, 1, backorder=2))
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
    bench.release("r1")
    for names in (("r1",), ("r2", "r2"), ("r3", "r1")):
        with bench.store.begin(bench.operator) as unit:
            with bench.refusal(UniqueViolation):
                unit.stock.reserve([bench.request(name, "i", 1) for name in names], expires_at=None, at=AT)
            unit.commit()
        expect(bench.level("i"), (9, 0, 9), str(names))


@RESERVING
def quantities_are_whole_and_positive(bench: Bench) -> None:
    """Quantities of zero, below, or that are no ints are refused."""
    bench.stock(i=5)
    bench.reserve(bench.request("r", "i", 3))
    for quantity in (0, -1, True, 1.0, 10**13):
        with bench.refusal(InvalidQuantity):
            bench.consume("r", quantity)  # type: ignore[arg-type]  # on purpose
        with bench.refusal(InvalidQuantity):
            ReservationRequest(bench.id("r2"), bench.id("i"), quantity)  # type: ignore[arg-type]  # on purpose
    expect(bench.level("i"), (5, 3, 2))


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
            bench.consume(other, chance.randint(1, live.remaining))
        elif chance.random() < 0.5:  # noqa: PLR2004 - a good mix
            bench.release(other)
        if name == "r30":
            bench.expire(AT)
        found = bench.look(lambda unit: unit.stock.find_reservations([bench.id(one) for one in names]))
        on_hand, reserved, available = bench.level("i")
        expect(reserved, sum(reservation.remaining for reservation in found.values()))
        expect(available, on_hand - reserved)


@RESERVING
def the_allowance_can_be_left_alone(bench: Bench) -> None:
    """A request that may not use the back-order allowance gets what is on hand, and no more."""
    bench.count(StockCount(bench.id("i"), bench.acme.id, 2, backorder=5))
    bench.reserve(bench.request("r1", "i", 1))
    expect(bench.reserve(_on_hand(bench, "r2", item="i", quantity=2)), (Shortage(bench.id("i"), 2, 1),))
    expect(bench.reserve(_on_hand(bench, "r2", item="i", quantity=1)), ())
    expect(bench.reserve(_on_hand(bench, "r3", item="i", quantity=1)), (Shortage(bench.id("i"), 1, 0),))
    expect(bench.reserve(bench.request("r3", "i", 5)), ())


@RESERVING
def one_request_leaves_the_allowance_alone_for_all_of_its_item(bench: Bench) -> None:
    """Where one request of a call may not use the allowance, no other of the call uses it for the same item."""
    counts = [StockCount(bench.id(item), bench.acme.id, 2, backorder=5) for item in ("i1", "i2")]
    bench.count(*counts)
    wanted = [_on_hand(bench, "r1", item="i1", quantity=1), bench.request("r2", "i1", 2), bench.request("r3", "i2", 7)]
    expect(bench.reserve(*wanted), (Shortage(bench.id("i1"), 3, 2),))
    expect(bench.reserve(wanted[0], wanted[2]), ())


def _on_hand(bench: Bench, name: str, item: str, *, quantity: int) -> ReservationRequest:
    return ReservationRequest(bench.id(name), bench.id(item), quantity, on_hand_only=True)


def _read_free(bench: Bench, items: list[str]) -> Mapping[str, int]:
    levels = bench.look(lambda unit: unit.stock.find_levels(items))
    return {item: levels[item].available for item in items}


@RESERVING
def locations_of_an_offer_are_reserved_together(bench: Bench) -> None:
    """Pieces of one offer at several locations are reserved together, each counted at its own, or none of them is."""
    places = ["o@berlin", "o@porto", "o"]
    bench.count(*[StockCount(bench.id(item), bench.acme.id, 3) for item in places])
    expect(bench.reserve(bench.request("r1", "o@berlin", 3), bench.request("r2", "o@porto", 2)), ())
    short = bench.reserve(bench.request("r3", "o@porto", 2), bench.request("r4", "o", 1))
    expect(short, (Shortage(bench.id("o@porto"), 2, 1),))
    expect([bench.level(item) for item in places], [(3, 3, 0), (3, 2, 1), (3, 0, 3)])
    bench.do(lambda unit: unit.stock.consume({bench.id("r1"): 2, bench.id("r2"): 1}, at=AT))
    expect([bench.level(item) for item in places], [(1, 1, 0), (2, 1, 1), (3, 0, 3)])
    expect(bench.release("r1", "r2"), (bench.id("r1"), bench.id("r2")))
    expect([bench.level(item) for item in places], [(1, 0, 1), (2, 0, 2), (3, 0, 3)])


@RESERVING
def threads_empty_every_location_once(bench: Bench) -> None:
    """Threads that take pairs from wherever they are take each piece of every location once, and leave none."""
    pieces = {bench.id("o@berlin"): 5, bench.id("o@porto"): 7, bench.id("o@vigo"): 8}
    bench.count(*[StockCount(item, bench.acme.id, on_hand) for item, on_hand in pieces.items()])

    def take(number: int) -> int:
        taken = turn = 0
        while sources := choose_sources(_read_free(bench, list(pieces)), 2):
            turn += 1
            requests = [
                ReservationRequest(bench.id(f"r{number}-{turn}-{place}"), source.item, source.quantity)
                for place, source in enumerate(sources)
            ]
            short = bench.retry(lambda unit: unit.stock.reserve(requests, expires_at=None, at=AT))
            taken += 0 if short else 2
        return taken

    expect(sum(bench.race(6, take)), 20)
    levels = bench.look(lambda unit: unit.stock.find_levels(pieces))
    expect(
        {item: (level.on_hand, level.reserved) for item, level in levels.items()},
        {i: (n, n) for i, n in pieces.items()},
    )
