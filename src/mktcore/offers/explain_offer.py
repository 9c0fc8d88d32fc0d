"""Whether an offer can be had, and every reason why not, apart from its price and the agreement. Pure."""

from collections.abc import Mapping, Sequence
from datetime import datetime

import attrs

from mktcore.explain import Explanation
from mktcore.offers.merchant_closure import Closure
from mktcore.offers.offer import Offer
from mktcore.offers.offer_refusals import OfferDemand, find_refusals
from mktcore.offers.refresh.freshness import Freshness
from mktcore.stock import StockLevel

__all__ = ["OfferState", "explain_offer"]


@attrs.frozen
class OfferState:
    """An offer with what lies over it.

    Attributes:
        offer: The offer.
        closures: Its merchant's, of any time.
        freshness: What is known of its merchant's answers; None where nobody asked.
        levels: Its stock items that exist, by id.
    """

    offer: Offer
    closures: Sequence[Closure] = attrs.field(kw_only=True)
    freshness: Freshness | None = attrs.field(kw_only=True)
    levels: Mapping[str, StockLevel] = attrs.field(kw_only=True)


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
    return Explanation(f"offer {offer.id}", verdict, reason, (*parts, *_explain_stock(state.levels)))


def _explain_stock(levels: Mapping[str, StockLevel]) -> list[Explanation]:
    return [
        Explanation(
            f"stock {item}", f"{level.available} available", f"{level.on_hand} on hand, {level.reserved} reserved"
        )
        for item, level in sorted(levels.items())
    ]
