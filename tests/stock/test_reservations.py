"""Stock items, reservations and shortages as values: what can be reserved, how a reservation ends, what is told."""

from datetime import UTC, datetime

import pytest

from mktcore.stock import (
    GoodsReturn,
    Reservation,
    ReservationRequest,
    ReturnCondition,
    Shortage,
    StockCount,
    StockLevel,
)
from mktcore.stock.events import ReservationExpired, ShortageRecorded
from mktcore.stock.goods_return import PiecesNotAway
from mktcore.stock.quantity import InvalidQuantity
from mktcore.stock.reservation import ReservationEnded, ReservationState, ReservationTooSmall
from mktcore.stock.shortage import find_shortages

NOON = datetime(2026, 7, 1, 12, tzinfo=UTC)


def test_a_back_order_allowance_is_promised_beyond_what_is_on_hand() -> None:
    level = StockLevel("camera", "acme", 5, reserved=4, backorder=3)
    assert (level.available, level.on_hand_free, level.short) == (4, 1, 0)


def test_a_count_below_what_is_reserved_is_a_shortage_and_nothing_more_is_promised() -> None:
    level = StockLevel("camera", "acme", 9, reserved=6).count(StockCount("camera", "acme", 2, backorder=1))
    assert (level.reserved, level.available, level.short) == (6, 0, 3)
    told = ShortageRecorded.of(level, NOON)
    assert (told.subject, told.merchant, told.on_hand, told.reserved, told.backorder) == ("camera", "acme", 2, 6, 1)


def test_back_ordered_pieces_leave_without_having_been_counted_in() -> None:
    assert StockLevel("camera", "acme", 1, reserved=3, backorder=2).consume(3) == StockLevel(
        "camera", "acme", 0, reserved=0, backorder=2
    )


def test_the_last_pieces_end_a_reservation_whichever_way_they_go() -> None:
    held = Reservation("r1", "camera", "acme", quantity=5)
    assert held.consume(2).give_back(3).state is ReservationState.RELEASED
    assert held.give_back(3).consume(2).state is ReservationState.CONSUMED
    assert held.give_back(3).consume(1).remaining == 1


def test_a_reservation_gives_no_more_than_it_holds_and_nothing_once_it_ended() -> None:
    held = Reservation("r1", "camera", "acme", quantity=2)
    with pytest.raises(ReservationTooSmall) as small:
        held.consume(3)
    assert (small.value.remaining, small.value.quantity) == (2, 3)
    with pytest.raises(ReservationEnded, match="r1"):
        held.consume(2).give_back(1)


def test_an_expired_reservation_tells_of_what_it_still_held() -> None:
    held = Reservation("r1", "camera", "acme", quantity=5, consumed=1, given_back=1, state=ReservationState.EXPIRED)
    told = ReservationExpired.of(held, NOON)
    assert (held.remaining, told.quantity, told.reservation, told.subject, told.merchant) == (
        0,
        3,
        "r1",
        "camera",
        "acme",
    )


def test_one_request_that_takes_no_back_order_forbids_it_to_all_for_its_item() -> None:
    levels = {"camera": StockLevel("camera", "acme", 2, backorder=5), "bag": StockLevel("bag", "acme", 2, backorder=5)}
    asked = [
        ReservationRequest("r1", "camera", 2, on_hand_only=True),
        ReservationRequest("r2", "camera", 1),
        ReservationRequest("r3", "bag", 3),
    ]
    assert find_shortages(levels, asked) == (Shortage("camera", requested=3, available=2),)


def test_what_is_taken_back_is_as_if_it_had_not_left() -> None:
    held = Reservation("r1", "camera", "acme", quantity=5)
    assert held.consume(5).recall(5) == held
    assert held.give_back(1).consume(2).recall(2) == held.give_back(1)
    camera = StockLevel("camera", "acme", 5, reserved=5)
    assert camera.consume(3).recall(3) == camera


def test_what_was_released_is_not_taken_back_with_the_rest() -> None:
    released = Reservation("r1", "camera", "acme", quantity=5, consumed=2, state=ReservationState.RELEASED)
    taken = released.recall(1)
    assert (taken.remaining, taken.away, taken.given_back) == (1, 1, 3)


def test_a_piece_that_left_comes_back_once_whichever_way() -> None:
    gone = Reservation("r1", "camera", "acme", quantity=3).consume(3)
    assert (gone.restock(2).away, gone.restock(2).state) == (1, ReservationState.CONSUMED)
    for take in (gone.restock(2).restock, gone.restock(2).recall):
        with pytest.raises(PiecesNotAway, match="of reservation 'r1' 1 pieces are away, not 2"):
            take(2)


def test_a_return_is_of_at_least_a_piece_and_sellable_unless_told() -> None:
    assert GoodsReturn("r1", 1).condition is ReturnCondition.SELLABLE
    with pytest.raises(InvalidQuantity):
        GoodsReturn("r1", 0)


@pytest.mark.parametrize("quantity", [-1, 1.0, True, "3", 10**12 + 1])
def test_what_is_no_number_of_pieces_is_refused_with_the_bounds(quantity: object) -> None:
    with pytest.raises(InvalidQuantity, match="not a whole number from 0 to 1000000000000"):
        StockCount("camera", "acme", quantity)  # type: ignore[arg-type]  # what a feed may give
