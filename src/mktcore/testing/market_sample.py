"""A small market as a value: who sells what at which prices under which rules, to be put into any store."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

import attrs

from mktcore.catalog import SKUS, Sku
from mktcore.commissions import CommissionRule
from mktcore.commissions.commission_rule import COMMISSION_RULES
from mktcore.delivery.shipping_fee import SHIPPING_FEES, ShippingFee
from mktcore.marketplace import Marketplace
from mktcore.offers import OFFERS, Offer
from mktcore.parties.organisations.merchant import MERCHANTS, Merchant
from mktcore.persistence import Kind
from mktcore.pricing import PRICE_SCHEDULES, PriceSchedule
from mktcore.promotions.promotion import PROMOTIONS, Promotion
from mktcore.taxes.tax_rule import TAX_RULES, TaxRule
from mktcore.testing.fakes import CountingIds, ManualClock
from mktcore.testing.write_python_source import write_source

__all__ = ["SAMPLE_DAY", "MarketSample"]

SAMPLE_DAY = datetime(2026, 7, 1, 12, tzinfo=UTC)
"""When samples are open: the clocks of their markets begin here."""


def _to_all(values: Iterable[Any]) -> tuple[Any, ...]:
    return tuple(values)


@attrs.frozen(repr=False)
class MarketSample:
    """Everything that a market holds before the first cart, of one currency.

    Its `repr` is Python that makes it.

    >>> sample = MarketSample([Merchant("acme", "Acme")], skus=[Sku("lamp", "Lamp")])
    >>> sample
    MarketSample(merchants=(Merchant(id='acme', name='Acme'),), skus=(Sku(id='lamp', name='Lamp'),))
    >>> with sample.open() as market:
    ...     market.catalog.get_sku("lamp", scope=market.as_operator()).name
    'Lamp'

    Attributes:
        merchants: Who sells.
        skus: What is sold.
        schedules: Prices.
        offers: Who sells what at which of them.
        stock: Pieces on hand, by offer.
        taxes: Tax rules.
        fees: Shipping fees.
        commissions: What the marketplace takes.
        promotions: Promotions.
        currency: Of all amounts.
    """

    merchants: tuple[Merchant, ...] = attrs.field(converter=_to_all)
    skus: tuple[Sku, ...] = attrs.field(default=(), converter=_to_all, kw_only=True)
    schedules: tuple[PriceSchedule, ...] = attrs.field(default=(), converter=_to_all, kw_only=True)
    offers: tuple[Offer, ...] = attrs.field(default=(), converter=_to_all, kw_only=True)
    stock: Mapping[str, int] = attrs.field(factory=dict, hash=False, kw_only=True)
    taxes: tuple[TaxRule, ...] = attrs.field(default=(), converter=_to_all, kw_only=True)
    fees: tuple[ShippingFee, ...] = attrs.field(default=(), converter=_to_all, kw_only=True)
    commissions: tuple[CommissionRule, ...] = attrs.field(default=(), converter=_to_all, kw_only=True)
    promotions: tuple[Promotion, ...] = attrs.field(default=(), converter=_to_all, kw_only=True)
    currency: str = attrs.field(default="EUR", kw_only=True)

    def __repr__(self) -> str:
        return write_source(self)

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        del cycle  # nothing in it holds it
        printer.text(repr(self))

    def open(self) -> Marketplace:
        """Return a market in memory that holds it, at noon of the first of July 2026."""
        market = Marketplace.in_memory(self.currency, clock=ManualClock(SAMPLE_DAY), ids=CountingIds())
        self.fill(market)
        return market

    def fill(self, market: Marketplace) -> None:
        """Store it in an empty market on any store.

        Raises:
            UniqueViolation: Something of it is there already.
        """
        operator = market.as_operator()
        with market.store.begin(operator) as unit:
            for kind, values in self._list_records():
                if values:
                    unit.repository(kind).add_many(values)
            unit.commit()
        for offer, pieces in self.stock.items():
            market.stock.count(offer, pieces, scope=operator)

    def _list_records(self) -> tuple[tuple[Kind[Any], tuple[Any, ...]], ...]:
        return (
            (MERCHANTS, self.merchants),
            (SKUS, self.skus),
            (PRICE_SCHEDULES, self.schedules),
            (OFFERS, self.offers),
            (TAX_RULES, self.taxes),
            (SHIPPING_FEES, self.fees),
            (COMMISSION_RULES, self.commissions),
            (PROMOTIONS, self.promotions),
        )
