"""How prices of lines are stated: with tax or without, by the taxes on the goods where they go."""

from datetime import datetime

import attrs

from mktcore.addresses import Address
from mktcore.carts.cart import CartLine
from mktcore.carts.market_facts import MarketFacts
from mktcore.catalog.inherited_goods import GoodsNature
from mktcore.market_policy import MarketPolicy
from mktcore.money import Rounding
from mktcore.pricing.price_mode import PriceMode
from mktcore.totals import TaxRate

__all__ = ["StatedPrices"]

_Rates = dict[tuple[str, Address | None], tuple[TaxRate, ...]]


@attrs.frozen(eq=False)
class StatedPrices:
    """The tax rates of lines, each found once, and the mode in which their prices are asked for.

    Attributes:
        includes_tax: Whether the marketplace states prices with their tax.
        rounding: Its mode of rounding.
        deliver_to: Where the cart goes.
    """

    includes_tax: bool
    rounding: Rounding
    deliver_to: Address | None
    _rates: _Rates = attrs.field(init=False, factory=dict, repr=False)

    @classmethod
    def of(cls, policy: MarketPolicy, *, deliver_to: Address | None) -> "StatedPrices":
        """Return how a marketplace states the prices of a cart."""
        return cls(policy.prices_include_tax, policy.profile.mode, deliver_to)

    def find_rates(
        self, facts: MarketFacts, line: CartLine, nature: GoodsNature, *, now: datetime
    ) -> tuple[TaxRate, ...]:
        """Return a line's tax rates: one tuple for all lines alike, by which totals tell that they are."""
        key = (nature.tax_category, line.deliver_to or self.deliver_to)
        found = self._rates.get(key)
        if found is None:
            found = self._rates[key] = facts.find_rates(*key, now)
        return found

    def find_mode(self, facts: MarketFacts, line: CartLine, nature: GoodsNature, *, now: datetime) -> PriceMode | None:
        """Return the mode in which a line's price is asked for; None where every price is entered in it."""
        if not facts.prices.states_tax:
            return None
        return PriceMode(self.includes_tax, self.find_rates(facts, line, nature, now=now), self.rounding)
