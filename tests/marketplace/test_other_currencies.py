"""What is kept in another currency would silently apply to nothing: it is refused where it is written."""

from collections.abc import Callable
from decimal import Decimal

import pytest

from markets import NOON
from mktcore.catalog import Sku
from mktcore.marketplace import Marketplace
from mktcore.money import CurrencyMismatch
from mktcore.money.amount import Money
from mktcore.offers import Offer
from mktcore.parties import MERCHANTS, Agreement, Merchant
from mktcore.parties.agreements.agreement import CommissionTerms, DeliveryTerms
from mktcore.periods import Period
from mktcore.pricing import PriceBreak, PriceSchedule
from mktcore.testing.fakes import CountingIds, ManualClock

KEPT: dict[str, Callable[[Marketplace, Money], object]] = {
    "what a SKU usually costs": lambda market, amount: market.catalog.save_sku(
        Sku("vase", "Vase", price=amount), scope=market.as_operator()
    ),
    "what an offer costs elsewhere": lambda market, amount: market.offers.save(
        Offer("acme-lamp", "acme", "lamp", schedule="acme-lamp", list_price=amount), scope=market.as_merchant("acme")
    ),
    "a fee that is agreed on": lambda market, amount: market.agreements.sign(
        Agreement("a1", "acme", Period(NOON), commission=CommissionTerms(Decimal("0.1"), fixed=amount)),
        scope=market.as_operator(),
    ),
    "the most of freight that is agreed on": lambda market, amount: market.agreements.sign(
        Agreement("a1", "acme", Period(NOON), delivery=DeliveryTerms(max_freight=amount)), scope=market.as_operator()
    ),
}


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
