"""What is kept in another currency would silently apply to nothing: it is refused where it is written."""

import re
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any, get_args, get_type_hints

import attrs
import pytest

from markets import NOON
from mktcore.catalog import Sku
from mktcore.commissions import AmountBand, CommissionRule, Fixed, Percentage, SaleFilter, Tier, Tiers
from mktcore.delivery import DeliveryMethod, DeliveryRate, ShippingFee
from mktcore.marketplace import Marketplace
from mktcore.money import CurrencyMismatch
from mktcore.money.amount import Money
from mktcore.offers import Offer
from mktcore.order_thresholds import OrderThreshold
from mktcore.parties import MERCHANTS, Agreement, Merchant
from mktcore.parties.agreements.agreement import CommissionTerms, DeliveryTerms
from mktcore.payments import PaymentMethod
from mktcore.periods import Period
from mktcore.persistence import Kind
from mktcore.ports import KINDS
from mktcore.pricing import PriceBreak, PriceSchedule
from mktcore.promotions import Amount, AmountOff, Limits, Not, PercentOff, Promotion, ShippingOff
from mktcore.promotions.promotion import Caps
from mktcore.testing.fakes import CountingIds, ManualClock
from mktcore.totals.thresholds import ThresholdKind

TENTH_OFF, TENTH = PercentOff(Decimal("0.1")), Percentage(Decimal("0.1"))
Write = Callable[[Marketplace, Money], object]


def _sell(market: Marketplace, **terms: Any) -> object:
    offer = Offer("acme-lamp", "acme", "lamp", schedule="acme-lamp", **terms)
    return market.offers.save(offer, scope=market.as_merchant("acme"))


def _promote(market: Marketplace, effect: Any = TENTH_OFF, **terms: Any) -> object:
    return market.promotions.save(Promotion("p", effect, **terms), scope=market.as_operator())


def _take(market: Marketplace, terms: Any = TENTH, **more: Any) -> object:
    return market.commissions.save_rule(CommissionRule("r", terms, **more), scope=market.as_operator())


def _agree(market: Marketplace, **terms: Any) -> object:
    return market.agreements.sign(Agreement("a1", "acme", Period(NOON), **terms), scope=market.as_operator())


def _price(market: Marketplace, *breaks: PriceBreak, **terms: Any) -> object:
    schedule = PriceSchedule("acme-vase", "acme", breaks, **terms)
    return market.prices.save_schedule(schedule, scope=market.as_merchant("acme"))


def _demand(market: Marketplace, limit: Money, **terms: Any) -> object:
    threshold = OrderThreshold("t", ThresholdKind.SOFT_MINIMUM, limit, **terms)
    return market.order_thresholds.save(threshold, scope=market.as_operator())


def _charge(market: Marketplace, amount: Money, **terms: Any) -> object:
    return market.shipping_fees.save(ShippingFee("acme", amount, **terms), scope=market.as_operator())


def _accept(market: Marketplace, **bounds: Money) -> object:
    return market.payment_methods.save(PaymentMethod("card", "Card", **bounds), scope=market.as_operator())  # type: ignore[arg-type]  # its bounds


def _carry(market: Marketplace, rate: DeliveryRate) -> object:
    return market.delivery_methods.save(DeliveryMethod("post", "Post", rates=[rate]), scope=market.as_operator())


