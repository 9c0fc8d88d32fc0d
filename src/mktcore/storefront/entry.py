"""What a storefront shows of a SKU: the leading offer with its price, whether it can be had, and who else sells it."""

from enum import StrEnum

import attrs

from mktcore.carts.shown_issues import show_issue
from mktcore.catalog import Sku
from mktcore.catalog.inherited_goods import GoodsNature
from mktcore.explain import Explanation
from mktcore.money import Money
from mktcore.offers import BuyBox, OfferCandidate
from mktcore.persistence import Party, Scope
from mktcore.pricing import PriceResolution
from mktcore.sales_context import VISITOR, SalesContext

__all__ = ["Availability", "StorefrontEntry", "StorefrontPage"]


class Availability(StrEnum):
    """Whether a SKU can be had now."""

    IN_STOCK = "in-stock"
    BACK_ORDER = "back-order"
    """It can be ordered, and is not on hand."""
    SOLD_OUT = "sold-out"
    """Somebody sells it at a price, and has none left."""
    UNAVAILABLE = "unavailable"
    """Nobody sells it now; the alternatives say why."""


@attrs.frozen
class StorefrontEntry:
    """A SKU as one caller is shown it, over all sellers.

    Attributes:
        sku: The SKU.
        nature: What it is: what it does not say itself, its product says.
        box: The choice among its offers; who is not sold here at all is not among the candidates.
        quantity: The pieces that were asked for: one, or the least that some offer is sold in.
        context: For whom it was made.
    """

    sku: Sku
    nature: GoodsNature
    box: BuyBox
    quantity: int = attrs.field(default=1, kw_only=True)
    context: SalesContext = attrs.field(default=VISITOR, kw_only=True)

    @property
    def lead(self) -> OfferCandidate | None:
        """The offer that a cart's line would get which names none; None where nothing can be had now."""
        return self.box.winner

    @property
    def price(self) -> PriceResolution | None:
        """The leading offer's price."""
        return None if self.lead is None else self.lead.price

    @property
    def list_price(self) -> Money | None:
        """What the leading offer says that a piece costs elsewhere, to be struck through."""
        return None if self.lead is None else self.lead.offer.list_price

    @property
    def alternatives(self) -> tuple[OfferCandidate, ...]:
        """The other offers in the order of preference, those that cannot serve last."""
        return tuple([one for one in self.box.candidates if one is not self.lead])

    @property
    def merchants(self) -> tuple[str, ...]:
        """Who sells it, sorted; also who cannot serve now."""
        return tuple(sorted({one.offer.merchant for one in self.box.candidates}))

    @property
    def availability(self) -> Availability:
        """Whether it can be had now."""
        if self.lead is not None:
            return Availability.BACK_ORDER if self.lead.is_backordered else Availability.IN_STOCK
        is_short = any(not one.refusals and one.price is not None for one in self.box.candidates)
        return Availability.SOLD_OUT if is_short else Availability.UNAVAILABLE

    def is_available(self) -> bool:
        """Tell whether it can be ordered now."""
        return self.lead is not None

    def view_for(self, scope: Scope) -> "StorefrontEntry":
        """Return what the caller may see: of offers nothing that is their merchants', of prices only what applies."""
        if scope.caller.party is Party.OPERATOR:
            return self
        shown = {id(one): _show(one, scope) for one in self.box.candidates}
        winner = None if self.lead is None else shown[id(self.lead)]
        return attrs.evolve(self, box=attrs.evolve(self.box, winner=winner, candidates=tuple(shown.values())))

    def explain(self) -> Explanation:
        """Say why this offer leads, and why at this price."""
        price = self.price
        parts = (self.box.explain(), *(() if price is None else (price.explain(),)))
        answer = self.availability.value if price is None else f"{price.unit_price}, {self.availability}"
        reason = "" if self.quantity == 1 else f"sold from {self.quantity} pieces on"
        return Explanation(f"{self.sku.name} ({self.sku.id})", answer, reason, parts)


def _show(candidate: OfferCandidate, scope: Scope) -> OfferCandidate:
    price, unpriced = candidate.price, candidate.unpriced
    return attrs.evolve(
        candidate,
        offer=candidate.offer.view_for(scope),
        # A merchant is told no more of others' prices than anybody who looks into the shop.
        price=None if price is None else price.for_buyer(),
        unpriced=None if unpriced is None else show_issue(unpriced, scope),
    )


@attrs.frozen
class StorefrontPage:
    """A page of what a caller is shown, and where the next one starts (None after the last)."""

    items: tuple[StorefrontEntry, ...]
    next: str | None
