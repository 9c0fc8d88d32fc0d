"""What a merchant charges for shipping a merchant order."""

import attrs

from mktcore.access import Permission
from mktcore.errors import InvalidValue
from mktcore.ids import check_id
from mktcore.money import CurrencyMismatch, Money
from mktcore.persistence import Kind
from mktcore.persistence.text_column import text_column

__all__ = ["SHIPPING_FEES", "ShippingFee"]


@attrs.frozen
class ShippingFee:
    """A flat fee per merchant order, waived from a subtotal on.

    >>> fee = ShippingFee("acme", Money.of("4.90", "EUR"), free_from=Money.of("50.00", "EUR"))
    >>> print(fee.charge(Money.of("49.99", "EUR")), fee.charge(Money.of("50.00", "EUR")))
    4.90 EUR 0.00 EUR

    Attributes:
        id: The merchant's id: each merchant has one fee.
        amount: The fee, tax included or not as the marketplace's prices are.
        free_from: The merchant's subtotal from which shipping is free, or None.
        tax_category: Names the tax rates on the fee; empty when it is not taxed.
        after_promotions: Whether `free_from` asks for what promotions left of the subtotal.
        version: How often it was stored.
    """

    id: str
    amount: Money
    free_from: Money | None = None
    tax_category: str = attrs.field(default="", kw_only=True)
    after_promotions: bool = attrs.field(default=False, kw_only=True)
    version: int = attrs.field(default=0, kw_only=True)

    def __attrs_post_init__(self) -> None:
        # Named by its merchant: there is one fee for each, found without looking for it.
        check_id("merchant", self.id)
        if self.amount.is_negative():
            raise InvalidValue("ShippingFee", "amount", self.amount, "zero or more")
        if self.free_from is not None and self.free_from.currency != self.amount.currency:
            raise CurrencyMismatch(self.amount.currency.code, self.free_from.currency.code)

    @property
    def merchant(self) -> str:
        """Whose fee it is."""
        return self.id

    def charge(self, subtotal: Money) -> Money:
        """Return what shipping costs for a merchant order with this subtotal."""
        is_free = self.free_from is not None and subtotal >= self.free_from
        return Money.zero(self.amount.currency) if is_free else self.amount


SHIPPING_FEES = Kind(
    "shipping_fee", ShippingFee, columns={"tax_category": text_column("tax_category")}, reads=Permission.MARKET
)
