"""Pieces, counted by hand: what each step leaves of a level, of a reservation, and of what was asked for."""

from datetime import UTC, datetime
from typing import Any

import pytest

from mktcore.stock import Reservation, ReservationRequest, Shortage, StockChange, StockCount, StockLevel
from mktcore.stock.events import ReservationExpired, StockCounted
from mktcore.stock.goods_return import PiecesNotAway
from mktcore.stock.level import StockTooLow
from mktcore.stock.quantity import InvalidQuantity
from mktcore.stock.reservation import ReservationEnded, ReservationState, ReservationTooSmall, to_expiry
from mktcore.stock.shortage import find_shortages, sum_requests, sum_stock_changes

MOST = 10**12
NOON = datetime(2026, 7, 1, 12, tzinfo=UTC)


def level(on_hand: int, reserved: int = 0, backorder: int = 0) -> StockLevel:
    return StockLevel("camera", "acme", on_hand, reserved=reserved, backorder=backorder)


def reservation(quantity: int = 10, **fields: Any) -> Reservation:
    return Reservation("r1", "camera", "acme", quantity=quantity, **fields)


def ask(item: str, quantity: int, **fields: Any) -> ReservationRequest:
    return ReservationRequest(f"r-{item}-{quantity}", item, quantity, **fields)


@pytest.mark.parametrize(
    ("before", "after", "figures"),
    [
        (level(7, 4, 2), level(7, 4, 2), (5, 3, 0)),
        (level(7, 4, 2).change(5), level(12, 4, 2), (10, 8, 0)),
        (level(7, 4, 2).change(-3), level(4, 4, 2), (2, 0, 0)),
        (level(7, 4, 2).change(-7), level(0, 4, 2), (0, 0, 2)),
        (level(7, 4, 2).release(3), level(7, 1, 2), (8, 6, 0)),
        (level(7, 4, 2).consume(3), level(4, 1, 2), (5, 3, 0)),
        (level(2, 4, 2).consume(3), level(0, 1, 2), (1, 0, 0)),
        (level(7, 4, 2).recall(5), level(12, 9, 2), (5, 3, 0)),
        (level(7, 4, 2).restock(5), level(12, 4, 2), (10, 8, 0)),
        (level(7, 4, 2).count(StockCount("camera", "acme", 1, backorder=1)), level(1, 4, 1), (0, 0, 2)),
    ],
)
def test_what_each_step_leaves_of_a_level(before: StockLevel, after: StockLevel, figures: tuple[int, int, int]) -> None:
    assert before == after
    assert (before.available, before.on_hand_free, before.short) == figures


def test_no_more_goes_out_than_there_is_and_no_more_comes_in_than_every_store_can_hold() -> None:
    with pytest.raises(StockTooLow) as refused:
        level(7).change(-8)
    assert refused.value.describe() == "of stock item 'camera' 7 pieces are on hand, and 8 were to go out"
    assert level(7).change(MOST - 7).on_hand == MOST
    with pytest.raises(InvalidQuantity):
        level(7).change(MOST - 6)


def test_the_fewest_and_the_most_pieces() -> None:
    assert [StockChange("camera", "acme", pieces).pieces for pieces in (1, -1, MOST, -MOST)] == [1, -1, MOST, -MOST]
    for pieces in (0, MOST + 1, -MOST - 1, True, 1.0):
        wrong: Any = pieces
        with pytest.raises(InvalidQuantity, match="from -1000000000000 to 1000000000000"):
            StockChange("camera", "acme", wrong)
    assert [StockCount("camera", "acme", pieces).on_hand for pieces in (0, MOST)] == [0, MOST]
    for pieces in (-1, MOST + 1):
        with pytest.raises(InvalidQuantity, match="from 0 to 1000000000000"):
            StockCount("camera", "acme", pieces)
    assert [ask("camera", pieces).keep for pieces in (1, MOST)] == [0, 0]
    with pytest.raises(InvalidQuantity, match="from 1 to 1000000000000"):
        ask("camera", 0)


