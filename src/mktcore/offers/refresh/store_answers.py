"""Settling what merchants answered under a claim: one unit stores all of it, and ends the claim."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import datetime
from typing import TypeVar

import attrs

from mktcore.errors import MktcoreError
from mktcore.events import Event
from mktcore.gateways import Unknown
from mktcore.ids import InvalidId, check_id
from mktcore.merchant_items.merchant_item import to_item_key
from mktcore.offers.events import OfferUnavailable
from mktcore.offers.offer import OFFERS, Offer, to_sold_key
from mktcore.offers.price_guards.held_price import HeldPrice
from mktcore.offers.price_guards.hold_prices import PRICE_WAITS, PriceHolder
from mktcore.offers.price_guards.price_guard import Meanwhile
from mktcore.offers.refresh.apply_answer import AnswerOutcome, AppliedAnswer, KnownTerms, apply_answer
from mktcore.offers.refresh.last_answer import FRESHNESS, Freshness
from mktcore.offers.refresh.pending_refresh import PENDING_REFRESHES, PendingRefresh, to_refresh_key
from mktcore.offers.refresh.ports import ItemAnswer
from mktcore.offers.refresh.refresh_policy import RefreshPolicy, RefreshReport
from mktcore.offers.stock_item_id import LOCATED
from mktcore.persistence import Kind, Repositories
from mktcore.persistence.kinds import Aggregate
from mktcore.persistence.record_quotas import QuotaReached
from mktcore.pricing import PRICE_SCHEDULES
from mktcore.stock import MarketUnit

__all__ = ["store_answers"]

A = TypeVar("A", bound=Aggregate)
MAX_NAMED_ITEM = 50
"""Characters of a merchant's item up to which a new offer's id shows it."""


def store_answers(
    unit: MarketUnit,
    claimed: Sequence[PendingRefresh],
    answers: Mapping[str, ItemAnswer],
    *,
    bound: Mapping[str, str],
    policy: RefreshPolicy,
    most: int,
    now: datetime,
    holder: PriceHolder | None = None,
) -> RefreshReport:
    """Store what one merchant's answers mean, as far as the claim is still held, and end it.

    Args:
        unit: Under the operator's authority; the caller commits it.
        claimed: What was claimed, of one merchant.
        answers: What the merchant said, by item.
        bound: The SKUs that the items are bound to now, by item.
        policy: When to ask again, and what a new offer is.
        most: How many offers of a SKU a merchant may have. An item beyond that is asked about again later, as one is
            that nobody answered for: its merchant may have removed another by then.
        now: The present instant.
        holder: Holds prices that guards do not let pass; None holds none.
    """
    held = unit.repository(PENDING_REFRESHES).find_many([one.id for one in claimed])
    mine = [one for one in held.values() if one.claim == claimed[0].claim]
    offered = [one.item for one in mine if one.item in bound]
    known = _load(unit, claimed[0].merchant, items=offered, bound=bound, policy=policy)
    heard = {**answers, **_refuse_beyond(unit, known, most)}
    applied = {item: _apply(known[item], heard[item], sku=bound[item], now=now) for item in offered}
    if holder is not None:
        applied = _hold(unit, holder, applied, now=now)
    _store(unit, known, applied=[one for one in applied.values() if one.outcome is not AnswerOutcome.STALE], now=now)
    notices = {one.item: one.notices for one in claimed}
    repository = unit.repository(PENDING_REFRESHES)
    for one in mine:
        # An item that is bound no longer gets no further turn.
        again = None
        if one.item in applied:
            is_told_again = one.notices > notices[one.item]
            again = _find_turn(one, applied[one.item].outcome, is_told_again=is_told_again, policy=policy, now=now)
        if again is None:
            repository.remove(one)
        else:
            repository.save(again)
    counts = Counter(one.outcome for one in applied.values())
    missed = counts[AnswerOutcome.UNKNOWN] + counts[AnswerOutcome.DECLINED]
    lost = len(claimed) - len(offered)
    return RefreshReport(
        len(claimed), counts[AnswerOutcome.REFRESHED], unavailable=missed, stale=counts[AnswerOutcome.STALE], lost=lost
    )


def _hold(
    unit: MarketUnit, holder: PriceHolder, applied: Mapping[str, AppliedAnswer], *, now: datetime
) -> dict[str, AppliedAnswer]:
    """Return what answers mean without the prices that guards hold: stock and all else is as it was told."""
    schedules = [one.schedule for one in applied.values() if one.schedule is not None]
    offers = [one.offer for one in applied.values() if one.schedule is not None]
    held = holder.hold_schedules(unit, schedules, offers=offers, now=now, frees_offers=False)
    return {item: _withhold(one, held, now) for item, one in applied.items()}


def _withhold(one: AppliedAnswer, held: Mapping[str, HeldPrice], now: datetime) -> AppliedAnswer:
    found = None if one.schedule is None else held.get(one.schedule.id)
    if found is None:
        return one
    freshness, offer = one.freshness, one.offer
    # It tells a price that nobody pays; what is held has an event of its own, and stock too.
    events: tuple[Event, ...] = ()
    if found.meanwhile is Meanwhile.NOT_SOLD:
        freshness = freshness.mark_unavailable(PRICE_WAITS, now)
        events = (OfferUnavailable(subject=offer.id, at=now, merchant=offer.merchant, why=PRICE_WAITS),)
    return attrs.evolve(one, schedule=None, freshness=freshness, events=events)


def _apply(known: KnownTerms, answer: ItemAnswer, sku: str, *, now: datetime) -> AppliedAnswer:
    """Return what an answer means; one that cannot be applied spoils no other."""
    try:
        return apply_answer(known, answer, sku=sku, now=now)
    except MktcoreError as error:
        return apply_answer(known, Unknown(f"the answer cannot be applied: {error.describe()}"), sku=sku, now=now)


def _refuse_beyond(unit: MarketUnit, known: Mapping[str, KnownTerms], most: int) -> dict[str, ItemAnswer]:
    """Return what is made of the answers for items of which no more offers may be: they count with those at hand."""
    new: dict[str, list[str]] = {}
    for item, one in sorted(known.items()):
        if not one.offer.version:
            new.setdefault(to_sold_key(one.offer.merchant, one.offer.sku), []).append(item)
    refused: dict[str, ItemAnswer] = {}
    for sold, items in new.items():
        room = max(most - unit.repository(OFFERS).count({"sold": sold}), 0)
        merchant = known[items[0]].offer.merchant
        refused |= {item: Unknown(QuotaReached(OFFERS.name, merchant, most).describe()) for item in items[room:]}
    return refused


def _find_turn(
    pending: PendingRefresh, outcome: AnswerOutcome, *, is_told_again: bool, policy: RefreshPolicy, now: datetime
) -> PendingRefresh | None:
    """Return what takes a claim's place: another turn where the item changed meanwhile, or nobody knows the answer."""
    # Told again while it was asked: the answer may be of the time before.
    if is_told_again:
        return pending.defer(now)
    if outcome is AnswerOutcome.UNKNOWN:
        attempts = pending.attempts + 1
        return pending.defer(now + policy.pause_after(attempts), attempts=attempts)
    return None


