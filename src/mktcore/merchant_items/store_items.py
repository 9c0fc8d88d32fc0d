"""Storing what became of merchant items: each change with its revision and its event, in one transaction."""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime

import attrs

from mktcore.catalog import PRODUCTS, SKUS, CatalogRefused
from mktcore.catalog.revision import record_changes
from mktcore.catalog.store_changes import Signature, put_product, put_sku
from mktcore.events import Event
from mktcore.goods import Gtin
from mktcore.ids import IdFactory
from mktcore.merchant_items.decide_item import (
    StaleDecision,
    check_takes,
    decide_item,
    is_repeated,
    make_product,
    make_sku,
    remove_item,
)
from mktcore.merchant_items.events import (
    MerchantItemDecided,
    MerchantItemReceived,
    MerchantItemRemoved,
    MerchantItemUnbound,
)
from mktcore.merchant_items.item_decision import Bind, NewProduct, NewSku, Pend, Verdict
from mktcore.merchant_items.life import Reception
from mktcore.merchant_items.merchant_item import MERCHANT_ITEMS, Decision, MerchantItem, ReceivedItem, to_record_id
from mktcore.notice import Notice
from mktcore.parties.selling_rights.rights import SELLING_RIGHTS, find_rule
from mktcore.persistence import Repositories, WritingUnit

__all__ = ["ItemReception", "find_bindings", "store_decision", "store_received", "store_removed", "withhold_twin"]

MAX_NAMED = 5


@attrs.frozen
class ItemReception:
    """An item before (None for a new one) and after it was sent, and what became of what was sent."""

    before: ReceivedItem | None
    after: ReceivedItem
    reception: Reception


def find_bindings(unit: Repositories, merchant: str, items: Iterable[str]) -> Mapping[str, str]:
    """Return the SKU of each of a merchant's items that is bound, by the merchant's own id, in one round trip."""
    found = unit.repository(MERCHANT_ITEMS).find_many([to_record_id(merchant, item) for item in items])
    return {one.item.item_id: one.sku for one in found.values() if one.sku is not None}


def store_received(
    unit: WritingUnit, receptions: Collection[ItemReception], signature: Signature
) -> list[ReceivedItem]:
    """Store what was received, in a constant number of round trips; return all as stored."""
    repository = unit.repository(MERCHANT_ITEMS)
    changed = [one for one in receptions if one.reception is not Reception.UNCHANGED]
    repository.add_many([one.after for one in changed if one.before is None])
    repository.save_many([one.after for one in changed if one.before is not None])
    stored = [attrs.evolve(one, after=MERCHANT_ITEMS.to_changed(one.after)) for one in changed]
    changes = [(one.before, one.after) for one in stored]
    record_changes(unit, MERCHANT_ITEMS, changes, by=signature.by, at=signature.at)
    # What is noted for the day an item is bound again concerns nobody yet: an event would make somebody fetch it.
    noticed = [one.after for one in stored if one.reception is not Reception.NOTED]
    unit.publish(_to_received_event(one, signature.at) for one in noticed)
    unchanged = [one.after for one in receptions if one.reception is Reception.UNCHANGED]
    return [one.after for one in stored] + unchanged


def store_removed(unit: WritingUnit, known: ReceivedItem, signature: Signature) -> ReceivedItem:
    """Store that the merchant no longer sells an item."""
    stored = _save(unit, known, remove_item(known, now=signature.at), signature=signature)
    item = known.item
    told = MerchantItemRemoved(
        subject=known.id, at=signature.at, merchant=item.merchant, item=item.item_id, sku=known.sku
    )
    unit.publish([told])
    return stored


def store_decision(
    unit: WritingUnit, item: str, decision: Decision, *, signature: Signature, ids: IdFactory
) -> ReceivedItem:
    """Decide on an item, with the product and SKU that the decision makes.

    Raises:
        NotFound: There is no such item.
        StaleDecision: It changed since the version that the decision was made on.
        DecisionImpossible: It does not take this verdict.
        CatalogRefused: The SKU or product is not there, or the merchant may not sell it.
        UniqueViolation: The id of a new product or SKU is taken.
    """
    known = unit.repository(MERCHANT_ITEMS).get(item)
    # All three checks come before anything is made: `decide_item` makes them again, on what is then stored.
    if is_repeated(known, decision.verdict, decision.on):
        return known
    if known.version != decision.on:
        raise StaleDecision(known.id, decision.on, known.version)
    check_takes(known, type(decision.verdict))
    sku = _resolve_sku(unit, known.item, decision.verdict, signature=signature, ids=ids)
    stored = _save(unit, known, decide_item(known, decision, sku=sku), signature=signature)
    unit.publish([_to_decision_event(known, stored, decision.at)])
    return stored


