"""Of everything that was read for an order, what it rests on: that alone must hold while it is placed. Pure."""

from collections.abc import Collection, Mapping
from typing import TypeVar

import attrs

from mktcore.carts import MarketFacts, Simulation
from mktcore.carts.market_facts import OfferTerms
from mktcore.parties import Eligibility
from mktcore.parties.relations.relation import to_relation_id
from mktcore.pricing import PriceBook

__all__ = ["narrow_facts"]

V = TypeVar("V")


def narrow_facts(facts: MarketFacts, simulation: Simulation) -> MarketFacts:
    """Return the records that a simulation's lines, charges and reductions were made of; two equal ones are the same.

    Left out is what contended and lost: other merchants' offers with their terms, other schedules, promotions that
    were not applied. Whether it would still lose, only deciding again can tell. The stock and the promotions' counters
    are left out, too: their writes are guarded.

    Args:
        facts: What was read.
        simulation: What was decided by it, or by others that were read before.
    """
    parts = {part.offer for line in simulation.lines for part in line.offer.stock.parts}
    offers = {line.offer.id for line in simulation.lines} | parts
    sellers = {line.offer.merchant for line in simulation.lines}
    fees = _pick(facts.shipping_fees, sellers)
    thresholds = tuple(one for one in facts.thresholds if one.merchant in {None, *sellers})
    categories = {line.nature.tax_category for line in simulation.lines} | {fee.tax_category for fee in fees.values()}
    categories |= {threshold.tax_category for threshold in thresholds}
    travelled = {shipment.method for shipment in simulation.delivery.shipments}
    methods = tuple(one for one in facts.delivery_methods if one.id in travelled)
    categories |= {method.tax_category for method in methods}
    paid = {payment.method for payment in simulation.cart.payments}
    applied = {one.promotion.id for one in simulation.promotions.applied}
    return attrs.evolve(
        facts,
        offers=_pick(facts.offers, offers),
        prices=_narrow_prices(facts.prices, {line.price.schedule for line in simulation.lines}, offers),
        parts=_pick(facts.parts, parts),
        levels={},
        taxes=facts.taxes.narrow(categories),
        thresholds=thresholds,
        shipping_fees=fees,
        delivery_methods=methods,
        payment_methods=tuple(one for one in facts.payment_methods if one.id in paid),
        eligibility=_narrow_eligibility(facts.eligibility, sellers),
        promotions=tuple(promotion for promotion in facts.promotions if promotion.id in applied),
        claimed={},
        is_first_order=False,
        terms=_narrow_terms(facts.terms, sellers, offers=offers),
    )


def _narrow_prices(book: PriceBook, schedules: Collection[str], offers: Collection[str]) -> PriceBook:
    return PriceBook(
        _pick(book.schedules, schedules).values(),
        [assignment for assignment in book.assignments if assignment.schedule in schedules],
        defaults={offer: name for offer, name in _pick(book.defaults, offers).items() if name in schedules},
        precedence=book.precedence,
    )


def _narrow_eligibility(eligibility: Eligibility, sellers: Collection[str]) -> Eligibility:
    asked = {*sellers, *(() if eligibility.sold_by is None else (eligibility.sold_by,))}
    relations = {to_relation_id(eligibility.buyer, merchant) for merchant in asked}
    memberships = _pick(eligibility.memberships, asked)
    return attrs.evolve(eligibility, memberships=memberships, relations=eligibility.relations & relations)


def _narrow_terms(terms: OfferTerms, sellers: Collection[str], *, offers: Collection[str]) -> OfferTerms:
    return OfferTerms(
        agreements=_pick(terms.agreements, sellers),
        closures=_pick(terms.closures, sellers),
        unavailable=_pick(terms.unavailable, offers),
        ratings=_pick(terms.ratings, sellers),
    )


def _pick(found: Mapping[str, V], names: Collection[str]) -> dict[str, V]:
    return {name: value for name, value in found.items() if name in names}
