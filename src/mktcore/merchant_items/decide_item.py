"""What becomes of a merchant item when it is sent, decided on, removed: pure, from one state to the next."""

from collections.abc import Iterable
from datetime import datetime
from typing import ClassVar

import attrs

from mktcore.catalog import Product, Sku
from mktcore.errors import ErrorCategory, MktcoreError
from mktcore.goods import Gtin, Measure, Media, Unit
from mktcore.merchant_items.check_item import find_dimensions, find_weight
from mktcore.merchant_items.item_decision import Bind, Deny, NewProduct, Verdict
from mktcore.merchant_items.life import ITEM_MACHINE, Reception, get_event, get_verdicts
from mktcore.merchant_items.merchant_item import Decision, ItemState, MerchantItem, ReceivedItem
from mktcore.processes import EventRefused
from mktcore.processes.machine import Fired

__all__ = [
    "DecisionImpossible",
    "ItemDenied",
    "StaleDecision",
    "check_takes",
    "decide_item",
    "make_product",
    "make_sku",
    "receive_item",
    "remove_item",
]


@attrs.define(eq=False, slots=False)
class StaleDecision(MktcoreError):
    """A decision made on a version of a merchant item that is no longer the present one; nothing was decided."""

    error_category: ClassVar[ErrorCategory] = ErrorCategory.CONFLICT
    code: ClassVar[str] = "catalog.stale-decision"
    remedy: ClassVar[str] = "look at the item as it is now, and decide on that version"
    item: str
    decided_on: int
    current: int

    def describe(self) -> str:
        """Name the item and both versions."""
        return f"merchant item {self.item!r} is at version {self.current}; the decision was made on {self.decided_on}"


@attrs.define(eq=False, slots=False)
class DecisionImpossible(MktcoreError):
    """A decision that an item in this state does not take."""

    error_category: ClassVar[ErrorCategory] = ErrorCategory.REFUSED
    code: ClassVar[str] = "catalog.decision-impossible"
    remedy: ClassVar[str] = "unbind a bound item first; one that was removed has to be sent again"
    item: str
    state: ItemState
    verdict: str

    def describe(self) -> str:
        """Name the item, its state and the verdict."""
        return f"merchant item {self.item!r} is {self.state}; {self.verdict} is impossible"


@attrs.define(eq=False, slots=False)
class ItemDenied(MktcoreError):
    """A changed item sent again after it was denied: the denial stands, and what was sent is not kept."""

    error_category: ClassVar[ErrorCategory] = ErrorCategory.REFUSED
    code: ClassVar[str] = "catalog.item-denied"
    remedy: ClassVar[str] = "ask the operator to take it up again, or remove it and send it as a new one"
    item: str
    reason: str

    def describe(self) -> str:
        """Name the item and why it was denied."""
        return f"merchant item {self.item!r} was denied" + (f": {self.reason}" if self.reason else "")


def receive_item(
    known: ReceivedItem | None, item: MerchantItem, *, now: datetime, problems: Iterable[str] = ()
) -> tuple[ReceivedItem, Reception]:
    """Return an item after it was sent, and what became of it.

    >>> from datetime import UTC
    >>> monday = datetime(2026, 5, 4, tzinfo=UTC)
    >>> first, _ = receive_item(None, MerchantItem("acme", "A-17", "Camera"), now=monday)
    >>> receive_item(first, MerchantItem("acme", "A-17", "Camera, black"), now=monday)[1]
    <Reception.REPLACED: 'replaced'>

    Args:
        known: The item as it was sent before; None when it never was.
        item: What is sent.
        now: The instant (aware).
        problems: What of it could not be read or kept.

    Raises:
        ItemDenied: It was denied, and is sent changed.
    """
    if known is None:
        return ReceivedItem(item, problems=problems), Reception.CREATED
    if known.state is ItemState.REMOVED:
        # A new life under the old id: its version goes on, so that decisions on the former one stay stale.
        return ReceivedItem(item, problems=problems, version=known.version), Reception.CREATED
    # Before anything is refused: a feed that carries a denied item along each night is not told so each night.
    if known.item == item:
        return known, Reception.UNCHANGED
    try:
        [reception] = _fire(known, "send again", now).changes
    except EventRefused:
        verdict = known.decision.verdict if known.decision is not None else None
        raise ItemDenied(known.id, verdict.reason if isinstance(verdict, Deny) else "") from None
    if reception is Reception.REPLACED:
        return ReceivedItem(item, problems=problems, version=known.version), Reception.REPLACED
    return attrs.evolve(known, item=item, problems=problems), Reception(str(reception))


