"""Carts: what a buyer wants."""

from collections.abc import Iterable
from typing import TypedDict, Unpack

import attrs

from mktcore.errors import InvalidValue
from mktcore.extra import NO_EXTRA, Extra
from mktcore.ids import check_id
from mktcore.money import Money
from mktcore.payments import Payment
from mktcore.persistence import Scope
from mktcore.totals import Expense, Reduction

__all__ = ["Cart", "CartLine"]

MAX_QUANTITY = 10**9
MAX_LINE_KEY = 60


@attrs.frozen
class CartLine:
    """So many pieces of a SKU.

    Attributes:
        key: Names the line inside the cart, in 60 characters at most; issues and the order's lines carry it.
        sku: What is wanted.
        quantity: Pieces, 1 to 1,000,000,000.
        offer: Whose; None lets the buy box choose.
        options: Keys of the chosen options; the price schedule knows what they add to the price.
        agreed: The most that the buyer agreed to pay for one price unit, as a simulation showed it; a price that rose
            above it is an issue. None agrees to whatever the price is.
        extra: The host's own data; the order's line keeps it as it was placed.
    """

    key: str
    sku: str
    quantity: int = 1
    offer: str | None = None
    options: tuple[str, ...] = ()
    agreed: Money | None = None
    extra: Extra = NO_EXTRA

    def __attrs_post_init__(self) -> None:
        check_id("cart line", self.key)
        check_id("SKU", self.sku)
        if self.offer is not None:
            check_id("offer", self.offer)
        if len(self.key) > MAX_LINE_KEY:
            raise InvalidValue("CartLine", "key", self.key, f"{MAX_LINE_KEY} characters at most")
        if type(self.quantity) is not int or not 1 <= self.quantity <= MAX_QUANTITY:
            raise InvalidValue("CartLine", "quantity", self.quantity, f"a whole number from 1 to {MAX_QUANTITY}")

    def view_for(self, scope: Scope) -> "CartLine":
        """Return what the caller may see of the host's data."""
        return attrs.evolve(self, extra=self.extra.shown_to(scope.caller.party)) if not self.extra.is_empty() else self


class CartContext(TypedDict, total=False):
    """For whom and where a cart is priced; see `Cart`."""

    user: str | None
    groups: tuple[str, ...]
    channel: str | None
    codes: tuple[str, ...]
    agreed_total: Money | None
    extra: Extra


@attrs.frozen
class Cart:
    """What a buyer wants, with the charges, reductions and payments that the host has agreed on for it.

    Attributes:
        id: The host's id of it; a cart becomes one order at most.
        buyer: Who buys.
        lines: What is wanted; keys differ.
        shipping: Shipping quoted from outside; a merchant with an entry is not charged its own shipping fee.
        expenses: Other charges given from outside: gift wrap, a service fee.
        reductions: Reductions given from outside, in the order they apply.
        payments: Means of payment; when there are any, they must sum to the grand total.
        sold_by: The merchant that the order goes to, which takes only its offers; None for the operator, whose orders
            take any offer, each line being its offer's merchant's. An order keeps what it was placed with.
        user: The user who buys for the buyer, where the host knows one.
        groups: The user groups that the user is in, as the host knows them: prices may be for them only.
        channel: The sales channel.
        codes: The coupon codes that the buyer entered.
        agreed_total: The most that the buyer agreed to pay in all, as a simulation showed it; a grand total that rose
            above it is an issue. None agrees to whatever it is. See `Simulation.to_agreed`.
        extra: The host's own data; the order keeps it as it was placed.
    """

    id: str
    buyer: str
    lines: tuple[CartLine, ...]
    shipping: tuple[Expense, ...] = ()
    expenses: tuple[Expense, ...] = ()
    reductions: tuple[Reduction, ...] = ()
    payments: tuple[Payment, ...] = ()
    sold_by: str | None = None
    user: str | None = None
    groups: tuple[str, ...] = ()
    channel: str | None = None
    codes: tuple[str, ...] = ()
    agreed_total: Money | None = None
    extra: Extra = NO_EXTRA

    def __attrs_post_init__(self) -> None:
        check_id("cart", self.id)
        check_id("buyer", self.buyer)
        for field in ("lines", "shipping", "expenses", "reductions", "payments"):
            if type(getattr(self, field)) is not tuple:
                raise InvalidValue(
                    "Cart", field, type(getattr(self, field)).__name__, "a tuple; Cart.of takes any iterable"
                )
        if self.sold_by is not None:
            check_id("merchant", self.sold_by)
        keys = [line.key for line in self.lines]
        if len(set(keys)) < len(keys):
            twice = sorted({key for key in keys if keys.count(key) > 1})
            raise InvalidValue("Cart", "lines", twice, "each line has a key of its own")

    @classmethod
    def of(
        cls,
        id: str,  # noqa: A002 - the field's name
        *,
        buyer: str,
        lines: Iterable[CartLine],
        shipping: Iterable[Expense] = (),
        expenses: Iterable[Expense] = (),
        reductions: Iterable[Reduction] = (),
        payments: Iterable[Payment] = (),
        sold_by: str | None = None,
        **asked: Unpack[CartContext],
    ) -> "Cart":
        """Build a cart from any iterables.

        >>> cart = Cart.of("cart-1", buyer="buyer-1", lines=[CartLine("l1", sku="camera", quantity=2)])
        >>> cart.lines[0].quantity
        2
        """
        charges = (tuple(shipping), tuple(expenses), tuple(reductions), tuple(payments))
        return cls(id, buyer, tuple(lines), *charges, sold_by, **asked)

    def is_empty(self) -> bool:
        """Tell whether nothing is wanted."""
        return not self.lines

    def without_charges(self) -> "Cart":
        """Return the same wants without charges, reductions and payments."""
        return attrs.evolve(self, shipping=(), expenses=(), reductions=(), payments=())

    def view_for(self, scope: Scope) -> "Cart":
        """Return what the caller may see of the host's data."""
        lines = tuple(line.view_for(scope) for line in self.lines)
        return attrs.evolve(self, lines=lines, extra=self.extra.shown_to(scope.caller.party))

    def check_extra(self, scope: Scope) -> None:
        """Let a caller pass who may write the host's data that the cart and its lines carry.

        Raises:
            ExtraRefused: A part is none that the caller is shown.
        """
        party = scope.caller.party
        for extra in (self.extra, *(line.extra for line in self.lines)):
            extra.keep_hidden(NO_EXTRA, party)
