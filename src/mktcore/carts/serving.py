"""Serving cart lines: which offer, at which price, from the stock that the lines before it left. Pure."""

from collections.abc import Mapping
from datetime import datetime

import attrs

from mktcore.carts.cart import Cart, CartLine
from mktcore.carts.simulation import Issue, PricedLine
from mktcore.catalog import Sku
from mktcore.delivery import ShippingFee
from mktcore.errors import Problem
from mktcore.money import Currency
from mktcore.offers import BuyBox, Candidate, Offer, choose_offer
from mktcore.parties import Eligibility
from mktcore.pricing import PriceBook, PriceQuery, PriceResolution, Unpriced
from mktcore.promotions import Promotion
from mktcore.totals import TaxRate

__all__ = ["MarketFacts", "serve_lines", "to_issue"]


@attrs.frozen
class MarketFacts:
    """What a simulation reads of the marketplace, loaded in one batch.

    Attributes:
        skus: By id.
        offers: Every offer of the SKUs the buy box chooses for, and the offers the cart names, by id.
        prices: The prices that can apply to the buyer.
        available: Pieces that could be reserved now, by offer; an offer that is absent has none.
        tax_rates: By tax category; a category without an entry is not taxed.
        shipping_fees: By merchant; a merchant without an entry ships free.
        eligibility: Whose offers the order may take.
        promotions: The operator's, and those of the merchants of these offers.
        claimed: What the counters of the promotions' limits hold, by name.
        is_first_order: Whether the buyer never ordered before.
    """

    skus: Mapping[str, Sku]
    offers: Mapping[str, Offer]
    prices: PriceBook
    available: Mapping[str, int]
    tax_rates: Mapping[str, tuple[TaxRate, ...]]
    shipping_fees: Mapping[str, ShippingFee]
    eligibility: Eligibility = attrs.field(factory=Eligibility)
    promotions: tuple[Promotion, ...] = ()
    claimed: Mapping[str, int] = attrs.field(factory=dict)
    is_first_order: bool = False

    def has_same_terms(self, other: "MarketFacts") -> bool:
        """Tell whether everything but the stock and the promotions' counters is the same: their writes are guarded."""
        return self == attrs.evolve(other, available=self.available, claimed=self.claimed)


def serve_lines(
    cart: Cart, facts: MarketFacts, currency: Currency, now: datetime
) -> tuple[tuple[PricedLine, ...], tuple[Issue, ...]]:
    """Give each line its offer and price, and return the lines that have both, and every issue.

    Lines are served in their order: two lines on one offer share its stock.
    """
    counter = _Counter(cart, facts, currency, now, dict(facts.available), _group_by_sku(facts.offers))
    lines, issues = [], []
    for line in cart.lines:
        priced, found = counter.serve(line)
        lines += [priced] if priced is not None else []
        issues += [found] if found is not None else []
    return tuple(lines), tuple(issues)


def _group_by_sku(offers: Mapping[str, Offer]) -> dict[str, list[Offer]]:
    groups: dict[str, list[Offer]] = {}
    for offer in offers.values():
        groups.setdefault(offer.sku, []).append(offer)
    return groups


Served = tuple[PricedLine | None, Issue | None]