def decide_item(known: ReceivedItem, decision: Decision, *, sku: str | None = None) -> ReceivedItem:
    """Return an item after a decision; the same one again leaves it as the first left it.

    Args:
        known: The item.
        decision: What was decided, and on which version.
        sku: The SKU that it is by a decision that makes one.

    Raises:
        StaleDecision: It was made on another version than the present one.
        DecisionImpossible: An item in this state does not take it.
    """
    # Asked first: by its own success a repeated decision is one on an earlier version.
    if is_repeated(known, decision.verdict, decision.on):
        return known
    if known.version != decision.on:
        raise StaleDecision(known.id, decision.on, known.version)
    verdict = decision.verdict
    check_takes(known, type(verdict))
    state = ItemState(_fire(known, get_event(verdict), decision.at).standing.state)
    bound = verdict.sku if isinstance(verdict, Bind) else sku
    return attrs.evolve(known, state=state, sku=bound if state is ItemState.BOUND else None, decision=decision)


def _fire(known: ReceivedItem, event: str, now: datetime) -> Fired:
    # The life has no time-outs, so nothing counts from when the item came to its state: any instant will do.
    standing = ITEM_MACHINE.stand(known.id, known.state, since=now)
    return ITEM_MACHINE.fire(standing, event, now=now)


def check_takes(known: ReceivedItem, verdict: type[Verdict]) -> None:
    """Let verdicts of a class pass that an item in this state takes.

    Raises:
        DecisionImpossible: It does not.
    """
    event = next(event for event, cls in get_verdicts().items() if cls is verdict)
    if event not in ITEM_MACHINE.tables.groups[known.state]:
        raise DecisionImpossible(known.id, known.state, verdict.__name__)


def is_repeated(known: ReceivedItem, verdict: Verdict, version: int) -> bool:
    """Tell whether this very decision was made on this version, and nothing happened to the item since."""
    last = known.decision
    return last is not None and (last.on, last.verdict) == (version, verdict) and known.version == version + 1


def remove_item(known: ReceivedItem, *, now: datetime) -> ReceivedItem:
    """Return an item that the merchant no longer sells; a binding ends with it. Removing twice is harmless."""
    if known.state is ItemState.REMOVED:
        return known
    fired = _fire(known, "remove", now)
    return attrs.evolve(known, state=ItemState(fired.standing.state), sku=None)


def make_product(item: MerchantItem, verdict: NewProduct, product: str) -> Product:
    """Return the product, the operator's, that a merchant item becomes."""
    return Product(
        product,
        item.name,
        brand=item.brand,
        category=verdict.category,
        description=item.description,
        attributes=item.attributes,
        tax_category=verdict.tax_category,
        media=[Media(reference) for reference in item.media],
    )


def make_sku(item: MerchantItem, product: Product, sku: str) -> Sku:
    """Return the SKU of a product that a merchant item becomes; what cannot be read of the item, the SKU does not say.

    >>> water = MerchantItem("acme", "W-6", "Water", gtin="4006381333931", size="6 x 1,5 l")
    >>> sku = make_sku(water, Product("water", "Water", category="drinks"), "water-6")
    >>> str(sku.content), sku.category, str(sku.gtin)
    ('9 l', 'drinks', '4006381333931')
    """
    size = Measure.find(item.size) or Measure(1, Unit.PIECE)
    return Sku(
        sku,
        item.name,
        item.brand or product.brand,
        category=product.category,
        tax_category=product.tax_category,
        product=product.id,
        # The product's, and not the merchant's who sent it: variants of one product have one owner.
        owner=product.owner,
        description=item.description,
        attributes=item.attributes,
        gtin=Gtin.find(item.gtin),
        mpn=item.mpn,
        dimensions=find_dimensions(item.dimensions),
        weight=find_weight(item.weight),
        unit=size.unit,
        unit_multiplier=size.amount * size.pieces,
        price=item.price,
        media=[Media(reference) for reference in item.media],
    )
