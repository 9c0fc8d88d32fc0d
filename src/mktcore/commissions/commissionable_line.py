"""What commission is calculated of: lines and charges of orders, with all that rules may ask of them."""

from collections.abc import Mapping
from enum import StrEnum

import attrs

from mktcore.commissions.derived_bases import DerivedBases
from mktcore.commissions.fee_tax import NO_FEE_TAX, FeeTax
from mktcore.commissions.fee_terms import CommissionBase
from mktcore.errors import InvalidValue
from mktcore.money import CurrencyMismatch, Money

__all__ = ["NO_SALE", "CommissionLine", "LineNature", "SaleFacts"]


class LineNature(StrEnum):
    """What a line of the calculation is in the order."""

    GOODS = "goods"
    FREIGHT = "freight"


@attrs.frozen(kw_only=True)
class SaleFacts:
    """What is true of all that one merchant sells in an order.

    Attributes:
        channel: The sales channel; None where there is none.
        groups: The user groups of the buyer's user.
        merchant_attributes: What the operator noted of the merchant: `{"state": "SP"}`.
        stated: What its lines cost together, as prices are stated, before reductions.
        merchant_order: Id of the merchant order that it becomes.
        fee_tax: The tax that the merchant's fees bear.
        volume: What it sold before in the period, in minor units, by the id of the rule that counts it.
    """

    channel: str | None = None
    groups: tuple[str, ...] = ()
    merchant_attributes: Mapping[str, str] = attrs.field(factory=dict, hash=False)
    stated: Money | None = None
    merchant_order: str = ""
    fee_tax: FeeTax = NO_FEE_TAX
    volume: Mapping[str, int] = attrs.field(factory=dict, hash=False)


NO_SALE = SaleFacts()
"""A sale of which nothing is known but its lines."""


@attrs.frozen
class CommissionLine:
    """What the calculation needs to know of an order line, or of a charge beside the lines.

    Attributes:
        key: The line's or the charge's key.
        merchant: Who sold it.
        category: The category of the goods: the SKU's, or its product's.
        quantity: Pieces sold.
        net: The line after the reductions its merchant bears, tax excluded.
        gross: What the buyer pays for the line, tax included.
        nature: Goods, or freight.
        stated: The line before reductions, as prices are stated; as `gross` where it is not given.
        figures: Other amounts that rules may take a base from; `net` or `gross` stand for those that are missing.
        sku: The SKU.
        ancestors: The categories that the category lies in.
        brand: The brand of the goods.
        attributes: Attributes of the goods.
        sale: What is true of the whole sale.
    """

    key: str
    merchant: str
    category: str = ""
    quantity: int = attrs.field(kw_only=True)
    net: Money = attrs.field(kw_only=True)
    gross: Money = attrs.field(kw_only=True)
    nature: LineNature = attrs.field(default=LineNature.GOODS, kw_only=True)
    stated: Money = attrs.field(default=attrs.Factory(lambda line: line.gross, takes_self=True), kw_only=True)
    figures: Mapping[CommissionBase, Money] = attrs.field(factory=dict, hash=False, kw_only=True)
    sku: str = attrs.field(default="", kw_only=True)
    ancestors: tuple[str, ...] = attrs.field(default=(), kw_only=True)
    brand: str = attrs.field(default="", kw_only=True)
    attributes: Mapping[str, str] = attrs.field(factory=dict, hash=False, kw_only=True)
    sale: SaleFacts = attrs.field(default=NO_SALE, kw_only=True)

    def __attrs_post_init__(self) -> None:
        if type(self.quantity) is not int or self.quantity < 1:
            raise InvalidValue("CommissionLine", "quantity", self.quantity, "a whole number above zero")
        # Of one line's totals they are of its currency, and to look would mean to work out what nobody asked for.
        given = () if isinstance(self.figures, DerivedBases) else self.figures.values()
        for amount in (self.gross, self.stated, *given):
            if amount.currency != self.net.currency:
                raise CurrencyMismatch(self.net.currency.code, amount.currency.code)

    def find_base(self, base: CommissionBase) -> Money:
        """Return the amount that a percentage is taken of."""
        found = self.figures.get(base)
        return found if found is not None else self.gross if base.is_gross else self.net

    def list_categories(self) -> tuple[str, ...]:
        """Return the category and all that it lies in; `photo/cameras` lies in `photo`."""
        own = self.category
        if "/" not in own:
            return (own, *self.ancestors)
        parts = own.split("/")
        return (own, *("/".join(parts[:size]) for size in range(len(parts) - 1, 0, -1)), *self.ancestors)

    def lies_in(self, category: str) -> bool:
        """Tell whether the goods are of a category, or of one below it; `photo/cameras` lies in `photo`."""
        own = self.category
        return own == category or category in self.ancestors or own.startswith(f"{category}/")
