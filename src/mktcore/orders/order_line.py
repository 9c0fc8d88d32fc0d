"""What was bought: lines and charges, copied at placement; of these, only what is undone of their figures changes."""

import attrs

from mktcore.addresses import Address
from mktcore.errors import InvalidValue
from mktcore.extra import NO_EXTRA, Extra
from mktcore.money import Money
from mktcore.totals import Expense, ExpenseTotals, LineTotals, Option, TaxRate

__all__ = ["LineSource", "OrderExpense", "OrderLine"]


@attrs.frozen
class LineSource:
    """Where pieces of a line come from.

    Attributes:
        item: Id of the stock item.
        reservation: Id of the reservation of it.
        quantity: Pieces.
    """

    item: str
    reservation: str
    quantity: int


@attrs.frozen
class OrderLine:
    """What was bought, copied from the catalogue and the offer: later changes there do not reach it.

    Attributes:
        key: The cart line's key.
        sku: Id of the SKU.
        title: Its name at placement.
        category: Its category at placement.
        offer: Id of the offer, which is also its stock item's where the offer has no locations.
        schedule: Id of the price schedule the price came from.
        quantity: Pieces.
        unit_price: What one costs, tax included or not as the order's policy says.
        tax_rates: The rates that applied.
        totals: The line's figures: those as placed, and what was canceled and refunded since.
        reservation: Id of its stock reservation; the first one, where it comes from several locations.
        per: How many pieces the unit price is for.
        options: The chosen options that changed the price.
        sources: The locations it comes from; empty for an offer without locations, None in a buyer's view.
        extra: The host's own data, as the cart's line had it.
        product: Id of the product that the SKU is a variant of, or its own; empty on an order of an earlier release.
        chosen: Keys of all options that were chosen, those too that cost nothing.
        deliver_to: Where it goes, if elsewhere than the rest of the order.
        gift_of: The promotion whose gift it is; empty for what the buyer chose.
    """

    key: str
    sku: str
    title: str
    category: str
    offer: str
    schedule: str
    quantity: int
    unit_price: Money
    tax_rates: tuple[TaxRate, ...]
    totals: LineTotals
    reservation: str
    per: int = 1
    options: tuple[Option, ...] = ()
    sources: tuple[LineSource, ...] | None = ()
    extra: Extra = NO_EXTRA
    product: str = ""
    chosen: tuple[str, ...] = ()
    deliver_to: Address | None = None
    gift_of: str = ""

    def list_sources(self) -> tuple[LineSource, ...]:
        """Return what its pieces come from, in the order in which they leave.

        Raises:
            InvalidValue: In a buyer's view, which does not tell.
        """
        if self.sources is None:
            raise InvalidValue("OrderLine", "sources", None, "shown to this caller")
        # Without locations there is one source, and all of it is on the line already.
        return self.sources or (LineSource(self.offer, self.reservation, self.quantity),)


@attrs.frozen
class OrderExpense:
    """A charge beside the lines, with its figures."""

    expense: Expense
    totals: ExpenseTotals

    def without_bearers(self) -> "OrderExpense":
        """Return it as a buyer is shown it: not who bears what was taken off it."""
        return attrs.evolve(self, totals=self.totals.without_bearers())