def test_what_each_step_leaves_of_a_reservation() -> None:
    held = reservation(consumed=5, given_back=3, returned=2)
    assert (held.remaining, held.away) == (2, 3)
    assert held.consume(1) == reservation(consumed=6, given_back=3, returned=2)
    assert held.consume(2) == reservation(consumed=7, given_back=3, returned=2, state=ReservationState.CONSUMED)
    assert held.give_back(1) == reservation(consumed=5, given_back=4, returned=2)
    assert held.give_back(2) == reservation(consumed=5, given_back=5, returned=2, state=ReservationState.RELEASED)
    assert held.restock(2) == reservation(consumed=5, given_back=3, returned=4)
    assert held.restock(3).away == 0
    assert held.recall(2) == reservation(consumed=3, given_back=3, returned=2)
    assert held.recall(3).remaining == 5
    # What an ended one held was given back uncounted.
    ended = reservation(consumed=5, given_back=3, state=ReservationState.EXPIRED)
    assert (ended.remaining, ended.recall(1)) == (0, reservation(consumed=4, given_back=5))
    assert reservation(1000).consume(1000).state is ReservationState.CONSUMED


def test_a_reservation_gives_no_more_than_it_has() -> None:
    held = reservation(consumed=5, given_back=3, returned=2)
    with pytest.raises(ReservationTooSmall):
        held.consume(3)
    with pytest.raises(ReservationTooSmall):
        held.give_back(3)
    for step in (held.recall, held.restock):
        with pytest.raises(PiecesNotAway):
            step(4)
        with pytest.raises(InvalidQuantity):
            step(0)
    with pytest.raises(ReservationEnded):
        reservation(state=ReservationState.RELEASED).consume(1)


def test_what_an_expired_reservation_held_is_told() -> None:
    told = ReservationExpired.of(
        reservation(quantity=11, consumed=5, given_back=3, state=ReservationState.EXPIRED), NOON
    )
    assert (told.subject, told.merchant, told.reservation, told.quantity) == ("camera", "acme", "r1", 3)
    counted = StockCounted.of(StockCount("camera", "acme", 5, backorder=2), NOON)
    assert (counted.subject, counted.at, counted.on_hand, counted.backorder) == ("camera", NOON, 5, 2)
    assert to_expiry(None) is None
    assert to_expiry(NOON) == NOON


def test_what_falls_short_of_all_that_is_asked() -> None:
    levels = {"camera": level(7, 1, 5)}
    assert find_shortages(levels, [ask("camera", 11)]) == ()
    assert find_shortages(levels, [ask("camera", 12)]) == (Shortage("camera", 12, 11),)
    assert find_shortages(levels, [ask("camera", 7, on_hand_only=True)]) == (Shortage("camera", 7, 6),)
    # The strictest of several bounds all of them.
    asked = [ask("camera", 2, keep=2), ask("camera", 8, keep=1), ask("tripod", 1)]
    assert find_shortages(levels, asked) == (Shortage("camera", 10, 9), Shortage("tripod", 1, 0))
    assert find_shortages({"camera": level(0, 3)}, [ask("camera", 1, keep=4)]) == (Shortage("camera", 1, 0),)
    assert find_shortages({"camera": level(1000)}, [ask("camera", 1000)]) == ()


def test_what_is_asked_and_what_changes_is_summed_by_item_in_the_order_of_locks() -> None:
    assert list(sum_requests([ask("tripod", 2), ask("camera", 1), ask("tripod", 5)]).items()) == [
        ("camera", 1),
        ("tripod", 7),
    ]
    changes = [StockChange(item, "acme", pieces) for item, pieces in (("tripod", 6), ("camera", -1), ("tripod", -2))]
    assert list(sum_stock_changes(changes).items()) == [("camera", -1), ("tripod", 4)]
