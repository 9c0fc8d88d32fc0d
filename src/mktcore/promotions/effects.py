"""What a promotion does to the lines it is for: effects as data."""

from decimal import Decimal

import attrs

from mktcore.errors import InvalidValue
from mktcore.money import Money
from mktcore.promotions.promotion_lines import LineFilter

__all__ = ["AmountOff", "BuyXGetY", "CheapestFree", "Effect", "FixedPrice", "PercentOff", "ShippingOff"]


def _check_fraction(kind: str, field: str, value: Decimal) -> None:
    # Above 1 is refused before all: 10 meant as 10 % would give everything away.
    if not isinstance(value, Decimal) or not 0 < value <= 1:
        raise InvalidValue(kind, field, value, "a Decimal above 0, 1 at most (10 % is 0.1)")


def _check_count(kind: str, field: str, value: int, *, least: int = 1) -> None:
    # By type: True is an int too, and would count as one.
    if type(value) is not int or value < least:
        raise InvalidValue(kind, field, value, f"a whole number, {least} or more")


def _check_positive(kind: str, field: str, value: Money) -> None:
    if not value.is_positive():
        raise InvalidValue(kind, field, value, "more than nothing")


@attrs.frozen
class PercentOff:
    """A fraction of what the reductions before it left of each line."""

    percent: Decimal

    def __attrs_post_init__(self) -> None:
        _check_fraction("PercentOff", "percent", self.percent)


@attrs.frozen
class AmountOff:
    """An amount, spread over the lines by what they cost; at the level of lines, off each of them."""

    amount: Money

    def __attrs_post_init__(self) -> None:
        _check_positive("AmountOff", "amount", self.amount)


@attrs.frozen
class FixedPrice:
    """Each piece costs this much; lines that are cheaper already stay as they are."""

    price: Money

    def __attrs_post_init__(self) -> None:
        # Zero is a price too: the goods are a gift.
        if self.price.is_negative():
            raise InvalidValue("FixedPrice", "price", self.price, "zero or more")


@attrs.frozen
class BuyXGetY:
    """For every so many pieces bought, so many more cost less: the cheapest ones.

    Attributes:
        buy: Pieces at their price.
        get: Pieces that cost less.
        percent: How much less, as a fraction; 1 makes them free.
        of: Which lines the pieces that cost less come from; None for the same as those bought. A line that counts as
            bought is not among them.
        times: How often at most in a part of the cart; None for any.
    """

    buy: int
    get: int = 1
    percent: Decimal = Decimal(1)
    of: LineFilter | None = None
    times: int | None = None

    def __attrs_post_init__(self) -> None:
        _check_count("BuyXGetY", "buy", self.buy)
        _check_count("BuyXGetY", "get", self.get)
        if self.times is not None:
            _check_count("BuyXGetY", "times", self.times)
        _check_fraction("BuyXGetY", "percent", self.percent)


@attrs.frozen
class CheapestFree:
    """Of every so many pieces the cheapest is free: of 3, three for the price of two.

    Attributes:
        of: How many pieces; 2 or more.
        times: How often at most in a part of the cart; None for any.
    """

    of: int
    times: int | None = None

    def __attrs_post_init__(self) -> None:
        # The cheapest of one piece is that piece: everything would be free.
        _check_count("CheapestFree", "of", self.of, least=2)
        if self.times is not None:
            _check_count("CheapestFree", "times", self.times)


@attrs.frozen
class ShippingOff:
    """A fraction of the shipping charges, or an amount off them together.

    Attributes:
        percent: A fraction of each; 1 ships free.
        amount: An amount instead.
    """

    percent: Decimal | None = None
    amount: Money | None = None

    def __attrs_post_init__(self) -> None:
        if (self.percent is None) == (self.amount is None):
            raise InvalidValue("ShippingOff", "amount", self.amount, "either a percent or an amount")
        if self.percent is not None:
            _check_fraction("ShippingOff", "percent", self.percent)
        if self.amount is not None:
            _check_positive("ShippingOff", "amount", self.amount)


Effect = PercentOff | AmountOff | FixedPrice | BuyXGetY | CheapestFree | ShippingOff
"""Any of the effects."""
