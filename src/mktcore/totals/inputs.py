"""What totals are computed from: lines, reductions, expenses and tax rates, as plain frozen values.

They hold what they are given; `compute_totals` checks all of them together, so that a caller learns every problem at
once.
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from enum import Enum, StrEnum
from fractions import Fraction
from typing import Final

import attrs

from mktcore.money import InvalidNumber, Money
from mktcore.money.rounding import Number, to_ratio

__all__ = [
    "ALL",
    "Basis",
    "Expense",
    "Line",
    "LineSelection",
    "Option",
    "PinnedTax",
    "Reduction",
    "TaxOwner",
    "TaxRate",
    "TaxTreatment",
]


class TaxTreatment(Enum):
    """What a rate does to the amount it stands beside."""

    STANDARD = "standard"
    """It is charged. At rate 0 the amount is *zero-rated*: taxable, with a tax of zero that is reported."""
    EXEMPT = "exempt"
    """The amount is outside this tax: nothing is charged, and only its base is reported."""
    REVERSE_CHARGE = "reverse-charge"
    """The buyer owes it to the authority: an included price is stripped of the rate, and the buyer pays net."""


class TaxOwner(StrEnum):
    """Who owes a tax to the authority."""

    MERCHANT = "merchant"
    """Who sells: the tax is paid out to it with the price."""
    MARKETPLACE = "marketplace"
    """The marketplace, as laws on facilitators say: the tax is kept out of what the merchant is paid."""


@attrs.frozen(cache_hash=True)
class TaxRate:
    """One tax on a line or expense.

    >>> TaxRate("VAT", Decimal("0.19")).rate
    Decimal('0.19')

    Attributes:
        name: The tax: `"VAT"`, `"CA state"`. Figures are kept per name and rate.
        rate: A fraction: `Decimal("0.19")` for 19 %.
        compound: True puts it on top of the taxes before it in the same line; False adds it up beside them.
        treatment: Charged, exempt or reverse-charged.
        owner: Who owes it to the authority; no figure depends on it.
        is_sound: Whether name and rate are what they should be: looked at once, here, and not in each line that is
            taxed. What is not, `compute_totals` tells with every other problem.
    """

    name: str
    rate: Decimal
    compound: bool = False
    treatment: TaxTreatment = TaxTreatment.STANDARD
    owner: TaxOwner = attrs.field(default=TaxOwner.MERCHANT, kw_only=True)
    is_sound: bool = attrs.field(init=False, repr=False, eq=False)

    @is_sound.default
    def _find_soundness(self) -> bool:
        try:
            numerator, denominator = to_ratio(self.rate)
        except InvalidNumber:
            return False
        return isinstance(self.name, str) and bool(self.name) and 0 <= numerator <= denominator

    @classmethod
    def exempt(cls, name: str) -> "TaxRate":
        """Return the mark of an amount that is exempt from this tax."""
        return cls(name, Decimal(0), treatment=TaxTreatment.EXEMPT)

    @classmethod
    def reverse_charge(cls, name: str, rate: Decimal) -> "TaxRate":
        """Return a rate that the buyer owes to the authority; an included price is stripped of it."""
        return cls(name, rate, treatment=TaxTreatment.REVERSE_CHARGE)

    def to_request(self) -> Mapping[str, object]:
        """Return what tells it from others among requests that are remembered, by the names that were always used."""
        # Owners came later: a tax of the merchant's asks for what it always did.
        owner = {} if self.owner is TaxOwner.MERCHANT else {"owner": self.owner}
        plain = {"name": self.name, "rate": self.rate, "compound": self.compound, "treatment": self.treatment}
        return plain | owner


@attrs.frozen
class PinnedTax:
    """A tax amount that was decided outside, by a tax provider for example; it stands, and differences are listed.

    Attributes:
        name: Name of one of the line's tax rates.
        rate: Its rate.
        amount: The tax for the whole line or expense.
    """

    name: str
    rate: Decimal
    amount: Money


@attrs.frozen
class Option:
    """A chosen option that changes a line's price, by an amount or by a percentage of the unit price.

    Attributes:
        key: The option: `"engraving"`.
        mark_up: Added to the unit price (so per the same count); negative for an option that makes it cheaper.
        percent: A fraction of the unit price that is added to it.
        once: True adds `mark_up` once to the line, whatever the quantity.
    """

    key: str
    mark_up: Money | None = None
    percent: Decimal | None = None
    once: bool = False


@attrs.frozen
class Line:
    """What is bought: a unit price times a quantity.

    Attributes:
        key: Unique among the lines.
        merchant: Who sells it, as a key.
        unit_price: The price of `per` units, with tax or without as the whole computation says.
        quantity: How many; whole, zero or more.
        tax_rates: The taxes on it, in the order in which compound ones build on each other.
        per: How many units `unit_price` is for: USD 1.25 per 100 is a price below a cent.
        unit_multiplier: How much of the unit one piece is: `Decimal("0.35")` for pieces of 0.35 kg.
        options: Chosen options with their mark-ups.
        pinned_taxes: Tax amounts from outside, for some or all of `tax_rates`.
    """

    key: str
    merchant: str
    unit_price: Money
    quantity: int = 1
    tax_rates: tuple[TaxRate, ...] = ()
    per: int = 1
    unit_multiplier: Number = 1
    options: tuple[Option, ...] = ()
    pinned_taxes: tuple[PinnedTax, ...] = ()


@attrs.frozen
class Expense:
    """A charge that is not a line: shipping, a surcharge, a service fee.

    Attributes:
        key: Unique among the expenses.
        merchant: Whose it is; None for the marketplace's own.
        amount: Zero or more, with tax or without as the whole computation says.
        tax_rates: The taxes on it.
        pinned_taxes: Tax amounts from outside.
    """

    key: str
    merchant: str | None
    amount: Money
    tax_rates: tuple[TaxRate, ...] = ()
    pinned_taxes: tuple[PinnedTax, ...] = ()


class LineSelection(Enum):
    """A choice of targets without naming them."""

    ALL = "all"


ALL: Final = LineSelection.ALL
"""Every line, or every expense; together with a merchant, every one of that merchant's."""


