"""Whether stock items count what their reservations hold (invariant I10)."""

from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet

from mktcore.notice import Notice
from mktcore.offers import OFFERS, Offer
from mktcore.stock import Reservation, StockLevel
from mktcore.stock.reservation import ReservationState
from mktcore.store_inspection import Inspection, Kept

__all__ = ["check_levels"]


def check_levels(
    inspection: Inspection, told: AbstractSet[str], *, named: AbstractSet[str] | None = None
) -> Iterator[Notice]:
    """Yield a finding for each item that does not hold what it must, and each reservation that is of none.

    Args:
        inspection: What is looked at.
        told: The items whose shortage some event tells of, or may have told of.
        named: The live reservations that some order names, where that is known: others must expire some day.
    """
    merchants: dict[str, str] = {}
    for state in inspection.iterate_stock():
        level = state.level
        merchants[level.item] = level.merchant
        if state.held != level.reserved:
            message = f"{level.reserved} are reserved, live reservations hold {state.held}"
            yield Notice("I10", f"stock_item {level.item}", message)
        yield from _check_level(level, told)
    for kept in inspection.iterate_reservations():
        if kept.value is None:
            yield Notice("I10", f"reservation {kept.id}", f"it cannot be read: {kept.problem}")
        else:
            yield from _check_item(kept.id, kept.value, merchants)
            yield from _check_live(kept.value, named)
    if OFFERS.name in inspection.kinds:
        for offer in inspection.iterate_kind(OFFERS):
            yield from _check_offer(offer, merchants)


def _check_offer(kept: Kept[Offer], merchants: Mapping[str, str]) -> Iterator[Notice]:
    for item in () if kept.value is None else kept.value.stock_items:
        if kept.value is not None and merchants.get(item, kept.value.merchant) != kept.value.merchant:
            where = f"stock_item {item}"
            yield Notice("I18", where, f"it is {merchants[item]}'s, and offer {kept.id} {kept.value.merchant}'s")


def _check_item(id_: str, reservation: Reservation, merchants: Mapping[str, str]) -> Iterator[Notice]:
    where, item = f"reservation {id_}", reservation.item
    if reservation.id != id_:
        yield Notice("I10", where, f"it says that it is {reservation.id}")
    if item not in merchants:
        yield Notice("I10", where, f"there is no stock item {item}")
    elif merchants[item] != reservation.merchant:
        yield Notice("I18", where, f"it is {reservation.merchant}'s, and stock item {item} {merchants[item]}'s")


def _check_live(reservation: Reservation, named: AbstractSet[str] | None) -> Iterator[Notice]:
    where = f"reservation {reservation.id}"
    if reservation.state is not ReservationState.LIVE:
        return
    if not reservation.remaining:
        yield Notice("I10", where, "it is live, and holds nothing")
    if named is not None and reservation.expires_at is None and reservation.id not in named:
        yield Notice("I17", where, f"it holds {reservation.remaining} pieces for ever, and no order names it")


def _check_level(level: StockLevel, told: AbstractSet[str]) -> Iterator[Notice]:
    where = f"stock_item {level.item}"
    if min(level.on_hand, level.reserved, level.backorder) < 0:
        yield Notice("I10", where, f"a count is below zero: {level}")
    if level.short and level.item not in told:
        yield Notice("I10", where, f"{level.short} too many are reserved, and no shortage was recorded")
