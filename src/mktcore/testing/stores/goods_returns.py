"""Clauses about goods that come back: into their reservation, on hand for anybody, or never (invariant I10)."""

from typing import Any

from mktcore.stock import GoodsReturn, ReturnCondition, StockCount
from mktcore.stock.events import GoodsReturned
from mktcore.stock.goods_return import PiecesNotAway
from mktcore.stock.reservation import ReservationState
from mktcore.testing.clauses import expect
from mktcore.testing.stores.samples import AT
from mktcore.testing.stores.store_bench import Bench, CheckedUnit, StoreArea

__all__ = ["RETURNING"]

RETURNING = StoreArea("return")
_SELLABLE, _DAMAGED, _NONE = ReturnCondition.SELLABLE, ReturnCondition.DAMAGED, ReturnCondition.NONE


def _let_leave(bench: Bench, name: str = "r", pieces: int = 3) -> None:
    """Reserve pieces of five on hand, and let them leave."""
    bench.stock(i=5)
    bench.reserve(bench.request(name, "i", pieces))
    bench.consume(name, pieces)


def _returned(bench: Bench, quantity: int, condition: ReturnCondition = _SELLABLE) -> GoodsReturn:
    return GoodsReturn(bench.id("r"), quantity, condition)


def _events(bench: Bench) -> list[Any]:
    return [one.event for one in bench.look(lambda unit: unit.find_events("stock_item", bench.id("i")))]


@RETURNING
def pieces_taken_back_are_reserved_again(bench: Bench) -> None:
    """Pieces that are taken back are on hand and reserved as before they left, and can leave again."""
    _let_leave(bench)
    bench.recall(r=2)
    expect(bench.level("i"), (4, 2, 2))
    found = bench.reservation("r")
    expect((found.state, found.remaining, found.consumed), (ReservationState.LIVE, 2, 1))
    bench.consume("r", 2)
    expect(bench.level("i"), (2, 0, 2))
    expect((bench.reservation("r").state, bench.reservation("r").away), (ReservationState.CONSUMED, 3))


@RETURNING
def only_what_left_is_taken_back(bench: Bench) -> None:
    """What was released or given back stays free when the rest, which had left, is taken back."""
    bench.stock(i=9)
    bench.reserve(bench.request("r1", "i", 5), bench.request("r2", "i", 4))
    bench.consume("r1", 2)
    bench.release("r1")
    bench.give_back("r2", 1)
    bench.consume("r2", 3)
    bench.recall(r1=1, r2=3)
    expect((bench.reservation("r1").remaining, bench.reservation("r2").remaining), (1, 3))
    expect(bench.level("i"), (8, 4, 4))
    bench.release("r1", "r2")
    expect(bench.level("i"), (8, 0, 8))


@RETURNING
def a_part_that_is_taken_back_joins_the_rest(bench: Bench) -> None:
    """Of a live reservation pieces that left are taken back beside those that it still holds."""
    bench.stock(i=5)
    bench.reserve(bench.request("r", "i", 4))
    bench.consume("r", 2)
    bench.give_back("r", 1)
    bench.recall(r=2)
    expect(bench.level("i"), (5, 3, 2))
    expect(bench.reservation("r").remaining, 3)


@RETURNING
def taking_back_promises_nothing_more(bench: Bench) -> None:
    """Taking back changes nothing that others can reserve, also when what is on hand is short."""
    _let_leave(bench)
    bench.count(StockCount(bench.id("i"), bench.acme.id, 0, backorder=1))
    bench.reserve(bench.request("other", "i", 1))
    bench.recall(r=3)
    expect(bench.level("i"), (3, 4, 0))


@RETURNING
def what_is_sellable_is_on_hand_again(bench: Bench) -> None:
    """What comes back sellable is on hand for anybody; what is damaged, or never comes back, is not."""
    _let_leave(bench)
    bench.restock(_returned(bench, 1))
    expect(bench.level("i"), (3, 0, 3))
    bench.restock(_returned(bench, 1, _DAMAGED), _returned(bench, 1, _NONE))
    expect(bench.level("i"), (3, 0, 3))
    found = bench.reservation("r")
    expect((found.state, found.consumed, found.returned, found.away), (ReservationState.CONSUMED, 3, 3, 0))
    expect(bench.reserve(bench.request("next", "i", 3)), ())


@RETURNING
def a_return_is_told(bench: Bench) -> None:
    """Each return is told by one event, with its condition."""
    _let_leave(bench)
    bench.restock(_returned(bench, 2, _DAMAGED), _returned(bench, 1))
    told = [
        GoodsReturned(
            subject=bench.id("i"),
            at=AT,
            merchant=bench.acme.id,
            reservation=bench.id("r"),
            quantity=quantity,
            condition=condition,
        )
        for quantity, condition in ((2, _DAMAGED), (1, _SELLABLE))
    ]
    expect(_events(bench), told)