def _load(
    unit: MarketUnit, merchant: str, items: Sequence[str], *, bound: Mapping[str, str], policy: RefreshPolicy
) -> dict[str, KnownTerms]:
    """Return what the marketplace has of each item's offer, a new one where there is none."""
    keys = {to_item_key(merchant, item) for item in items}
    offers = {offer.item: offer for offer in unit.repository(OFFERS).find_where("item", keys)} if items else {}
    new = {item: _name_offer(merchant, item) for item in items if item not in offers}
    taken = unit.repository(OFFERS).find_many(new.values()) if new else {}
    for item, name in new.items():
        # An offer that somebody stored by hand may bear the readable id.
        free = f"{merchant}/{to_refresh_key(merchant, item)}" if name in taken else name
        offers[item] = Offer(free, merchant, bound[item], schedule=free, item=item, approval=policy.approval)
    freshness = unit.repository(FRESHNESS).find_many([offer.id for offer in offers.values()])
    own = {item: (offer.id, _digest(merchant, item)) for item, offer in offers.items()}
    named = {name for item, offer in offers.items() for name in (*own[item], offer.schedule) if name}
    found = unit.repository(PRICE_SCHEDULES).find_many(named)
    # Nobody's schedule of a merchant's item is taken for the merchant's own, whatever others call theirs.
    schedules = {name: one for name, one in found.items() if one.owner == merchant}
    foreign = found.keys() - schedules.keys()
    levels = unit.stock.find_levels([stocked for offer in offers.values() for stocked in offer.stock_items])
    return {
        item: KnownTerms(
            offer,
            freshness.get(offer.id) or Freshness(offer.id, merchant),
            schedule=schedules.get(_choose(own[item], foreign)) or schedules.get(offer.schedule),
            levels=levels,
            own_schedule=_choose(own[item], foreign),
        )
        for item, offer in offers.items()
    }


def _choose(names: Sequence[str], taken: AbstractSet[str]) -> str:
    """Return the first name that nobody else took, and the last one where all are."""
    return next((name for name in names if name not in taken), names[-1])


def _name_offer(merchant: str, item: str) -> str:
    """Return the id of a merchant's new offer: it shows the item, where that can be part of an id."""
    name = f"{merchant}/{item}"
    try:
        return (
            check_id("offer", name) if LOCATED not in name and len(item) <= MAX_NAMED_ITEM else _digest(merchant, item)
        )
    except InvalidId:
        return _digest(merchant, item)


def _digest(merchant: str, item: str) -> str:
    return f"{merchant}/{to_refresh_key(merchant, item)}"


def _store(
    unit: MarketUnit, known: Mapping[str, KnownTerms], applied: Sequence[AppliedAnswer], *, now: datetime
) -> None:
    before = [value for one in known.values() for value in (one.offer, one.schedule, one.freshness)]
    # What was never offered stays so until the merchant tells its price and stock.
    changed = [one for one in applied if one.offer.version or one.outcome is AnswerOutcome.REFRESHED]
    _put(unit, PRICE_SCHEDULES, values=[one.schedule for one in changed if one.schedule is not None], before=before)
    _put(unit, OFFERS, values=[one.offer for one in changed], before=before)
    _put(unit, FRESHNESS, values=[one.freshness for one in changed], before=before)
    counts = [count for one in changed for count in one.counts]
    if counts:
        unit.stock.set_on_hand(counts, at=now)
    unit.publish([event for one in changed for event in one.events])


def _put(unit: Repositories, kind: Kind[A], values: Iterable[A], *, before: Sequence[object]) -> None:
    """Add what is new, and save what is not what it was."""
    found = list(values)
    unit.repository(kind).add_many([value for value in found if not value.version])
    unit.repository(kind).save_many([value for value in found if value.version and value not in before])
