"""What a simulated market sells, and what a naive shopkeeper counts of it."""

from collections import Counter
from collections.abc import Mapping
from decimal import Decimal

from mktcore.catalog import Sku
from mktcore.delivery.shipping_fee import ShippingFee
from mktcore.money import Money
from mktcore.offers import Offer
from mktcore.parties.organisations.merchant import Merchant
from mktcore.pricing import PriceBreak, PriceSchedule
from mktcore.taxes.tax_rule import TaxRule
from mktcore.testing.market_sample import MarketSample

__all__ = ["GOODS", "NaiveShelf", "make_sample"]

GOODS: Mapping[str, tuple[str, str, int]] = {
    "lens": ("acme", "19.99", 12),
    "case": ("acme", "3.33", 9),
    "book": ("bolt", "45.51", 8),
    "map": ("bolt", "0.07", 40),
}
"""By SKU, which is the offer's name too: merchant, price, pieces on hand at first."""
FREIGHT = Money.of("4.90", "EUR")


def make_sample() -> MarketSample:
    """Return a market of two merchants that sells a few pieces of each, with taxes, freight and no promotion."""
    money = {name: Money.of(price, "EUR") for name, (_, price, _) in GOODS.items()}
    return MarketSample(
        [Merchant("acme", "Acme"), Merchant("bolt", "Bolt")],
        skus=[Sku(name, name.title(), tax_category="books" if name == "book" else "goods") for name in GOODS],
        schedules=[PriceSchedule(name, GOODS[name][0], [PriceBreak(1, price)]) for name, price in money.items()],
        offers=[Offer(name, merchant, name, schedule=name) for name, (merchant, _, _) in GOODS.items()],
        stock={name: pieces for name, (_, _, pieces) in GOODS.items()},
        taxes=[
            TaxRule("goods", "goods", "VAT", rate=Decimal("0.19")),
            TaxRule("books", "books", "VAT", rate=Decimal("0.07")),
        ],
        fees=[ShippingFee("acme", FREIGHT, tax_category="goods")],
    )


class NaiveShelf:
    """Pieces on hand and reserved, counted by hand: `"lens on hand"`, `"lens reserved"`."""

    def __init__(self) -> None:
        """Count what is there at first."""
        self.counted = Counter({f"{name} on hand": pieces for name, (_, _, pieces) in GOODS.items()})

    def count_free(self, name: str, moved: Mapping[str, int]) -> int:
        """Return the pieces that can be sold, after what orders moved."""
        there = self.add(moved)
        return there[f"{name} on hand"] - there[f"{name} reserved"]

    def add(self, moved: Mapping[str, int]) -> Counter[str]:
        """Return all that is counted, after what orders moved."""
        total = Counter(self.counted)
        for name, change in moved.items():
            total[name] += change
        return total
