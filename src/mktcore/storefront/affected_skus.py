"""Which SKUs' listings an event may change. One table; rooms above add theirs."""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Final

from mktcore.catalog import SKUS, Sku
from mktcore.catalog.assortment import CATALOG_PRODUCTS
from mktcore.catalog.events import CatalogChanged, CategoryChanged, ProductChanged, SkuChanged
from mktcore.catalog.inherited_goods import gather_natures
from mktcore.delivery.events import ShippingFeeChanged
from mktcore.events import Event
from mktcore.offers import OFFERS
from mktcore.offers.events import (
    ClosureChanged,
    MerchantRated,
    OfferChanged,
    OfferDecided,
    OfferRefreshed,
    OffersLoaded,
    OfferUnavailable,
)
from mktcore.offers.stock_item_id import read_offer
from mktcore.parties.agreements.events import AgreementSigned
from mktcore.parties.onboarding.events import MembershipChanged
from mktcore.parties.selling_rights import SELLING_RIGHTS
from mktcore.parties.selling_rights.events import SellingRightsChanged
from mktcore.parties.selling_rights.rights import GoodsGroup
from mktcore.persistence import Repositories
from mktcore.pricing import ASSIGNMENTS
from mktcore.pricing.events import AssignmentChanged, PriceScheduleChanged
from mktcore.stock.events import GoodsReturned, ReservationExpired, ShortageRecorded, StockCounted
from mktcore.storefront.listing_filter import ListingFilter
from mktcore.storefront.ports import EventReaders
from mktcore.storefront.walk_lanes import find_lanes

__all__ = ["READERS", "find_affected"]

_BATCH: Final = 500


def find_affected(unit: Repositories, events: Iterable[Event], readers: EventReaders) -> Iterator[str]:
    """Return the SKUs that events are of, some more than once; none for events that change no listing.

    Kits are drawn from the stock of their parts, and are recalled with them: with what one is made of it is listed too,
    and so are the parts of a kit that is sold.
    """
    return _add_kits(unit, _read_events(unit, events, readers))


def _read_events(unit: Repositories, events: Iterable[Event], readers: EventReaders) -> Iterator[str]:
    for event in events:
        read = readers.get(type(event))
        if read is not None:
            yield from read(unit, event)


def _add_kits(unit: Repositories, skus: Iterable[str]) -> Iterator[str]:
    given = iter(skus)
    while batch := set(islice(given, _BATCH)):
        yield from batch
        offers = {offer.id: offer for offer in unit.repository(OFFERS).find_where("sku", batch)}
        drawn = {part.offer for offer in offers.values() for part in offer.stock.parts} - offers.keys()
        parts = unit.repository(OFFERS).find_many(drawn) if drawn else {}
        kits = unit.repository(OFFERS).find_where("part", {*offers, *parts}) if offers else ()
        yield from {offer.sku for offer in (*parts.values(), *kits)} - batch


def _read_subject(unit: Repositories, event: Event) -> Iterable[str]:  # noqa: ARG001 - as all readers
    return [event.subject]


def _read_priced(unit: Repositories, event: AssignmentChanged) -> Iterable[str]:
    return [event.sku] if event.product is None else _list_variants(unit, [event.product])


def _read_changed_offer(unit: Repositories, event: OfferChanged) -> Iterable[str]:  # noqa: ARG001 - as all readers
    return [event.sku] if event.former is None else [event.sku, event.former]


def _read_offer(unit: Repositories, event: Event) -> Iterable[str]:
    return [offer.sku for offer in unit.repository(OFFERS).find_many([event.subject]).values()]


def _read_stock_item(unit: Repositories, event: Event) -> Iterable[str]:
    return [offer.sku for offer in unit.repository(OFFERS).find_many([read_offer(event.subject)]).values()]


def _read_merchant(unit: Repositories, event: Event) -> Iterable[str]:
    for offer in unit.repository(OFFERS).stream({"merchant": event.merchant}):
        yield offer.sku


def _read_schedule(unit: Repositories, event: PriceScheduleChanged) -> Iterable[str]:
    yield from (one.sku for one in unit.repository(OFFERS).find_where("schedule", [event.subject]))
    assigned = unit.repository(ASSIGNMENTS).find_where("schedule", [event.subject])
    yield from (one.sku for one in assigned if one.product is None)
    products = {one.product for one in assigned if one.product is not None}
    yield from _list_variants(unit, products) if products else ()


def _read_rights(unit: Repositories, event: SellingRightsChanged) -> Iterable[str]:
    """Yield the SKU that rights are of, or all goods of the brand or category that only some may sell."""
    rights = unit.repository(SELLING_RIGHTS).find(event.subject)
    if rights is None or rights.gated is None:
        return [event.subject]
    if rights.gated.group is GoodsGroup.CATEGORY:
        return _list_below(unit, rights.gated.name)
    return _list_of_gate(unit, rights.id)


def _list_of_gate(unit: Repositories, gate: str) -> Iterator[str]:
    # A brand is no column of SKUs, which may take it from products: all are looked through, as rarely as one is gated.
    given = unit.repository(SKUS).stream()
    while batch := list[Sku](islice(given, _BATCH)):
        natures = gather_natures(unit, batch)
        yield from (sku.id for sku in batch if gate in natures.find(sku).list_gates())


def _read_product(unit: Repositories, event: Event) -> Iterable[str]:
    return _list_variants(unit, [event.subject])


def _list_variants(unit: Repositories, products: Iterable[str]) -> list[str]:
    return [sku.id for sku in unit.repository(SKUS).find_where("product", products)]


def _read_category(unit: Repositories, event: CategoryChanged) -> Iterable[str]:
    return _list_below(unit, event.subject)


def _list_below(unit: Repositories, category: str) -> Iterator[str]:
    walk, after = find_lanes(unit, ListingFilter(category=category), None), None
    while True:
        standings, after = walk.read(unit, after, _BATCH)
        yield from (one.sku.id for one in standings)
        if after is None:
            return


def _read_catalog(unit: Repositories, event: CatalogChanged) -> Iterable[str]:
    """Yield what came into or left a catalog; of one that was assigned, or taken away, all that is in it."""
    products = [*event.added, *event.removed]
    if not products:
        links = unit.repository(CATALOG_PRODUCTS).find_where("catalog", [event.subject])
        products = [link.product for link in links]
    # A SKU that belongs to no product is in a catalog by its own id.
    yield from products
    yield from (sku.id for sku in unit.repository(SKUS).find_where("product", products))


def _read_all(unit: Repositories, event: OffersLoaded) -> Iterable[str]:  # noqa: ARG001 - as all readers
    return (sku.id for sku in unit.repository(SKUS).stream())


READERS: EventReaders = {
    SkuChanged: _read_subject,
    SellingRightsChanged: _read_rights,
    ProductChanged: _read_product,
    CategoryChanged: _read_category,
    CatalogChanged: _read_catalog,
    AssignmentChanged: _read_priced,
    PriceScheduleChanged: _read_schedule,
    OfferChanged: _read_changed_offer,
    OfferDecided: _read_offer,
    OfferRefreshed: _read_offer,
    OfferUnavailable: _read_offer,
    OffersLoaded: _read_all,
    ClosureChanged: _read_merchant,
    MerchantRated: _read_merchant,
    AgreementSigned: _read_merchant,
    MembershipChanged: _read_merchant,
    ShippingFeeChanged: _read_merchant,
    StockCounted: _read_stock_item,
    ShortageRecorded: _read_stock_item,
    ReservationExpired: _read_stock_item,
    GoodsReturned: _read_stock_item,
}
"""All events of the rooms below that change what a visitor is shown."""