@RETURNING
def a_piece_comes_back_once(bench: Bench) -> None:
    """More pieces than left come back in no way, and what is refused writes nothing."""
    _let_leave(bench)
    bench.restock(_returned(bench, 1, _NONE))
    with bench.store.begin(bench.operator) as unit:
        for returns in ([_returned(bench, 3)], [_returned(bench, 1), _returned(bench, 2, _DAMAGED)]):
            with bench.refusal(PiecesNotAway):
                unit.stock.restock(returns, at=AT)
        unit.commit()  # the unit goes on, and must not keep a part
    with bench.refusal(PiecesNotAway):
        bench.recall(r=3)
    expect(bench.level("i"), (2, 0, 2))
    expect((bench.reservation("r").away, len(_events(bench))), (2, 1))


@RETURNING
def what_never_left_does_not_come_back(bench: Bench) -> None:
    """Of a reservation that is unknown, that another merchant holds, or that nothing left, nothing comes back."""
    bench.stock(i=5)
    bench.reserve(bench.request("r", "i", 2))
    for name in ("r", "none"):
        with bench.refusal(PiecesNotAway):
            bench.recall(**{name: 1})
        with bench.refusal(PiecesNotAway):
            bench.restock(GoodsReturn(bench.id(name), 1))
    bench.consume("r", 2)
    for work in (
        lambda unit: unit.stock.recall({bench.id("r"): 1}, at=AT),
        lambda unit: unit.stock.restock([_returned(bench, 1)], at=AT),
    ):
        with bench.refusal(PiecesNotAway) as caught:
            bench.do(work, bench.bolt)
        expect([error.away for error in caught.errors if isinstance(error, PiecesNotAway)], [0])
    expect(bench.level("i"), (3, 0, 3))


@RETURNING
def returns_of_several_reservations_are_one(bench: Bench) -> None:
    """Pieces of several reservations come back in one call, or, when one is refused, none does."""
    bench.stock(i1=5, i2=5)
    bench.reserve(bench.request("r1", "i1", 2), bench.request("r2", "i2", 2), bench.request("r3", "i2", 1))
    for name, pieces in (("r1", 2), ("r2", 2), ("r3", 1)):
        bench.consume(name, pieces)
    with bench.refusal(PiecesNotAway):
        bench.recall(r1=1, r2=3)
    with bench.refusal(PiecesNotAway):
        bench.restock(GoodsReturn(bench.id("r1"), 1), GoodsReturn(bench.id("r3"), 2))
    expect((bench.level("i1"), bench.level("i2")), ((3, 0, 3), (2, 0, 2)))
    bench.recall(r1=1, r2=1, r3=1)
    expect((bench.level("i1"), bench.level("i2")), ((4, 1, 3), (4, 2, 2)))
    bench.restock(GoodsReturn(bench.id("r1"), 1), GoodsReturn(bench.id("r2"), 1))
    expect((bench.level("i1"), bench.level("i2")), ((5, 1, 4), (5, 2, 3)))


@RETURNING
def threads_bring_a_piece_back_once(bench: Bench) -> None:
    """Of threads that take back or restock the same last piece, one does."""
    bench.stock(i=5)
    bench.reserve(bench.request("r", "i", 1))
    bench.consume("r", 1)

    def bring(number: int) -> bool:
        try:
            if number % 2:
                bench.retry(lambda unit: unit.stock.recall({bench.id("r"): 1}, at=AT))
            else:
                bench.retry(lambda unit: unit.stock.restock([_returned(bench, 1)], at=AT))
        except PiecesNotAway:
            return False
        return True

    expect(bench.race(6, bring).count(True), 1)
    expect(bench.level("i") in {(5, 1, 4), (5, 0, 5)}, True)


@RETURNING
def several_verbs_lock_in_one_order(bench: Bench) -> None:
    """Units that first lock all that they move never lose against each other, in whichever order their verbs follow."""
    bench.stock(i1=90, i2=90)
    numbers = range(6)
    bench.reserve(*[bench.request(f"r{item}-{number}", f"i{item}", 2) for item in (1, 2) for number in numbers])

    def move(number: int) -> None:
        first, second = [bench.id(f"r{item}-{number}") for item in ((1, 2) if number % 2 else (2, 1))]

        def work(unit: CheckedUnit) -> None:
            unit.stock.lock([first, second, bench.id("none")])
            unit.stock.consume({first: 1}, at=AT)
            unit.stock.give_back({second: 1}, at=AT)

        bench.do(work)

    bench.race(len(numbers), move)
    expect((bench.level("i1"), bench.level("i2")), ((87, 6, 81), (87, 6, 81)))
