"""What was bought: lines and charges, copied at placement; of these, only what is undone of their figures changes."""

import attrs

from mktcore.addresses import Address
from mktcore.errors import InvalidValue
from mktcore.extra import NO_EXTRA, Extra
from mktcore.goods import Measure
from mktcore.money import Money
from mktcore.pricing.price_mode import EnteredPrice
from mktcore.promotions.gift_grounds import GiftGround
from mktcore.totals import Expense, ExpenseTotals, LineTotals, Option, TaxRate

__all__ = ["LineSource", "OrderExpense", "OrderLine"]


@attrs.frozen
class LineSource:
    """Where pieces of a line come from.

    Attributes:
        item: Id of the stock item.
        reservation: Id of the reservation of it.
        quantity: Pieces.
        part: Id of the offer whose stock it is, for a part of a kit; empty for an offer with stock of its own.
        per: Pieces of the item in one piece of the line.
    """

    item: str
    reservation: str
    quantity: int
    part: str = ""
    per: int = 1


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
        reservation: Id of its stock reservation; the first one, where it comes from several stock items, and empty
            where its pieces are not counted.
        per: How many pieces the unit price is for.
        options: The chosen options that changed the price.
        sources: The stock items it comes from, of its locations and of the parts of a kit; empty for an offer with
            neither, None in a buyer's view.
        extra: The host's own data, as the cart's line had it.
        product: Id of the product that the SKU is a variant of, or its own; empty on an order of an earlier release.
        chosen: Keys of all options that were chosen, those too that cost nothing.
        deliver_to: Where it goes, if elsewhere than the rest of the order.
        gift_of: The promotion whose gift it is; empty for what the buyer chose.
        gift_grounds: What the gift rests on; where the buyer cancels that, it is canceled with it. None for one that is
            kept.
        content: How much one piece is, as of cable by the decimetre; None where pieces are only counted, and on an
            order of an earlier release.
        issued: Whether its pieces are made once they are paid for.
        entered: The price as its merchant entered it, where that is with tax and orders are without, or the other way
            round; None where `unit_price` is it.
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
    content: Measure | None = None
    issued: bool = False
    entered: EnteredPrice | None = None
    gift_grounds: tuple[GiftGround, ...] = ()

    def measure(self, pieces: int) -> Measure | None:
        """Return how much so many pieces of it are; None where they are only counted."""
        return None if self.content is None else self.content * pieces

    def list_sources(self) -> tuple[LineSource, ...]:
        """Return what its pieces come from, in the order in which they leave.

        Raises:
            InvalidValue: In a buyer's view, which does not tell.
        """
        if self.sources is None:
            raise InvalidValue("OrderLine", "sources", None, "shown to this caller")
        if not self.reservation:
            return ()
        # Without locations there is one source, and all of it is on the line already.
        return self.sources or (LineSource(self.offer, self.reservation, self.quantity),)

    def group_sources(self) -> tuple[tuple[LineSource, ...], ...]:
        """Return what its pieces come from, by the part of a kit: of each, so many pieces leave for one of the line.

        Raises:
            InvalidValue: In a buyer's view, which does not tell.
        """
        groups: dict[str, list[LineSource]] = {}
        for source in self.list_sources():
            groups.setdefault(source.part, []).append(source)
        return tuple(tuple(group) for group in groups.values())


@attrs.frozen
class OrderExpense:
    """A charge beside the lines, with its figures."""

    expense: Expense
    totals: ExpenseTotals

    def without_bearers(self) -> "OrderExpense":
        """Return it as a buyer is shown it: not who bears what was taken off it."""
        return attrs.evolve(self, totals=self.totals.without_bearers())
