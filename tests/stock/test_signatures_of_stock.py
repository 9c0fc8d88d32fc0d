"""What stock tells of goods that came back, which numbers are given by name, and under which tags it is kept."""

from datetime import UTC, datetime
from typing import Any

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
from mktcore.stock.events import GoodsReturned, ReservationExpired, ShortageRecorded
from mktcore.stock.stored import STORED
from mktcore.wire import Codec

NOON = datetime(2026, 7, 1, 12, tzinfo=UTC)


def test_goods_that_came_back_are_told_of_their_item_to_their_merchant() -> None:
    left = Reservation("r1", "camera", "acme", quantity=5, consumed=3)
    told = GoodsReturned.of(left, GoodsReturn("r1", 2, ReturnCondition.DAMAGED), NOON)
    assert (told.subject_kind, told.subject, told.at, told.merchant) == ("stock_item", "camera", NOON, "acme")
    assert (told.reservation, told.quantity, told.condition) == ("r1", 2, ReturnCondition.DAMAGED)


def test_without_more_said_nothing_is_promised_beyond_what_is_on_hand() -> None:
    assert StockCount("camera", "acme", 5).backorder == 0
    assert (StockLevel("camera", "acme", 5).available, StockLevel("camera", "acme", 5).short) == (5, 0)
    fresh = Reservation("r1", "camera", "acme", quantity=5)
    assert (fresh.remaining, fresh.away, fresh.expires_at, fresh.state.value) == (5, 0, None, "live")
    assert not ReservationRequest("r1", "camera", 1).on_hand_only


@pytest.mark.parametrize(
    ("noun", "given"),
    [
        (StockCount, ("camera", "acme", 5, 1)),
        (StockLevel, ("camera", "acme", 5, 1)),
        (ReservationRequest, ("r1", "camera", 5, True)),
        (Reservation, ("r1", "camera", "acme", 5)),
        (ShortageRecorded, ("camera", NOON)),
        (ReservationExpired, ("camera", NOON)),
        (GoodsReturned, ("camera", NOON)),
    ],
)
def test_numbers_that_could_be_mistaken_for_each_other_are_given_by_name(noun: Any, given: tuple[object, ...]) -> None:
    with pytest.raises(TypeError, match="positional argument"):
        noun(*given)


def test_of_a_reservation_nothing_beyond_its_goods_goes_by_position() -> None:
    with pytest.raises(TypeError, match="positional argument"):
        Reservation("r1", "camera", "acme", 1, quantity=5)  # type: ignore[misc]  # one too many


@pytest.mark.parametrize(
    ("value", "tag"),
    [
        (StockCount("camera", "acme", 5), "offers.stock-count.v1"),
        (StockLevel("camera", "acme", 5), "offers.stock-level.v1"),
        (Reservation("r1", "camera", "acme", quantity=5), "offers.reservation.v1"),
        (Shortage("camera", 5, 3), "offers.shortage.v1"),
    ],
)
def test_what_is_written_once_is_read_under_the_same_tag(value: object, tag: str) -> None:
    """Hosts keep such documents in queues and logs, where no migration reaches them."""
    document = Codec().to_json(value)
    assert document.startswith(f'{{"$type":"{tag}",'.encode())
    assert Codec().from_json(document) == value


def test_under_which_tags_and_versions_stock_is_kept_and_told() -> None:
    assert {(one.tag, one.version) for one in STORED} == {
        ("offers.stock-count", 1),
        ("offers.stock-level", 1),
        ("offers.reservation", 1),
        ("offers.shortage", 1),
        ("offers.shortage-recorded", 1),
        ("offers.reservation-expired", 1),
        ("stock.goods-returned", 1),
        ("stock.changed-stock", 1),
        ("stock.counted", 1),
    }
