"""A small market made by hand, for what depends on goods, options, several lines or rounding."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from markets import NOON
from mktcore.carts import Cart, CartLine, Simulation
from mktcore.catalog import Product, Sku
from mktcore.marketplace import Marketplace
from mktcore.money.amount import Money
from mktcore.offers import Offer
from mktcore.parties import MERCHANTS, Merchant
from mktcore.pricing import PriceBreak, PriceSchedule
from mktcore.taxes import TAX_RULES, TaxRule
from mktcore.testing.fakes import CountingIds, ManualClock

__all__ = ["add_goods", "eur", "open_shop", "sell", "simulate"]


def eur(amount: str) -> Money:
    return Money.of(amount, "EUR")


def open_shop(*, taxes: Iterable[tuple[str, str]] = (), **settings: Any) -> Marketplace:
    """Return a market of acme and bolt, with these rates of VAT by tax category."""
    market = Marketplace.in_memory("EUR", clock=ManualClock(NOON), ids=CountingIds(), **settings)
    with market.store.begin(market.as_operator()) as unit:
        unit.repository(MERCHANTS).add_many([Merchant("acme", "Acme"), Merchant("bolt", "Bolt")])
        unit.repository(TAX_RULES).add_many([TaxRule.of(name, "VAT", Decimal(rate)) for name, rate in taxes])
        unit.commit()
    return market


def add_goods(market: Marketplace, *goods: Product | Sku) -> None:
    for one in goods:
        if isinstance(one, Product):
            market.catalog.save_product(one, scope=market.as_operator())
        else:
            market.catalog.save_sku(one, scope=market.as_operator())


def sell(
    market: Marketplace,
    offer: str,
    sku: str,
    breaks: dict[int, str],
    *,
    offered: dict[str, Any] | None = None,
    **more: Any,
) -> None:
    """Let the merchant that the offer's id begins with sell a SKU, of which there is plenty, at these breaks."""
    merchant = offer.split("-", maxsplit=1)[0]
    scope, stock = market.as_merchant(merchant), more.pop("stock", 100)
    priced = [PriceBreak(quantity, eur(price)) for quantity, price in breaks.items()]
    market.prices.save_schedule(PriceSchedule(offer, merchant, priced, **more), scope=scope)
    market.offers.save(Offer(offer, merchant, sku, schedule=offer, **(offered or {})), scope=scope)
    market.stock.count(offer, stock, scope=scope)


def simulate(market: Marketplace, *lines: CartLine, **more: Any) -> Simulation:
    return market.simulate(Cart.of("cart-1", buyer="ann", lines=lines, **more), scope=market.as_operator())