def withhold_twin(unit: Repositories, item: str, decision: Decision) -> Decision:
    """Return a decision that no person made, or one to let a person look: it would make a second SKU of one number.

    Asked in the transaction that makes it, as the one before may have made the first: items of two merchants that sell
    the same goods often come together.
    """
    if not isinstance(decision.verdict, NewProduct | NewSku):
        return decision
    gtin = Gtin.find(unit.repository(MERCHANT_ITEMS).get(item).item.gtin)
    twins = unit.repository(SKUS).find_where("gtin", [gtin.digits]) if gtin is not None and gtin.decides else ()
    if not twins:
        return decision
    named = ", ".join(sorted(twin.id for twin in twins)[:MAX_NAMED])
    return attrs.evolve(decision, verdict=Pend(f"the catalogue has GTIN {gtin} already: {named}"))


def _resolve_sku(
    unit: WritingUnit, item: MerchantItem, verdict: Verdict, *, signature: Signature, ids: IdFactory
) -> str | None:
    """Return the SKU that a verdict leads to, made where it is new."""
    if isinstance(verdict, Bind):
        found: str | None = verdict.sku
    elif isinstance(verdict, NewSku):
        product = unit.repository(PRODUCTS).find(verdict.product)
        if product is None:
            raise CatalogRefused((_describe_unknown("product", verdict.product),))
        found = put_sku(unit, make_sku(item, product, verdict.sku or ids.new_id("sku")), signature).id
    elif isinstance(verdict, NewProduct):
        made = make_product(item, verdict, verdict.product or ids.new_id("product"))
        product = put_product(unit, made, signature)
        found = put_sku(unit, make_sku(item, product, verdict.sku or ids.new_id("sku")), signature).id
    else:
        return None
    # Also of what was made just now: a variant of another merchant's product is not this one's to sell.
    _check_sellable(unit, str(found), item.merchant)
    return found


def _check_sellable(unit: WritingUnit, sku: str, merchant: str) -> None:
    """Refuse a SKU that is not there, or that the merchant has no right to sell."""
    if unit.repository(SKUS).find(sku) is None:
        raise CatalogRefused((_describe_unknown("SKU", sku),))
    if find_rule(unit.repository(SELLING_RIGHTS).find(sku), merchant) is None:
        message = f"{merchant} has no right to sell SKU {sku!r}"
        raise CatalogRefused(
            (Notice("catalog.not-sellable", "sku", message, remedy="opt it in, or choose another SKU"),)
        )


def _describe_unknown(kind: str, id: str) -> Notice:  # noqa: A002 - the word of the field
    field = kind.lower()
    return Notice(
        f"catalog.unknown-{field}", field, f"there is no {kind} {id!r}", remedy="save it first, or correct the id"
    )


def _save(unit: WritingUnit, before: ReceivedItem, after: ReceivedItem, *, signature: Signature) -> ReceivedItem:
    stored = unit.repository(MERCHANT_ITEMS).save(after)
    record_changes(unit, MERCHANT_ITEMS, [(before, stored)], by=signature.by, at=signature.at)
    return stored


def _to_received_event(stored: ReceivedItem, at: datetime) -> Event:
    item = stored.item
    return MerchantItemReceived(
        subject=stored.id,
        at=at,
        merchant=item.merchant,
        item=item.item_id,
        number=stored.version,
        sku=stored.sku,
    )


def _to_decision_event(before: ReceivedItem, stored: ReceivedItem, at: datetime) -> Event:
    item = stored.item
    if before.sku is not None:
        return MerchantItemUnbound(subject=stored.id, at=at, merchant=item.merchant, item=item.item_id, sku=before.sku)
    verdict = stored.decision.verdict if stored.decision is not None else None
    return MerchantItemDecided(
        subject=stored.id,
        at=at,
        merchant=item.merchant,
        item=item.item_id,
        state=stored.state.value,
        sku=stored.sku,
        reason=getattr(verdict, "reason", ""),
    )