@attrs.frozen
class _Counter:
    """Serves one line after the other; `left` falls with each."""

    cart: Cart
    facts: MarketFacts
    currency: Currency
    now: datetime
    left: dict[str, int]
    offers: dict[str, list[Offer]]

    def serve(self, line: CartLine) -> Served:
        sku = self.facts.skus.get(line.sku)
        if sku is None:
            return None, _issue("unknown-sku", line, f"there is no SKU {line.sku}", "choose another SKU", sku=line.sku)
        return self._choose(line, sku) if line.offer is None else self._take_named(line, sku, line.offer)

    def _choose(self, line: CartLine, sku: Sku) -> Served:
        offers = self.offers.get(sku.id, ())
        eligible = [one for one in offers if self._find_refusal(one) is None]
        box = choose_offer(self._weigh(offer, line, self._find_price(offer, line)) for offer in eligible)
        if box.winner is not None:
            return self._price(line, sku, box.winner, box), None
        stocks = [entry.available for entry in box.candidates if entry.is_valid and entry.price is not None]
        if stocks:
            return None, _out_of_stock(line, sku, max(stocks))
        return None, _issue("no-offer", line, f"nobody sells {sku.name} now", "choose another SKU", sku=sku.id)

    def _take_named(self, line: CartLine, sku: Sku, name: str) -> Served:
        offer = self.facts.offers.get(name)
        if offer is None or offer.sku != sku.id:
            message = f"there is no offer {name} of {sku.name}"
            return None, _issue("unknown-offer", line, message, "name an offer of this SKU, or none", offer=name)
        refusal = self._find_refusal(offer)
        if refusal is not None:
            return None, to_issue(refusal, line.key)
        found = self._find_price(offer, line)
        candidate = self._weigh(offer, line, found)
        if not candidate.is_valid:
            message = f"offer {name} of {sku.name} is not valid now"
            return None, _issue("offer-not-valid", line, message, "choose another offer", offer=name)
        if isinstance(found, Unpriced):
            return None, _issue(found.code, line, f"offer {name}: {found.message}", found.remedy, **found.operands)
        is_short = candidate.available < line.quantity
        issue = _out_of_stock(line, sku, candidate.available) if is_short else None
        return self._price(line, sku, candidate, None), issue

    def _find_refusal(self, offer: Offer) -> Problem | None:
        return self.facts.eligibility.find_refusal(offer.merchant, offer.sku, self.now)

    def _weigh(self, offer: Offer, line: CartLine, price: PriceResolution | Unpriced) -> Candidate:
        # Nobody learns more of a stock than whether it serves the line.
        left, is_valid = min(self.left.get(offer.id, 0), line.quantity), offer.valid.contains(self.now)
        if isinstance(price, Unpriced):
            return Candidate(offer, None, left, line.quantity, is_valid, f"{price.message}: {price.remedy}")
        return Candidate(offer, price, left, line.quantity, is_valid)

    def _find_price(self, offer: Offer, line: CartLine) -> PriceResolution | Unpriced:
        cart = self.cart
        query = PriceQuery(
            line.sku,
            offer.merchant,
            self.currency.code,
            offer.id,
            line.quantity,
            cart.buyer,
            cart.user,
            cart.groups,
            cart.channel,
            self._count_together(offer, line),
            line.options,
        )
        return self.facts.prices.find(query, now=self.now)

    def _count_together(self, offer: Offer, line: CartLine) -> int:
        """Count the pieces of the product on this line and on those that name an offer of the same merchant."""
        total = line.quantity
        for other in self.cart.lines:
            if other is not line and other.sku == line.sku and other.offer is not None:
                named = self.facts.offers.get(other.offer)
                total += other.quantity if named is not None and named.merchant == offer.merchant else 0
        return total

    def _price(self, line: CartLine, sku: Sku, chosen: Candidate, choice: BuyBox | None) -> PricedLine | None:
        if chosen.price is None:
            return None
        self.left[chosen.offer.id] = max(0, self.left.get(chosen.offer.id, 0) - line.quantity)
        rates = self.facts.tax_rates.get(sku.tax_category, ())
        return PricedLine(line, sku, chosen.offer, chosen.price, choice, rates)


def to_issue(refusal: Problem, line: str | None) -> Issue:
    """Return a refusal as an issue of a line, or of the whole cart."""
    operands = {name: value if isinstance(value, int) else str(value) for name, value in refusal.operands.items()}
    return Issue(refusal.code, line, refusal.message, refusal.remedy, operands)


def _issue(code: str, line: CartLine, message: str, remedy: str, **operands: str | int) -> Issue:
    return Issue(code, line.key, message, remedy, operands)


def _out_of_stock(line: CartLine, sku: Sku, available: int) -> Issue:
    message = f"{line.quantity} x {sku.name} wanted, {available} available"
    remedy = f"take {available}" if available else "remove the line, or choose another SKU"
    return _issue("out-of-stock", line, message, remedy, sku=sku.id, wanted=line.quantity, available=available)
