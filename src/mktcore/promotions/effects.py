"""What a promotion does to the lines it is for: effects as data."""

from decimal import Decimal

import attrs

from mktcore.errors import InvalidValue
from mktcore.ids import check_id
from mktcore.money import CurrencyMismatch, Money
from mktcore.promotions.line_filter import LineFilter
from mktcore.promotions.piece_selection import Which
from mktcore.totals.inputs import Basis

__all__ = ["AmountOff", "BuyXGetY", "CheapestFree", "Effect", "FixedPrice", "Gift", "PercentOff", "ShippingOff"]


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
    """A fraction of each line.

    Attributes:
        percent: The fraction.
        basis: Of what the promotions before it left, or of the original price: 20 % and 10 % are then 30 %.
    """

    percent: Decimal
    basis: Basis = attrs.field(default=Basis.REMAINING, kw_only=True)

    def __attrs_post_init__(self) -> None:
        _check_fraction("PercentOff", "percent", self.percent)


@attrs.frozen
class AmountOff:
    """An amount, spread over the lines by what they cost; at the level of lines, off each of them.

    Attributes:
        amount: How much.
        per_piece: Off each piece instead; what one piece costs less than that is not taken off others.
        every: As often as the lines cost so much before any reduction: 5.00 for every full 50.00; None for once.
    """

    amount: Money
    per_piece: bool = attrs.field(default=False, kw_only=True)
    every: Money | None = attrs.field(default=None, kw_only=True)

    def __attrs_post_init__(self) -> None:
        _check_positive("AmountOff", "amount", self.amount)
        if self.every is None:
            return
        _check_positive("AmountOff", "every", self.every)
        if self.every.currency != self.amount.currency:
            raise CurrencyMismatch(self.amount.currency.code, self.every.currency.code)
        if self.per_piece:
            raise InvalidValue("AmountOff", "every", self.every, "None beside an amount off each piece")

    def multiply(self, cost: int) -> Money:
        """Return what is taken off lines that cost so many minor units."""
        return self.amount if self.every is None else self.amount * (cost // self.every.minor)


@attrs.frozen
class FixedPrice:
    """Each piece costs this much, of `Sets` each set; what is cheaper already stays as it is."""

    price: Money

    def __attrs_post_init__(self) -> None:
        # Zero is a price too: the goods are a gift.
        if self.price.is_negative():
            raise InvalidValue("FixedPrice", "price", self.price, "zero or more")


@attrs.frozen
class BuyXGetY:
    """For every so many pieces bought, so many more cost less: the cheapest ones, unless it says otherwise.

    Attributes:
        buy: Pieces at their price.
        get: Pieces that cost less.
        percent: How much less, as a fraction; 1 makes them free.
        of: Which lines the pieces that cost less come from; None for the same as those bought. A line that counts as
            bought is not among them.
        times: How often at most in a part of the cart; None for any.
        which: Whether the cheapest pieces cost less, or the dearest.
    """

    buy: int
    get: int = 1
    percent: Decimal = Decimal(1)
    of: LineFilter | None = None
    times: int | None = None
    which: Which = attrs.field(default=Which.CHEAPEST, kw_only=True)

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
    """A fraction of the shipping charges, an amount off them, or a flat price for them.

    Which charges is the promotion's `charges` to say; all, unless it says so.

    Attributes:
        percent: A fraction of each; 1 ships free.
        amount: An amount instead, off them together.
        price: What they cost together instead; what is cheaper already stays as it is.
        per_charge: The amount or price is that of each charge.
    """

    percent: Decimal | None = None
    amount: Money | None = None
    price: Money | None = attrs.field(default=None, kw_only=True)
    per_charge: bool = attrs.field(default=False, kw_only=True)

    def __attrs_post_init__(self) -> None:
        if sum(given is not None for given in (self.percent, self.amount, self.price)) != 1:
            raise InvalidValue("ShippingOff", "amount", self.amount, "one of a percent, an amount and a price")
        if self.price is not None and self.price.is_negative():
            raise InvalidValue("ShippingOff", "price", self.price, "zero or more")
        if self.percent is not None:
            _check_fraction("ShippingOff", "percent", self.percent)
        if self.amount is not None:
            _check_positive("ShippingOff", "amount", self.amount)


@attrs.frozen
class Gift:
    """Pieces of a SKU that are added to the cart and cost nothing.

    A gift is a line of its own, `gift:` and the promotion's id. No other promotion sees or touches it.

    Attributes:
        sku: What is given.
        quantity: How many pieces.
        offer: Id of the offer it comes from; None lets the buy box choose, of a merchant's promotion among its own.
        is_kept: It stays although the buyer cancels the goods that earned it; otherwise it is canceled with them.
    """

    sku: str
    quantity: int = 1
    offer: str | None = None
    is_kept: bool = attrs.field(default=False, kw_only=True)

    def __attrs_post_init__(self) -> None:
        check_id("SKU", self.sku)
        _check_count("Gift", "quantity", self.quantity)
        if self.offer is not None:
            check_id("offer", self.offer)


Effect = PercentOff | AmountOff | FixedPrice | BuyXGetY | CheapestFree | ShippingOff | Gift
"""Any of the effects."""
