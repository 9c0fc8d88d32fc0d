"""What a merchant's answer means for an offer: its price, its stock, and whether it can be had. Pure."""

from collections.abc import Mapping
from datetime import datetime
from enum import Enum, auto

import attrs

from mktcore.events import Event
from mktcore.gateways import Declined, Succeeded, Unknown
from mktcore.money import Money
from mktcore.offers.events import OfferRefreshed, OfferUnavailable
from mktcore.offers.offer import Offer
from mktcore.offers.refresh.last_answer import Freshness
from mktcore.offers.refresh.ports import ItemAnswer, ItemTerms
from mktcore.pricing import PriceBreak, PriceSchedule
from mktcore.stock import StockCount, StockLevel

__all__ = ["AnswerOutcome", "AppliedAnswer", "KnownTerms", "apply_answer", "to_readable"]


class AnswerOutcome(Enum):
    """What came of an answer."""

    REFRESHED = auto()
    STALE = auto()
    """A later answer was applied before."""
    DECLINED = auto()
    UNKNOWN = auto()


@attrs.frozen
class KnownTerms:
    """What the marketplace has of an offer before an answer.

    Attributes:
        offer: The offer, of version 0 when it is new.
        freshness: What is known of its freshness.
        schedule: The price schedule that it names; None when there is none.
        levels: Its stock items.
        own_schedule: The id of the price schedule of its own; the offer's, unless somebody else has one of that id.
    """

    offer: Offer
    freshness: Freshness
    schedule: PriceSchedule | None = None
    levels: Mapping[str, StockLevel] = attrs.field(factory=dict)
    own_schedule: str = attrs.field()

    @own_schedule.default
    def _name_own_schedule(self) -> str:
        return self.offer.id


@attrs.frozen
class AppliedAnswer:
    """What to store after an answer; a stale one changes nothing.

    Attributes:
        offer: The offer.
        freshness: Its freshness.
        schedule: The price schedule of its own; None to store none.
        counts: Counts of its stock items.
        events: What is told.
        outcome: What came of it.
    """

    offer: Offer
    freshness: Freshness
    schedule: PriceSchedule | None = None
    counts: tuple[StockCount, ...] = ()
    events: tuple[Event, ...] = ()
    outcome: AnswerOutcome = AnswerOutcome.REFRESHED


def apply_answer(known: KnownTerms, answer: ItemAnswer, *, sku: str, now: datetime) -> AppliedAnswer:
    """Return what an answer makes of an offer.

    A good one sets the price of one piece, the list price, and the counts at every location; an offer that could not be
    had can be had again. Without one the offer cannot be had, and keeps price and stock as they were.

    Args:
        known: What there is.
        answer: What the merchant said.
        sku: The SKU that the item is bound to.
        now: The present instant.
    """
    offer, freshness = known.offer, known.freshness
    if isinstance(answer, Succeeded):
        terms = answer.value
        # Only a good answer can be stale: one that failed is of no instant.
        if freshness.is_newer_than(terms.as_of):
            return AppliedAnswer(offer, freshness, outcome=AnswerOutcome.STALE)
        return _refresh(known, terms, sku=sku, now=now)
    is_declined = isinstance(answer, Declined)
    why = f"{offer.merchant} does not sell it: {answer.reason}" if is_declined else answer.reason
    told = OfferUnavailable(subject=offer.id, at=now, merchant=offer.merchant, why=why)
    # Told once: every further question without an answer would tell the same.
    events = (told,) if freshness.unavailable is None else ()
    outcome = AnswerOutcome.DECLINED if is_declined else AnswerOutcome.UNKNOWN
    return AppliedAnswer(offer, freshness.mark_unavailable(why, now), events=events, outcome=outcome)


def to_readable(answer: object, item: str, currency: str) -> ItemAnswer:
    """Return an answer, or `Unknown` in place of one that is none, of another item, or in another currency.

    A list price below zero is left out: with it, the price and the stock would be lost.
    """
    if isinstance(answer, Declined | Unknown):
        return answer
    terms = answer.value if isinstance(answer, Succeeded) else None
    if not isinstance(terms, ItemTerms):
        return Unknown("the answer cannot be read")
    if terms.item != item:
        return Unknown(f"the answer is of another item, {terms.item}")
    amounts = [terms.price, *(() if terms.list_price is None else (terms.list_price,))]
    foreign = [amount.currency.code for amount in amounts if amount.currency.code != currency]
    if foreign:
        return Unknown(f"the answer is in {foreign[0]}, not in {currency}")
    is_sound = terms.list_price is None or not terms.list_price.is_negative()
    return Succeeded(terms if is_sound else attrs.evolve(terms, list_price=None))


def _refresh(known: KnownTerms, terms: ItemTerms, sku: str, *, now: datetime) -> AppliedAnswer:
    before = known.offer
    named = [place for place in terms.on_hand if place]
    # The merchant's order of preference stays; new locations come after it.
    kept = [place for place in before.locations if place in terms.on_hand]
    locations = (*kept, *sorted(set(named) - set(kept)))
    offer = attrs.evolve(before, sku=sku, schedule=known.own_schedule, list_price=terms.list_price, locations=locations)
    told = OfferRefreshed(
        subject=offer.id,
        at=now,
        merchant=offer.merchant,
        price=terms.price,
        on_hand=sum(terms.on_hand.values()),
        as_of=terms.as_of,
        was_unavailable=known.freshness.unavailable is not None,
    )
    schedule = _reprice(known, offer, terms.price, is_with_tax=terms.includes_tax)
    return AppliedAnswer(
        offer,
        known.freshness.mark_answered(terms.as_of, now),
        schedule=schedule,
        counts=_count(known, offer, terms),
        events=(told,),
    )


def _reprice(terms: KnownTerms, offer: Offer, price: Money, *, is_with_tax: bool | None) -> PriceSchedule:
    """Return the offer's own schedule with this price of one piece; what it had from more pieces on stays."""
    known, own = terms.schedule, terms.own_schedule
    if known is None or known.currency != price.currency:
        return PriceSchedule(own, offer.merchant, [PriceBreak(1, price)], includes_tax=is_with_tax)
    others = [entry for entry in known.breaks if entry.quantity != 1]
    sale = next((entry.sale_price for entry in known.breaks if entry.quantity == 1), None)
    # Answers are of one piece; a schedule per 100 holds what a hundred cost.
    breaks = [PriceBreak(1, price * known.per, sale), *others]
    # A schedule that other offers may share is copied, not changed.
    version = known.version if known.id == own else 0
    stated = known.includes_tax if is_with_tax is None else is_with_tax
    return attrs.evolve(known, id=own, owner=offer.merchant, breaks=breaks, includes_tax=stated, version=version)


def _count(known: KnownTerms, offer: Offer, terms: ItemTerms) -> tuple[StockCount, ...]:
    """Return a count for each location; one that the merchant no longer names has nothing."""
    pieces = [terms.on_hand[place] for place in offer.locations] or [terms.on_hand[""]]
    counted = dict(zip(offer.stock_items, pieces, strict=True))
    left = dict.fromkeys([item for item in known.offer.stock_items if item in known.levels], 0) | counted
    return tuple(
        StockCount(item, offer.merchant, on_hand, backorder=known.levels[item].backorder if item in known.levels else 0)
        for item, on_hand in left.items()
    )
