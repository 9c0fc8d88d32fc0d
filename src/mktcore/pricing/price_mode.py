"""Prices with tax beside prices without: what a price comes to in the mode in which it is asked for. Pure."""

from fractions import Fraction
from math import gcd

import attrs

from mktcore.money import Money, Rounding, round_ratio
from mktcore.totals import Option, TaxRate
from mktcore.totals.compute_taxes import find_shares

__all__ = ["EnteredPrice", "PriceMode", "RestatedPrice"]


@attrs.frozen
class EnteredPrice:
    """A price as its owner entered it, where that is not as it was asked for.

    Attributes:
        unit_price: What `per` pieces cost, a sale included.
        per: How many pieces it is for.
        includes_tax: Whether it contains its tax.
    """

    unit_price: Money
    per: int
    includes_tax: bool

    def __str__(self) -> str:
        price = self.unit_price if self.per == 1 else f"{self.unit_price} per {self.per}"
        return f"{price} {'with' if self.includes_tax else 'without'} tax"


@attrs.frozen
class RestatedPrice:
    """A price in another mode, exact: what is no whole number of minor units is stated per more pieces.

    Attributes:
        prices: The prices that were given, in their order, of `per` pieces each.
        per: How many pieces they are for.
        options: The options with their mark-ups in that mode; what is added once to a line is rounded.
    """

    prices: tuple[Money, ...]
    per: int
    options: tuple[Option, ...]


@attrs.frozen
class PriceMode:
    """How prices are asked for: with tax or without, and which taxes are on the goods where they go.

    >>> from decimal import Decimal
    >>> with_tax = PriceMode(True, (TaxRate("VAT", Decimal("0.19")),), Rounding.HALF_UP)
    >>> with_tax.restate([Money.of("10.00", "EUR")], per=1, entered_with_tax=False)
    RestatedPrice(prices=(Money.of('11.90', 'EUR'),), per=1, options=())

    Attributes:
        includes_tax: Whether they contain their tax.
        tax_rates: The taxes on the goods; none where they are not taxed.
        rounding: How a mark-up that is added once to a line is rounded; nothing else ever is.
    """

    includes_tax: bool
    tax_rates: tuple[TaxRate, ...]
    rounding: Rounding

    def find_ratio(self, entered_with_tax: bool | None) -> Fraction:
        """Return what a price that was entered with tax, or without, is multiplied by; None is as it is asked for."""
        if entered_with_tax is None or entered_with_tax is self.includes_tax:
            return Fraction(1)
        # Whoever owes a tax to the authority itself (reverse charge) pays net in either mode: totals strip the price.
        shares = find_shares(self.tax_rates, included=False)
        with_tax = 1 + sum([Fraction(one.numerator, one.denominator) for one in shares], Fraction(0))
        return with_tax if self.includes_tax else 1 / with_tax

    def restate(
        self, prices: list[Money], *, per: int, entered_with_tax: bool | None, options: tuple[Option, ...] = ()
    ) -> RestatedPrice:
        """Return prices of one schedule in this mode; the totals' profile rounds what they come to, and nothing before.

        Args:
            prices: What `per` pieces cost as entered.
            per: How many pieces they are for.
            entered_with_tax: How they were entered; None for as the marketplace states its prices.
            options: Chosen options of the schedule.
        """
        ratio = self.find_ratio(entered_with_tax)
        if ratio == 1:
            return RestatedPrice(tuple(prices), per, options)
        top, bottom = ratio.numerator, ratio.denominator
        marked = [one.mark_up.minor for one in options if one.mark_up is not None and not one.once]
        # 0.99 with 19 % is 1.1781: 117.81 for a hundred pieces. Of 10.00 it is 11.90 for one.
        shared = gcd(bottom, *[price.minor * top for price in prices], *[minor * top for minor in marked])

        def scale(price: Money) -> Money:
            return Money.from_minor(price.minor * top // shared, price.currency)

        def scale_option(one: Option) -> Option:
            if one.mark_up is None:
                return one
            if not one.once:
                return attrs.evolve(one, mark_up=scale(one.mark_up))
            minor = round_ratio(one.mark_up.minor * top, bottom, self.rounding)
            return attrs.evolve(one, mark_up=Money.from_minor(minor, one.mark_up.currency))

        scaled = tuple([scale_option(one) for one in options])
        return RestatedPrice(tuple([scale(price) for price in prices]), per * (bottom // shared), scaled)
