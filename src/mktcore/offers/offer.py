"""Offers: one merchant's terms for one SKU."""

from collections.abc import Iterable
from enum import StrEnum

import attrs

from mktcore.access.show_extra import show_extra
from mktcore.errors import InvalidValue
from mktcore.extra import NO_EXTRA, Extra
from mktcore.ids import MAX_OWN_ID_LENGTH, check_id, is_own_id
from mktcore.merchant_items.merchant_item import to_item_key
from mktcore.money import Money
from mktcore.offers.stock_item_id import LOCATED, to_stock_item_id
from mktcore.offers.stock_terms import OWN_STOCK, StockTerms
from mktcore.periods import ALWAYS, Period
from mktcore.persistence import Kind, Party, Scope
from mktcore.persistence.kinds import EVERY_USER, Several
from mktcore.stock.quantity import MAX_QUANTITY

__all__ = ["OFFERS", "Approval", "BackOrders", "Condition", "Offer", "to_sold_key"]


class Condition(StrEnum):
    """The state of the goods."""

    NEW = "new"
    REFURBISHED = "refurbished"
    USED = "used"


class Approval(StrEnum):
    """What the operator says of an offer; only an approved one is sold."""

    APPROVED = "approved"
    PENDING = "pending"
    DENIED = "denied"


class BackOrders(StrEnum):
    """Whether pieces may be promised that are not on hand."""

    ALLOWED = "allowed"
    """Up to the allowance that the merchant counted with the stock item."""
    REFUSED = "refused"
    """None, whatever the allowance is."""


def _to_locations(locations: Iterable[str]) -> tuple[str, ...]:
    return tuple(_check_several("locations", locations))


def _to_channels(channels: Iterable[str] | None) -> frozenset[str] | None:
    return None if channels is None else frozenset(_check_several("channels", channels))


def _check_several(field: str, texts: Iterable[str]) -> Iterable[str]:
    # One text would be taken letter by letter.
    if isinstance(texts, str):
        raise InvalidValue("Offer", field, texts, f"a sequence: [{texts!r}]")
    return texts


