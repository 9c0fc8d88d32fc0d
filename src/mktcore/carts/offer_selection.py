"""Which offer each line of a cart gets, at which price, from the stock that the lines before it left. Pure."""

from collections import Counter
from collections.abc import Mapping
from datetime import datetime

import attrs

from mktcore.carts.asked_pieces import AskedPieces
from mktcore.carts.candidates import CandidateBuilder
from mktcore.carts.cart import Cart, CartLine
from mktcore.carts.choice_issues import find_choice_issues
from mktcore.carts.gross_and_net_prices import StatedPrices
from mktcore.carts.market_facts import MarketFacts
from mktcore.carts.ranked_offers import RankedOffers
from mktcore.carts.simulation import PricedLine
from mktcore.catalog import Sku
from mktcore.market_policy import MarketPolicy
from mktcore.notice import Notice
from mktcore.offers import CHEAPEST, BuyBox, BuyBoxPolicy, Offer, OfferCandidate, choose_offer
from mktcore.offers.buybox.candidate import ChoiceOccasion
from mktcore.offers.choose_stock_places import AvailableStock

__all__ = ["select_offers"]


def select_offers(
    cart: Cart, facts: MarketFacts, policy: MarketPolicy, *, now: datetime, buy_box: BuyBoxPolicy = CHEAPEST
) -> tuple[tuple[PricedLine, ...], tuple[Notice, ...]]:
    """Give each line its offer and price, and return the lines that have both, and every issue.

    Lines are looked at in their order: two lines on one stock item share it. Where a price or a bound depends on
    several lines, all are looked at again until the choices fit each other; after a few rounds the last ones stand.
    """
    offers, pieces = _group_by_sku(facts, now), AskedPieces.of(cart, facts.skus, facts.offers)
    pinned: Mapping[str, Offer | None] | None = None
    stating = StatedPrices.of(policy, deliver_to=cart.deliver_to)
    found: tuple[tuple[PricedLine, ...], tuple[Notice, ...]] = ((), ())
    for turn in range(_ROUNDS + 1):
        candidates = CandidateBuilder(
            context=cart.context,
            shipping=cart.shipping,
            facts=facts,
            currency=policy.currency,
            now=now,
            stock=AvailableStock.of(facts.levels.values(), facts.list_stocked()),
            pieces=pieces,
            stating=stating,
        )
        before = dict(pieces.places)
        occasion = ChoiceOccasion(now, cart.buyer, cart.id)
        ranked = RankedOffers(candidates=candidates, policy=buy_box, occasion=occasion, offers=offers)
        found = _select_all(_OfferSelector(cart, candidates, ranked, pinned=pinned), cart)
        if pieces.places == before or not _depend_on_each_other(cart, facts, pieces):
            break
        # The choices may go in a circle, each right by the others of the round before.
        pinned = dict(pieces.places) if turn == _ROUNDS - 1 else None
    return found


def _select_all(selector: "_OfferSelector", cart: Cart) -> tuple[tuple[PricedLine, ...], tuple[Notice, ...]]:
    lines: list[PricedLine] = []
    issues: list[Notice] = []
    for line in cart.lines:
        priced, found = selector.select(line)
        lines += [priced] if priced is not None else []
        issues += found
    return tuple(lines), tuple(issues)


def _depend_on_each_other(cart: Cart, facts: MarketFacts, pieces: AskedPieces) -> bool:
    """Tell whether what one line is offered depends on where others go."""
    counted = Counter([pieces.products[line.sku] for line in cart.lines])
    shared = {line.sku for line in cart.lines if line.offer is None and counted[pieces.products[line.sku]] > 1}
    return bool(shared) and (
        any(schedule.cumulative for schedule in facts.prices.schedules.values())
        or any(one.sku in shared and one.is_bounded() for one in facts.offers.values())
    )


def _group_by_sku(facts: MarketFacts, now: datetime) -> dict[str, list[Offer]]:
    """Return the offers that the order may take, by SKU."""
    groups: dict[str, list[Offer]] = {}
    for offer in facts.offers.values():
        if facts.find_refusal(offer, now) is None:
            groups.setdefault(offer.sku, []).append(offer)
    return groups


_ROUNDS = 4
"""Choices that depend on each other settle in two rounds as a rule, and may never."""
LineSelectionResult = tuple[PricedLine | None, tuple[Notice, ...]]
_TOLD = ("below-minimum", "above-maximum", "not-in-packs", "unknown-option", "offer-closed", "offer-unavailable")
"""What a buyer whose line finds no offer is told of the one that came closest."""


