"""What a price book answers: a price, or why there is none."""

from datetime import datetime
from fractions import Fraction
from typing import ClassVar, Protocol

import attrs

from mktcore.errors import ErrorCategory, MktcoreError
from mktcore.explain import Explanation
from mktcore.money import Money
from mktcore.notice import Notice
from mktcore.pricing.precedence import PriceRule
from mktcore.pricing.price_mode import EnteredPrice
from mktcore.pricing.price_query import PriceQuery
from mktcore.totals import Line, Option
from mktcore.totals.line_amounts import exact_unit_amount

__all__ = ["NoPrice", "PriceResolution", "Unpriced"]


class _Explains(Protocol):
    """The price book that answered: it decides again, with reasons, when somebody asks."""

    def explain(self, query: PriceQuery, *, now: datetime, to_buyer: bool = False) -> Explanation: ...


@attrs.frozen
class _BuyersBook:
    """The book as a buyer asks it: it is told of no price that it cannot have now."""

    book: _Explains

    def explain(self, query: PriceQuery, *, now: datetime, to_buyer: bool = True) -> Explanation:
        return self.book.explain(query, now=now, to_buyer=to_buyer)


@attrs.frozen
class PriceResolution:
    """The price that applies.

    Attributes:
        unit_price: What `per` pieces cost, a sale included.
        schedule: Id of the price schedule it comes from.
        rule: Under which rule that schedule won.
        break_quantity: The quantity from which this price holds.
        per: How many pieces the unit price is for.
        regular_price: The price without the sale; the same as `unit_price` when there is none.
        is_ambiguous: Another schedule had the same right, and lost by its id only.
        options: The chosen options that change the price.
        query: What was asked.
        at: For which instant.
        entered: The price as its merchant entered it, where that is with tax and it was asked for without, or the other
            way round; None where it is the same.
    """

    unit_price: Money
    schedule: str
    rule: PriceRule
    break_quantity: int
    per: int
    regular_price: Money
    is_ambiguous: bool
    options: tuple[Option, ...]
    query: PriceQuery
    at: datetime
    # Not a part of the value: two answers are equal whichever book gave them.
    _book: _Explains = attrs.field(repr=False, eq=False)
    entered: EnteredPrice | None = None

    @property
    def quantity(self) -> int:
        """The pieces on the line it was asked for."""
        return self.query.quantity

    @property
    def exact_unit_minor(self) -> Fraction:
        """What one piece costs with its options, in minor units and unrounded: for comparing prices."""
        if self.per == 1 and not self.options:
            return Fraction(self.unit_price.minor)
        query = self.query
        return exact_unit_amount(Line(query.sku, query.merchant, self.unit_price, per=self.per, options=self.options))

    def for_buyer(self) -> "PriceResolution":
        """Return it as a buyer is shown it: its explanation leaves out prices and sales that do not apply now."""
        return attrs.evolve(self, book=_BuyersBook(self._book))

    def explain(self) -> Explanation:
        """List every candidate, the rule it falls under, and why it won or lost; computed only now."""
        return self._book.explain(self.query, now=self.at)


@attrs.frozen
class Unpriced:
    """No price applies: it can be seen, and not be ordered like this.

    Attributes:
        notice: Why, and what would help: `"no-price"`, or `"quantity-refused"` when another quantity has one.
        query: What was asked.
        at: For which instant.
    """

    notice: Notice
    query: PriceQuery
    at: datetime = attrs.field(kw_only=True)
    _book: _Explains = attrs.field(repr=False, eq=False, kw_only=True)

    def for_buyer(self) -> "Unpriced":
        """Return it as a buyer is shown it, as a price is."""
        return attrs.evolve(self, book=_BuyersBook(self._book))

    def explain(self) -> Explanation:
        """List every candidate, and why it lost; computed only now."""
        return self._book.explain(self.query, now=self.at)


@attrs.define(eq=False, slots=False)
class NoPrice(MktcoreError):
    """There is no price for what was asked; `unpriced` says why."""

    error_category: ClassVar[ErrorCategory] = ErrorCategory.REFUSED
    code: ClassVar[str] = "pricing.no-price"
    remedy: ClassVar[str] = "ask find() where a product may be without a price"
    unpriced: Unpriced

    def describe(self) -> str:
        """Say why, and what would help."""
        return f"{self.unpriced.notice.message}: {self.unpriced.notice.remedy}"