class Basis(Enum):
    """What a reduction is measured against."""

    REMAINING = "remaining"
    """What the reductions before it left."""
    ORIGINAL = "original"
    """The amounts before any reduction."""


def _freeze(keys: Sequence[str] | LineSelection | None) -> Sequence[str] | LineSelection | None:
    # A single text is left alone, so that the check can tell it from a sequence of one-letter keys.
    return keys if keys is None or isinstance(keys, (tuple, LineSelection, str)) else tuple(keys)


_NO_SHARE = Fraction(0)
_REMAINING = Basis.REMAINING  # looking a member up on its class takes longer than comparing it


def _to_share(share: Number | None) -> Fraction | None:
    # What is no number of a sensible size is left alone, so that the check can name it with every other problem.
    if share is _NO_SHARE or share is None or type(share) is Fraction:
        return share
    try:
        return Fraction(*to_ratio(share))
    except InvalidNumber:
        return share  # type: ignore[return-value]  # refused by the check


@attrs.frozen
class Reduction:
    """A reduction of lines, expenses or both: a fixed amount spread over them, or a percentage of each.

    Without a target it is for all lines; with `merchant` for that merchant's lines; `lines` and `expenses` name them,
    or take `ALL`. With only `expenses` it leaves the lines alone.

    Attributes:
        key: Unique among the reductions.
        amount: What is taken off in all, spread by the targets' amounts: first to merchants, then to their lines.
        percent: A fraction of each target instead: `Decimal("0.1")` for 10 %.
        lines: Keys of lines, `ALL`, or None.
        merchant: Only this merchant's lines and expenses.
        expenses: Keys of expenses, `ALL`, or None.
        basis: Measured on what the former reductions left, or on the original amounts.
        cap: The most it takes off in all.
        cap_at_base: True clamps it to what is left of its targets; otherwise more than that is refused.
        merchant_share: The fraction that the merchants bear, 0 to 1; the marketplace bears the rest. None in the view
            of a buyer, who is not told: nothing is computed with that.
        single: The key of the one line it is for, where it is sound in itself and nothing but its amount or percent is
            set: such reductions are many, and computed without a second look.
        ratio: The percent of such a reduction as numerator and denominator; None for an amount.
    """

    key: str
    amount: Money | None = None
    percent: Decimal | None = None
    lines: Sequence[str] | LineSelection | None = attrs.field(default=None, converter=_freeze)
    merchant: str | None = None
    expenses: Sequence[str] | LineSelection | None = attrs.field(default=None, converter=_freeze)
    basis: Basis = Basis.REMAINING
    cap: Money | None = None
    cap_at_base: bool = False
    merchant_share: Fraction | None = attrs.field(default=_NO_SHARE, converter=_to_share)
    ratio: tuple[int, int] | None = attrs.field(init=False, repr=False, eq=False)
    single: str | None = attrs.field(init=False, repr=False, eq=False)

    @ratio.default
    def _find_ratio(self) -> tuple[int, int] | None:
        try:
            return None if self.percent is None else to_ratio(self.percent)
        except InvalidNumber:
            return None  # refused by the check

    @single.default
    def _find_single(self) -> str | None:
        lines, amount, ratio = self.lines, self.amount, self.ratio
        if (
            type(lines) is not tuple
            or len(lines) != 1
            or type(lines[0]) is not str
            or type(self.key) is not str
            or not self.key
            or self.merchant is not None
            or self.expenses is not None
            or self.cap is not None
            or self.basis is not _REMAINING
            or self.merchant_share != _NO_SHARE
        ):
            return None
        if ratio is None:
            is_sound = self.percent is None and type(amount) is Money and amount.minor >= 0
        else:
            is_sound = amount is None and 0 <= ratio[0] <= ratio[1]
        return lines[0] if is_sound else None