@attrs.frozen
class _OfferSelector:
    """Chooses for one line after the other; each takes its pieces out of the candidates' stock."""

    cart: Cart
    candidates: CandidateBuilder
    ranked: RankedOffers
    pinned: Mapping[str, Offer | None] | None = None

    def select(self, line: CartLine) -> LineSelectionResult:
        sku = self.candidates.facts.skus.get(line.sku)
        if sku is None:
            issue = _issue(
                "unknown-sku", line, f"there is no SKU {line.sku}", remedy="choose another SKU", sku=line.sku
            )
            return None, (issue,)
        if line.offer is None:
            priced, issues = self._choose(line, sku)
            self.candidates.pieces.place(line, None if priced is None else priced.offer)
        else:
            priced, issues = self._check_named(line, sku, line.offer)
        return priced, (*issues, *find_choice_issues(line, self.candidates.facts.list_specs(sku.id)))

    def _choose(self, line: CartLine, sku: Sku) -> LineSelectionResult:
        last = None if self.pinned is None else self.pinned.get(line.key)
        nature = self.candidates.facts.natures.find(sku)
        if last is None:
            box = self.ranked.choose(line, nature)
        else:
            alone = self.candidates.build(last, line, nature)
            box = choose_offer([alone], self.ranked.policy, self.ranked.occasion)
        if box.winner is not None:
            return self._price(line, sku, box.winner, choice=box), ()
        return None, (_tell_no_offer(line, sku, box),)

    def _check_named(self, line: CartLine, sku: Sku, name: str) -> LineSelectionResult:
        offer = self.candidates.facts.offers.get(name)
        if offer is None or offer.sku != sku.id:
            message = f"there is no offer {name} of {sku.name}"
            remedy = "name an offer of this SKU, or none"
            return None, (_issue("unknown-offer", line, message, remedy=remedy, offer=name),)
        refusal = self._find_refusal(offer)
        if refusal is not None:
            return None, (refusal.at_line(line.key),)
        candidate = self.candidates.build(offer, line, self.candidates.facts.natures.find(sku))
        issues = [one.at_line(line.key) for one in candidate.refusals]
        if not candidate.is_valid:
            message = f"offer {name} of {sku.name} is not valid now"
            issues.append(_issue("offer-not-valid", line, message, remedy="choose another offer", offer=name))
        elif candidate.unpriced is not None:
            notice = candidate.unpriced
            issues.append(attrs.evolve(notice, message=f"offer {name}: {notice.message}").at_line(line.key))
        if issues:
            return None, tuple(issues)
        # Short of stock it is priced all the same: the buyer sees what fewer pieces would cost.
        is_short = candidate.available < line.quantity
        short = (_out_of_stock(line, sku, candidate.available),) if is_short else ()
        return self._price(line, sku, candidate, choice=None), short

    def _find_refusal(self, offer: Offer) -> Notice | None:
        return self.candidates.facts.find_refusal(offer, self.candidates.now)

    def _price(self, line: CartLine, sku: Sku, chosen: OfferCandidate, *, choice: BuyBox | None) -> PricedLine | None:
        if chosen.price is None:
            return None
        sources = self.candidates.source_line(chosen.offer, line)
        self.ranked.note_taken(chosen.offer)
        nature = self.candidates.facts.natures.find(sku)
        return PricedLine(
            line,
            sku,
            chosen.offer,
            price=chosen.price,
            choice=choice,
            tax_rates=self.candidates.find_rates(line, nature),
            sources=sources,
            nature=nature,
            handling_days=chosen.handling_days,
        )


def _tell_no_offer(line: CartLine, sku: Sku, box: BuyBox) -> Notice:
    """Say why the line has no offer: too little stock, else what the offer that came closest refuses."""
    ready = [one for one in box.candidates if not one.refusals and one.is_valid]
    stocks = [one.available for one in ready if one.price is not None]
    if stocks:
        return _out_of_stock(line, sku, max(stocks))
    # Only an offer with one reason came close, and only of reasons that are a buyer's business is one told.
    told = [one.refusals[0] for one in box.candidates if len(one.refusals) == 1 and one.refusals[0].code in _TOLD]
    if told:
        return min(told, key=lambda one: _TOLD.index(one.code)).at_line(line.key)
    return _issue("no-offer", line, f"nobody sells {sku.name} now", remedy="choose another SKU", sku=sku.id)


def _issue(code: str, line: CartLine, message: str, *, remedy: str, **operands: str | int) -> Notice:
    return Notice(code, "", message, remedy=remedy, operands=operands).at_line(line.key)


def _out_of_stock(line: CartLine, sku: Sku, available: int) -> Notice:
    message = f"{line.quantity} x {sku.name} wanted, {available} available"
    remedy = f"take {available}" if available else "remove the line, or choose another SKU"
    return _issue("out-of-stock", line, message, remedy=remedy, sku=sku.id, wanted=line.quantity, available=available)
