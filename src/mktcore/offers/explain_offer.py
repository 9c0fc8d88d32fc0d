"""Whether an offer can be had, and every reason why not, apart from its price and the agreement. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

import attrs

from mktcore.explain import Explanation
from mktcore.offers.choose_stock_places import AvailableStock, list_safety
from mktcore.offers.merchant_closure import Closure
from mktcore.offers.offer import Offer
from mktcore.offers.offer_refusals import OfferDemand, find_refusals
from mktcore.offers.refresh.last_answer import Freshness
from mktcore.stock import StockLevel

__all__ = ["OfferState", "explain_offer"]


@attrs.frozen
class OfferState:
    """An offer with what lies over it.

    Attributes:
        offer: The offer.
        closures: Its merchant's, of any time.
        freshness: What is known of its merchant's answers; None where nobody asked.
        levels: Its stock items that exist, by id, and those of its parts.
        stocked: The offer and its parts, by id.
    """

    offer: Offer
    closures: Sequence[Closure] = attrs.field(kw_only=True)
    freshness: Freshness | None = attrs.field(kw_only=True)
    levels: Mapping[str, StockLevel] = attrs.field(kw_only=True)
    stocked: Mapping[str, Offer] = attrs.field(factory=dict, kw_only=True)


def explain_offer(state: OfferState, quantity: int | None, channel: str | None, *, now: datetime) -> Explanation:
    """Say whether an offer can be had now, and every reason why not.

    Args:
        state: The offer, and what lies over it.
        quantity: Pieces; None for the least the offer is sold in.
        channel: The sales channel.
        now: The present instant, UTC.
    """
    offer, freshness = state.offer, state.freshness
    unavailable = None if freshness is None else freshness.unavailable
    asked = OfferDemand(offer.minimum if quantity is None else quantity, channel)
    refusals = find_refusals(offer, asked, now=now, closures=state.closures, unavailable=unavailable)
    why = "" if unavailable is None else f": {unavailable.why}"
    parts = [
        Explanation(one.code, "", f"{one.message}{why if one.code == 'offer-unavailable' else ''}") for one in refusals
    ]
    parts += [] if offer.valid.contains(now) else [Explanation("offer-not-valid", "", "not valid now")]
    verdict = "cannot be had" if parts else "can be had"
    reason = "" if freshness is None or freshness.as_of is None else f"as of {freshness.as_of:%Y-%m-%d %H:%M} UTC"
    return Explanation(f"offer {offer.id}", verdict, reason, (*parts, *_explain_stock(state)))


def _explain_stock(state: OfferState) -> Iterator[Explanation]:
    offer, stock = state.offer, AvailableStock.of(state.levels.values(), state.stocked)
    if not offer.stock.counted:
        yield Explanation("stock", "always available", "its pieces are not counted")
        return
    if offer.stock.parts:
        made_of = ", ".join(f"{part.quantity} of {part.offer}" for part in offer.stock.parts)
        yield Explanation("kit", f"{stock.count(offer)} available", f"each made of {made_of}")
    kept = list_safety(state.stocked.values())
    for item in sorted(set(stock.list_items(offer)) & state.levels.keys()):
        level, safety = state.levels[item], kept.get(item, 0)
        reason = f"{level.on_hand} on hand, {level.reserved} reserved" + (f", {safety} kept back" if safety else "")
        yield Explanation(f"stock {item}", f"{stock.free[item]} available", reason)