KEPT: dict[str, Write] = {
    "sku.price": lambda market, amount: market.catalog.save_sku(
        Sku("vase", "Vase", price=amount), scope=market.as_operator()
    ),
    "offer.list_price": lambda market, amount: _sell(market, list_price=amount),
    "offer.least_price": lambda market, amount: _sell(market, least_price=amount),
    "agreement.commission.fixed": lambda market, amount: _agree(
        market, commission=CommissionTerms(Decimal("0.1"), fixed=amount)
    ),
    "agreement.delivery.max_freight": lambda market, amount: _agree(market, delivery=DeliveryTerms(max_freight=amount)),
    "price_schedule.breaks.unit_price": lambda market, amount: _price(market, PriceBreak(1, amount)),
    "promotion.caps.order": lambda market, amount: _promote(market, caps=Caps(order=amount)),
    "promotion.caps.line": lambda market, amount: _promote(market, caps=Caps(line=amount)),
    "promotion.caps.floor": lambda market, amount: _promote(market, caps=Caps(floor=amount)),
    "promotion.limits.budget": lambda market, amount: _promote(market, limits=Limits(budget=amount)),
    "promotion.effect.amount": lambda market, amount: _promote(market, AmountOff(amount)),
    "promotion.effect.every": lambda market, amount: _promote(market, AmountOff(Money.of("1.00", "EUR"), every=amount)),
    "promotion.effect.price": lambda market, amount: _promote(market, ShippingOff(price=amount)),
    "promotion.condition.at_least": lambda market, amount: _promote(market, condition=Amount(amount)),
    "promotion.condition.at_most": lambda market, amount: _promote(
        market, condition=Not(Amount(Money.zero(amount.currency), amount))
    ),
    "commission_rule.cap": lambda market, amount: _take(market, cap=amount),
    "commission_rule.floor": lambda market, amount: _take(market, floor=amount),
    "commission_rule.terms.amount": lambda market, amount: _take(market, Fixed(amount)),
    "commission_rule.terms.tiers.start": lambda market, amount: _take(
        market, Tiers([Tier(Money.zero(amount.currency), Decimal("0.1")), Tier(amount, Decimal("0.2"))])
    ),
    "commission_rule.where.order.start": lambda market, amount: _take(
        market, where=SaleFilter(order=AmountBand(amount))
    ),
    "commission_rule.where.price.end": lambda market, amount: _take(
        market, where=SaleFilter(price=AmountBand(Money.zero(amount.currency), amount))
    ),
    "delivery_method.rates.first": lambda market, amount: _carry(market, DeliveryRate(amount)),
    "payment_method.least": lambda market, amount: _accept(market, least=amount),
    "payment_method.most": lambda market, amount: _accept(market, most=amount),
    "order_threshold.limit": _demand,
    "order_threshold.fee": lambda market, amount: _demand(market, amount, fee=amount),
    "shipping_fee.amount": _charge,
    "shipping_fee.free_from": lambda market, amount: _charge(market, amount, free_from=amount),
}
"""Each amount that somebody may write, and how."""
ALIKE = {
    "delivery_method.rates.further": "delivery_method.rates.first",
    "price_schedule.breaks.sale_price": "price_schedule.breaks.unit_price",
    "price_schedule.options.mark_up": "price_schedule.breaks.unit_price",
    "commission_rule.where.order.end": "commission_rule.where.order.start",
    "commission_rule.where.price.start": "commission_rule.where.price.end",
}
"""Amounts of values that refuse two currencies themselves."""
ELSEWHERE = {
    "commission_rule.terms.others": "what a fee is in each other currency",
    "merchant_item.item.price": "the row is received with a problem on its price",
}
WRITTEN_BY_US = {"marketplace_order", "merchant_order", "price_approval", "held_price"}
"""What the library writes of what it checked before: a held price is of a schedule that would have been saved."""


def list_amounts(type_: Any, path: str, seen: frozenset[type] = frozenset()) -> Iterator[str]:
    """Yield where amounts stand in what is stored; a condition of conditions once."""
    if type_ is Money:
        yield re.sub(r"(\.conditions?)+", ".condition", path)
    for part in get_args(type_):
        yield from list_amounts(part, path, seen)
    if isinstance(type_, type) and attrs.has(type_) and type_ not in seen:
        hints = get_type_hints(type_)
        for field in attrs.fields(type_):
            if field.init:
                yield from list_amounts(hints[field.name], f"{path}.{field.name}", seen | {type_})


def test_every_amount_that_is_kept_is_tried_here() -> None:
    kinds: tuple[Kind[Any], ...] = KINDS
    rules = [kind for kind in kinds if kind.name not in WRITTEN_BY_US]
    assert {one for kind in rules for one in list_amounts(kind.type, kind.name)} == {*KEPT, *ALIKE, *ELSEWHERE}
    assert set(ALIKE.values()) <= KEPT.keys()


@pytest.fixture
def market() -> Marketplace:
    market = Marketplace.in_memory("EUR", clock=ManualClock(NOON), ids=CountingIds())
    with market.store.begin(market.as_operator()) as unit:
        unit.repository(MERCHANTS).add(Merchant("acme", "Acme"))
        unit.commit()
    market.catalog.save_sku(Sku("lamp", "Lamp"), scope=market.as_operator())
    priced = PriceSchedule("acme-lamp", "acme", [PriceBreak(1, Money.of("30.00", "EUR"))])
    market.prices.save_schedule(priced, scope=market.as_merchant("acme"))
    return market


@pytest.mark.parametrize("what", KEPT)
def test_an_amount_in_another_currency_is_refused_when_it_is_written(market: Marketplace, what: str) -> None:
    with pytest.raises(CurrencyMismatch) as refused:
        KEPT[what](market, Money.of("5.00", "USD"))
    assert refused.value.operands() == {"expected": "EUR", "actual": "USD"}
    KEPT[what](market, Money.of("5.00", "EUR"))