@attrs.frozen
class Offer:
    """A merchant sells a SKU: at which price schedule, in which condition, when, where, and how many.

    A merchant may have several offers for one SKU.

    Attributes:
        id: Its id.
        merchant: Who sells.
        sku: What.
        schedule: Id of a price schedule that the merchant owns; an offer holds no price of its own. Empty where it has
            none: it is sold at what is assigned to its SKU, or else to the product.
        condition: State of the goods.
        valid: When it can be bought.
        version: How often it was stored.
        list_price: What one piece costs elsewhere, for a struck-through price; nothing is computed with it.
        least_price: What one piece costs at least after all promotions, as its maker demands say, in the market's
            currency; None for nothing, and where it is another's.
        channels: The sales channels it is sold in; None for all.
        minimum: The least pieces an order takes of it.
        maximum: The most pieces an order takes of it; None for any number.
        multiple: Pieces in a pack: an order takes whole packs only.
        handling_days: Days from the order to handing over, for goods on hand.
        approval: What the operator says of it.
        backorders: Whether pieces may be promised that are not on hand.
        backorder_days: Days that pieces which are not on hand take longer.
        item: The merchant's own id of what it sells here, of which it has one offer; empty where nobody told.
        locations: Where its stock is, as the merchant calls it, the preferred first; empty for one place without a
            name.
        extra: The host's own data.
        stock: How an order draws on the stock behind it: whether it is counted, and which parts a kit is made of.
    """

    id: str
    merchant: str
    sku: str
    schedule: str = attrs.field(default="", kw_only=True)
    condition: Condition = attrs.field(default=Condition.NEW, kw_only=True)
    valid: Period = attrs.field(default=ALWAYS, kw_only=True)
    version: int = attrs.field(default=0, kw_only=True)
    list_price: Money | None = attrs.field(default=None, kw_only=True)
    least_price: Money | None = attrs.field(default=None, kw_only=True)
    channels: frozenset[str] | None = attrs.field(default=None, kw_only=True, converter=_to_channels)
    minimum: int = attrs.field(default=1, kw_only=True)
    maximum: int | None = attrs.field(default=None, kw_only=True)
    multiple: int = attrs.field(default=1, kw_only=True)
    handling_days: int = attrs.field(default=0, kw_only=True)
    approval: Approval = attrs.field(default=Approval.APPROVED, kw_only=True)
    backorders: BackOrders = attrs.field(default=BackOrders.ALLOWED, kw_only=True)
    backorder_days: int = attrs.field(default=0, kw_only=True)
    item: str = attrs.field(default="", kw_only=True)
    locations: tuple[str, ...] = attrs.field(default=(), kw_only=True, converter=_to_locations)
    extra: Extra = attrs.field(default=NO_EXTRA, kw_only=True)
    stock: StockTerms = attrs.field(default=OWN_STOCK, kw_only=True)

    def __attrs_post_init__(self) -> None:
        check_id("offer", self.id)
        _check_whole("minimum", self.minimum, 1)
        if self.maximum is not None:
            _check_whole("maximum", self.maximum, self.minimum)
        _check_whole("multiple", self.multiple, 1)
        if self.maximum is not None and self.round_up(self.minimum) > self.maximum:
            raise InvalidValue("Offer", "maximum", self.maximum, f"{self.round_up(self.minimum)} or more: whole packs")
        _check_whole("handling_days", self.handling_days, 0)
        _check_whole("backorder_days", self.backorder_days, 0)
        for field in ("list_price", "least_price"):
            price = getattr(self, field)
            if price is not None and price.is_negative():
                raise InvalidValue("Offer", field, price, "zero or more")
        if self.item and not is_own_id(self.item):
            raise InvalidValue("Offer", "item", self.item, f"{MAX_OWN_ID_LENGTH} printable characters at most")
        is_sound = all((is_own_id(place) or not place) and LOCATED not in place for place in self.locations)
        if len(set(self.locations)) < len(self.locations) or not is_sound:
            raise InvalidValue("Offer", "locations", self.locations, "each once, of printable characters without @")
        # With its location an id grows: it must still be one, before anybody counts pieces under it.
        for item in self.stock_items:
            check_id("stock item", item)

    @property
    def stock_items(self) -> tuple[str, ...]:
        """Ids of its stock items, the preferred location's first; without locations there is one, with its own id.

        >>> Offer("acme-camera", "acme", "camera", schedule="p1", locations=["berlin", "porto"]).stock_items
        ('acme-camera@berlin', 'acme-camera@porto')
        """
        if not self.locations:
            return (self.id,)
        return tuple([to_stock_item_id(self.id, place) for place in self.locations])

    def is_bounded(self) -> bool:
        """Tell whether it is not sold in any quantity."""
        return self.minimum > 1 or self.multiple > 1 or self.maximum is not None

    def round_up(self, quantity: int) -> int:
        """Return the fewest pieces, so many or more, that an order can take of it, whatever its maximum.

        >>> can = Offer("acme-can", "acme", "can", schedule="p1", minimum=48, multiple=24)
        >>> can.round_up(1), can.round_up(50)
        (48, 72)
        """
        return -(-max(quantity, self.minimum) // self.multiple) * self.multiple

    def view_for(self, scope: Scope) -> "Offer":
        """Return what the caller may see: others see no least price, nothing kept back, no host data."""
        extra = show_extra(self.extra, scope, merchant=self.merchant)
        caller = scope.caller
        is_told = caller.party is Party.OPERATOR or (caller.party is Party.MERCHANT and caller.id == self.merchant)
        least_price = self.least_price if is_told else None
        # Whoever is told what is kept back learns from "3 are left" how many there are.
        stock = self.stock if is_told or not self.stock.safety else attrs.evolve(self.stock, safety=None)
        if extra is self.extra and least_price is self.least_price and stock is self.stock:
            return self
        return attrs.evolve(self, extra=extra, least_price=least_price, stock=stock)


def _check_whole(field: str, value: object, lowest: int) -> None:
    if type(value) is not int or not lowest <= value <= MAX_QUANTITY:
        raise InvalidValue("Offer", field, value, f"a whole number from {lowest} to {MAX_QUANTITY}")


def to_sold_key(merchant: str, sku: str) -> str:
    """Return what a merchant's offers of a SKU are found by; two pairs may share it, as ids hold slashes."""
    return f"{merchant}/{sku}"


OFFERS = Kind(
    "offer",
    Offer,
    columns={
        "sku": lambda offer: offer.sku,
        "merchant": lambda offer: offer.merchant,
        "sold": lambda offer: to_sold_key(offer.merchant, offer.sku),
        "item": lambda offer: to_item_key(offer.merchant, offer.item) if offer.item else None,
        "approval": lambda offer: offer.approval,
        "condition": lambda offer: offer.condition,
        "schedule": lambda offer: offer.schedule or None,
    },
    # Kits are found by what they are made of: whatever happens to a part happens to them.
    several={"part": Several(lambda offer: (part.offer for part in offer.stock.parts), within=("merchant",))},
    together=(("merchant", "sku"), ("merchant", "approval"), ("sku", "approval"), ("sku", "condition")),
    # None breaks no uniqueness: there may be any number of offers that follow no item.
    unique=(("item",),),
    public=True,
    reads=EVERY_USER,
    view=Offer.view_for,
)
"""One item of a merchant leads to one offer: two would each count its pieces."""
