"""Why an offer cannot be in an order, apart from its price and stock: every reason at once, named. Pure."""

from collections.abc import Iterable, Iterator
from datetime import datetime

import attrs

from mktcore.catalog.inherited_goods import GoodsNature
from mktcore.notice import Notice
from mktcore.offers.merchant_closure import Closure, find_closed_until
from mktcore.offers.offer import Approval, Offer
from mktcore.offers.refresh.last_answer import Unavailability
from mktcore.parties.agreements.agreement import SelectionTerms

__all__ = ["CONFIDENTIAL", "OfferDemand", "find_refusals"]

CONFIDENTIAL = frozenset({"not-in-agreement", "offer-not-approved"})
"""Codes of refusals that are between the marketplace and the merchant: a buyer is told of no such candidate."""


@attrs.frozen
class OfferDemand:
    """What an offer is asked for.

    Attributes:
        quantity: Pieces that the order would take of the offer, on all its lines.
        channel: The sales channel; None where the host names none.
        category: The SKU's category.
        brand: The SKU's brand.
        ancestors: The categories that its category lies in; what was agreed on for one holds below it too.
    """

    quantity: int
    channel: str | None = None
    category: str = attrs.field(default="", kw_only=True)
    brand: str = attrs.field(default="", kw_only=True)
    ancestors: tuple[str, ...] = attrs.field(default=(), kw_only=True)

    @classmethod
    def of(cls, nature: GoodsNature, *, quantity: int, channel: str | None) -> "OfferDemand":
        """Return what goods of this nature are asked for."""
        return cls(quantity, channel, category=nature.category, brand=nature.brand, ancestors=nature.ancestors)


def find_refusals(
    offer: Offer,
    asked: OfferDemand,
    *,
    now: datetime,
    selection: SelectionTerms | None = None,
    closures: Iterable[Closure] = (),
    unavailable: Unavailability | None = None,
) -> tuple[Notice, ...]:
    """Return every reason for which an order cannot take the offer, agreement and channel first.

    >>> from datetime import UTC
    >>> offer = Offer("o1", "acme", "lamp", schedule="o1", channels=["app"], minimum=5)
    >>> for refusal in find_refusals(offer, OfferDemand(2, channel="web"), now=datetime(2026, 1, 1, tzinfo=UTC)):
    ...     print(refusal.code, "-", refusal)
    not-in-channel - offer o1 is not sold in channel web (buy it in app, or choose another offer)
    below-minimum - offer o1 is sold from 5 pieces on, not 2 (take 5)

    Args:
        offer: The offer.
        asked: What for.
        now: The present instant.
        selection: What its merchant may offer, by the agreement in force; None where there is none.
        closures: Its merchant's.
        unavailable: Why its price and stock are not known to be right; None when they are.
    """
    return (
        *_check_terms(offer, asked, selection),
        *_check_channel(offer, asked),
        *_check_quantity(offer, asked),
        *_check_time(offer, closures, unavailable=unavailable, now=now),
    )


def _check_terms(offer: Offer, asked: OfferDemand, selection: SelectionTerms | None) -> Iterator[Notice]:
    if selection is not None:
        # An agreement may name a category at any level above the goods' own.
        lies_in = (asked.category, *asked.ancestors)
        agreed = [one for one in lies_in if selection.categories is not None and one in selection.categories]
        category = agreed[0] if agreed else asked.category
        breaches = selection.find_breaches(category=category, brand=asked.brand, condition=offer.condition.value)
        for breach in breaches:  # which others were agreed on is nobody's business but theirs
            message = f"{offer.merchant} may not offer this {breach.where} here: {breach.operands['value']}"
            operands = {"offer": offer.id, **breach.operands}
            yield Notice("not-in-agreement", "", message, remedy="choose another offer", operands=operands)
    if offer.approval is not Approval.APPROVED:
        message = f"offer {offer.id} is not approved: {offer.approval}"
        operands = {"offer": offer.id, "approval": offer.approval.value}
        yield Notice("offer-not-approved", "", message, remedy="choose another offer", operands=operands)


def _check_channel(offer: Offer, asked: OfferDemand) -> Iterator[Notice]:
    if offer.channels is not None and asked.channel not in offer.channels:
        sold = ", ".join(sorted(offer.channels))
        where = "outside of its channels" if asked.channel is None else f"in channel {asked.channel}"
        remedy = f"buy it in {sold}, or choose another offer" if sold else "choose another offer"
        operands = {"offer": offer.id, "channel": asked.channel or "", "channels": sold}
        yield Notice("not-in-channel", "", f"offer {offer.id} is not sold {where}", remedy=remedy, operands=operands)


def _check_quantity(offer: Offer, asked: OfferDemand) -> Iterator[Notice]:
    if asked.quantity < offer.minimum:
        message = f"offer {offer.id} is sold from {offer.minimum} pieces on, not {asked.quantity}"
        operands = {"offer": offer.id, "wanted": asked.quantity, "minimum": offer.minimum}
        yield Notice("below-minimum", "", message, remedy=f"take {offer.round_up(1)}", operands=operands)
    elif offer.maximum is not None and asked.quantity > offer.maximum:
        message = f"an order takes {offer.maximum} pieces of offer {offer.id} at most, not {asked.quantity}"
        operands = {"offer": offer.id, "wanted": asked.quantity, "maximum": offer.maximum}
        most = offer.maximum // offer.multiple * offer.multiple
        yield Notice("above-maximum", "", message, remedy=f"take {most}", operands=operands)
    # Only within the bounds: their remedies are whole packs already.
    elif asked.quantity % offer.multiple:
        message = f"offer {offer.id} is sold in packs of {offer.multiple} pieces, not {asked.quantity}"
        operands = {"offer": offer.id, "wanted": asked.quantity, "multiple": offer.multiple}
        yield Notice(
            "not-in-packs", "", message, remedy=f"take {_list_packs(offer, asked.quantity)}", operands=operands
        )


def _list_packs(offer: Offer, quantity: int) -> str:
    """Return the whole packs next to a quantity, of those that the offer's bounds let pass."""
    least = offer.round_up(quantity)
    found = {quantity // offer.multiple * offer.multiple, least}
    return " or ".join(
        str(one) for one in sorted(found) if one >= offer.minimum and (offer.maximum is None or one <= offer.maximum)
    ) or str(offer.round_up(1))


def _check_time(
    offer: Offer, closures: Iterable[Closure], unavailable: Unavailability | None, *, now: datetime
) -> Iterator[Notice]:
    closed = find_closed_until(offer, closures, now)
    if closed is not None:
        closure, until = closed
        end = "until further notice" if until is None else f"until {until:%Y-%m-%d %H:%M} UTC"
        message = f"{offer.merchant} is closed {end}" + (f": {closure.reason}" if closure.reason else "")
        operands = {"offer": offer.id, "closure": closure.id, "until": "" if until is None else until.isoformat()}
        yield Notice("offer-closed", "", message, remedy="wait, or choose another offer", operands=operands)
    if unavailable is not None:
        # Why is told by the offer's explanation, to its merchant: it may speak of what is between their systems.
        message = f"offer {offer.id} is unavailable since {unavailable.since:%Y-%m-%d %H:%M} UTC"
        operands = {"offer": offer.id, "since": unavailable.since.isoformat()}
        yield Notice("offer-unavailable", "", message, remedy="try again later", operands=operands)
