"""Clauses about stock items: what is counted, and what falls short (invariant I10)."""

from datetime import timedelta
from typing import Any

from mktcore.persistence import NotFound
from mktcore.stock import Shortage, StockChange, StockCount, StockLevel
from mktcore.stock.events import ShortageRecorded
from mktcore.stock.level import StockTooLow
from mktcore.testing.clauses import expect
from mktcore.testing.stores.samples import AT
from mktcore.testing.stores.store_bench import Bench, StoreArea

__all__ = ["COUNTING"]

COUNTING = StoreArea("stock")
_MINUTE = timedelta(minutes=1)


def _events(bench: Bench, item: str) -> list[Any]:
    return [one.event for one in bench.look(lambda unit: unit.find_events("stock_item", bench.id(item)))]


@COUNTING
def a_count_creates_an_item(bench: Bench) -> None:
    """Counting an item that is new creates it, with nothing reserved."""
    bench.count(StockCount(bench.id("i"), bench.acme.id, 5, backorder=2))
    found = bench.look(lambda unit: unit.stock.find_levels([bench.id("i"), bench.id("none")]))
    expect(found, {bench.id("i"): StockLevel(bench.id("i"), bench.acme.id, 5, reserved=0, backorder=2)})
    expect(found[bench.id("i")].available, 7)


@COUNTING
def a_count_keeps_what_is_reserved(bench: Bench) -> None:
    """Counting again replaces on hand and allowance, and keeps what is reserved."""
    bench.stock(i=5)
    bench.reserve(bench.request("r", "i", 3))
    bench.count(StockCount(bench.id("i"), bench.acme.id, 9, backorder=1))
    found = bench.look(lambda unit: unit.stock.find_levels([bench.id("i")]))[bench.id("i")]
    expect(found, StockLevel(bench.id("i"), bench.acme.id, 9, reserved=3, backorder=1))


@COUNTING
def the_last_count_of_a_call_is_kept(bench: Bench) -> None:
    """Of several counts of an item in one call, the last is kept."""
    bench.count(*[StockCount(bench.id("i"), bench.acme.id, pieces) for pieces in (5, 1, 3)])
    expect(bench.level("i"), (3, 0, 3))


@COUNTING
def thousands_are_counted_at_once(bench: Bench) -> None:
    """Thousands of counts fit into one call."""
    bench.count(*[StockCount(bench.id(f"i{number}"), bench.acme.id, number) for number in range(2_500)])
    found = bench.look(lambda unit: unit.stock.find_levels([bench.id(f"i{number}") for number in range(2_500)]))
    expect(sum(level.on_hand for level in found.values()), sum(range(2_500)))


@COUNTING
def a_shortage_is_recorded_and_told(bench: Bench) -> None:
    """A count below what is reserved is kept as it is, and told by one event."""
    bench.stock(i=5)
    bench.reserve(bench.request("r", "i", 4))
    bench.count(StockCount(bench.id("i"), bench.acme.id, 1))
    expect(bench.level("i"), (1, 4, 0))
    short = ShortageRecorded(subject=bench.id("i"), at=AT, merchant=bench.acme.id, on_hand=1, reserved=4, backorder=0)
    expect(_events(bench, "i"), [short])


@COUNTING
def enough_is_not_told(bench: Bench) -> None:
    """A count that covers what is reserved, by the allowance too, is no shortage."""
    bench.stock(i=5)
    bench.reserve(bench.request("r", "i", 4))
    bench.count(StockCount(bench.id("i"), bench.acme.id, 1, backorder=3))
    expect(_events(bench, "i"), [])


@COUNTING
def nothing_is_reserved_while_short(bench: Bench) -> None:
    """While an item is short nothing more is reserved, and again when it has enough."""
    bench.stock(i=5)
    bench.reserve(bench.request("r1", "i", 4))
    bench.stock(i=2)
    expect(bench.reserve(bench.request("r2", "i", 1)), (Shortage(bench.id("i"), 1, 0),))
    bench.stock(i=5)
    expect(bench.reserve(bench.request("r3", "i", 1)), ())


@COUNTING
def a_failed_count_writes_nothing(bench: Bench) -> None:
    """When one item of a call belongs to another merchant, none is counted, and the unit stays usable."""
    bench.count(StockCount(bench.id("i2"), bench.bolt.id, 5))
    with bench.store.begin(bench.operator) as unit:
        with bench.refusal(NotFound):
            unit.stock.set_on_hand([StockCount(bench.id(name), bench.acme.id, 1) for name in ("i1", "i2")], at=AT)
        unit.stock.set_on_hand([StockCount(bench.id("i3"), bench.acme.id, 1)], at=AT)
        unit.commit()
    found = bench.look(lambda unit: unit.stock.find_levels([bench.id(name) for name in ("i1", "i2", "i3")]))
    expect({level.item: level.on_hand for level in found.values()}, {bench.id("i2"): 5, bench.id("i3"): 1})


@COUNTING
def changes_add_up(bench: Bench) -> None:
    """Pieces that come in and go out add to what is on hand; an item that is new had none; the rest stays."""
    bench.count(StockCount(bench.id("i"), bench.acme.id, 5, backorder=2))
    bench.reserve(bench.request("r", "i", 3))
    changes = [StockChange(bench.id(name), bench.acme.id, more) for name, more in (("i", 4), ("n", 2), ("i", -1))]
    left = bench.do(lambda unit: unit.stock.change_on_hand(changes, at=AT))
    wanted = StockLevel(bench.id("i"), bench.acme.id, 8, reserved=3, backorder=2)
    expect(left, {bench.id("i"): wanted, bench.id("n"): StockLevel(bench.id("n"), bench.acme.id, 2)})
    expect(bench.look(lambda unit: unit.stock.find_levels(left)), left)


@COUNTING
def a_change_below_nothing_writes_nothing(bench: Bench) -> None:
    """When more would go out of one item than are on hand, or it is another's, no item of the call changes."""
    bench.stock(i=5, j=1)
    bench.count(StockCount(bench.id("theirs"), bench.bolt.id, 5))
    with bench.store.begin(bench.operator) as unit:
        for name, more, refusal in (("j", -2, StockTooLow), ("new", -1, StockTooLow), ("theirs", 1, NotFound)):
            with bench.refusal(refusal):
                asked = [StockChange(bench.id(one), bench.acme.id, by) for one, by in (("i", 1), (name, more))]
                unit.stock.change_on_hand(asked, at=AT)
        unit.commit()
    expect([bench.level(name)[0] for name in ("i", "j", "theirs")], [5, 1, 5])


@COUNTING
def a_change_below_what_is_reserved_is_told(bench: Bench) -> None:
    """Pieces may go out that are reserved, as in a count; a shortage is told by one event."""
    bench.stock(i=5)
    bench.reserve(bench.request("r", "i", 4))
    asked = [StockChange(bench.id("i"), bench.acme.id, -2)]
    bench.do(lambda unit: unit.stock.change_on_hand(asked, at=AT))
    expect(bench.level("i"), (3, 4, 0))
    expect([event.on_hand for event in _events(bench, "i")], [3])


@COUNTING
def threads_add_exactly(bench: Bench) -> None:
    """Six threads add five pieces twice each, to an item that is there and one that is not: none of them is lost."""
    bench.stock(i=1)
    asked = [StockChange(bench.id(name), bench.acme.id, 5) for name in ("i", "new")]

    def add(number: int) -> None:
        del number
        for _ in range(2):
            bench.retry(lambda unit: unit.stock.change_on_hand(asked, at=AT))

    bench.race(6, add)
    expect([bench.level(name)[0] for name in ("i", "new")], [61, 60])
