"""Which records refer to which, and which ids are made of what a record says: declared as data."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import attrs

from mktcore.access.permissions import DEFAULT_ROLES, ROLES
from mktcore.access.user import USERS
from mktcore.catalog.assortment import CATALOG_ASSIGNMENTS, CATALOG_PRODUCTS, CATALOGS, to_link_id
from mktcore.catalog.category import CATEGORIES
from mktcore.catalog.product import PRODUCTS
from mktcore.catalog.revision import REVISIONS, to_revision_id
from mktcore.catalog.sku import SKUS
from mktcore.commissions import COMMISSION_RULES
from mktcore.feeds import FEED_CHUNKS, FEEDS
from mktcore.feeds.feed_chunk import to_chunk_id
from mktcore.forwarded_orders import FORWARDED_ORDERS
from mktcore.market_policy import PRICE_TERMS
from mktcore.merchant_items.merchant_item import MERCHANT_ITEMS
from mktcore.offers import OFFERS
from mktcore.offers.merchant_closure import CLOSURES
from mktcore.offers.price_guards import HELD_PRICES, HeldPrice
from mktcore.offers.price_guards.held_price import to_held_id
from mktcore.offers.refresh.last_answer import FRESHNESS
from mktcore.offers.refresh.pending_refresh import PENDING_REFRESHES, to_refresh_key
from mktcore.order_notes import ORDER_NOTES
from mktcore.orders import MARKETPLACE_ORDERS, MERCHANT_ORDERS, MerchantOrder
from mktcore.orders.history import ORDER_STEPS, to_step_id
from mktcore.orders.price_approvals.price_approval import PRICE_APPROVALS
from mktcore.orders.reviews import ORDER_REVIEWS
from mktcore.orders.shipments import SHIPMENTS
from mktcore.parties.agreements.agreement import AGREEMENTS
from mktcore.parties.onboarding.invitation import INVITATIONS
from mktcore.parties.onboarding.membership import MEMBERSHIPS
from mktcore.parties.organisations.legal_profile import PROFILES
from mktcore.parties.organisations.merchant import MERCHANTS
from mktcore.parties.relations.relation import RELATIONS, Relation
from mktcore.persistence import Kind, Party
from mktcore.postings import ORDER_FUNDS
from mktcore.processes.timeout_repository import TIMEOUTS, StoredTimeOut
from mktcore.storefront.search_engine_listing import LISTINGS_DUE, ListingDue

__all__ = ["IDENTITIES", "REFERENCES", "RecordReference"]


@attrs.frozen(eq=False)
class RecordReference:
    """What records of one kind refer to.

    Attributes:
        kind: Whose records refer.
        field: By which field, for people.
        target: To records of which kind.
        read: Returns the ids that a record refers to; none where it refers to nothing.
    """

    kind: Kind[Any]
    field: str
    target: Kind[Any]
    read: Callable[[Any], Iterable[str]]


def _refer(kind: Kind[Any], field: str, target: Kind[Any]) -> RecordReference:
    """Return a reference by a field that holds an id, or None."""

    def read(value: Any) -> Iterable[str]:
        found = getattr(value, field)
        return () if found is None else (found,)

    return RecordReference(kind, field, target, read=read)


def _step_of(is_part: bool) -> Callable[[Any], Iterable[str]]:
    return lambda step: (step.subject,) if (step.merchant is not None) is is_part else ()


def _list_rules(part: MerchantOrder) -> set[str]:
    # What 0.1.0 froze says neither terms nor whether its rule was ever stored.
    return {one.rule for one in part.commissions or () if one.terms is not None and not one.agreement}


def _list_agreements(part: MerchantOrder) -> set[str]:
    return {one.agreement for one in part.commissions or () if one.agreement}


_SHIPPED_ROLES = frozenset(role.id for role in DEFAULT_ROLES)
"""They are there without being stored."""

REFERENCES: tuple[RecordReference, ...] = (
    _refer(MERCHANT_ORDERS, "order", MARKETPLACE_ORDERS),
    RecordReference(MERCHANT_ORDERS, "lines.offer", OFFERS, read=lambda part: {line.offer for line in part.lines}),
    RecordReference(MERCHANT_ORDERS, "lines.sku", SKUS, read=lambda part: {line.sku for line in part.lines}),
    RecordReference(MERCHANT_ORDERS, "commissions.rule", COMMISSION_RULES, read=_list_rules),
    RecordReference(MERCHANT_ORDERS, "commissions.agreement", AGREEMENTS, read=_list_agreements),
    _refer(ORDER_FUNDS, "id", MARKETPLACE_ORDERS),
    _refer(ORDER_STEPS, "order", MARKETPLACE_ORDERS),
    RecordReference(ORDER_STEPS, "subject", MARKETPLACE_ORDERS, read=_step_of(is_part=False)),
    RecordReference(ORDER_STEPS, "subject", MERCHANT_ORDERS, read=_step_of(is_part=True)),
    _refer(SHIPMENTS, "merchant_order", MERCHANT_ORDERS),
    _refer(SHIPMENTS, "order", MARKETPLACE_ORDERS),
    _refer(ORDER_NOTES, "order", MARKETPLACE_ORDERS),
    _refer(ORDER_NOTES, "merchant", MERCHANTS),
    _refer(ORDER_REVIEWS, "order", MARKETPLACE_ORDERS),
    _refer(FORWARDED_ORDERS, "merchant_order", MERCHANT_ORDERS),
    _refer(FORWARDED_ORDERS, "supplier_merchant_order", MERCHANT_ORDERS),
    _refer(FEEDS, "merchant", MERCHANTS),
    _refer(FEED_CHUNKS, "feed", FEEDS),
    _refer(HELD_PRICES, "merchant", MERCHANTS),
    _refer(PRICE_APPROVALS, "id", MERCHANT_ORDERS),
    _refer(SKUS, "product", PRODUCTS),
    _refer(CATEGORIES, "parent", CATEGORIES),
    _refer(CATALOG_PRODUCTS, "catalog", CATALOGS),
    _refer(CATALOG_ASSIGNMENTS, "catalog", CATALOGS),
    _refer(OFFERS, "sku", SKUS),
    RecordReference(OFFERS, "stock.parts", OFFERS, read=lambda offer: [part.offer for part in offer.stock.parts]),
    _refer(FRESHNESS, "id", OFFERS),
    _refer(MEMBERSHIPS, "id", MERCHANTS),
    _refer(PROFILES, "id", MERCHANTS),
    _refer(RELATIONS, "merchant", MERCHANTS),
    _refer(AGREEMENTS, "merchant", MERCHANTS),
    _refer(INVITATIONS, "merchant", MERCHANTS),
    _refer(INVITATIONS, "user", USERS),
    _refer(CLOSURES, "merchant", MERCHANTS),
    RecordReference(CLOSURES, "offers", OFFERS, read=lambda closure: closure.offers or ()),
    _refer(MERCHANT_ITEMS, "sku", SKUS),
    RecordReference(USERS, "roles", ROLES, read=lambda user: user.roles - _SHIPPED_ROLES),
    RecordReference(USERS, "party_id", MERCHANTS, read=lambda user: (user.party_id,) * (user.party is Party.MERCHANT)),
)
"""Only what every use case keeps: a reference that may outlive what it names is none of these."""


def _name_held(held: HeldPrice) -> str:
    if held.schedule is not None:
        return to_held_id("schedule", held.schedule.id)
    return held.id if held.assignment is None else to_held_id("assignment", held.assignment.id)


IDENTITIES: Mapping[str, Callable[[Any], str]] = {
    MERCHANT_ORDERS.name: lambda part: f"{part.order}--{part.merchant}",
    ORDER_STEPS.name: lambda step: to_step_id(step.subject, step.number),
    TIMEOUTS.name: lambda entry: StoredTimeOut.of(entry.timeout).id,
    RELATIONS.name: lambda relation: Relation.of(relation.buyer, relation.merchant).id,
    CATALOG_PRODUCTS.name: lambda link: to_link_id(link.catalog, link.product),
    CATALOG_ASSIGNMENTS.name: lambda link: to_link_id(link.catalog, link.buyer or ""),
    REVISIONS.name: lambda found: to_revision_id(found.kind, found.record, found.number),
    PRICE_TERMS.name: lambda _: "price-terms",
    LISTINGS_DUE.name: lambda due: ListingDue.of(due.projection, due.sku, due.due).id,
    FEED_CHUNKS.name: lambda chunk: to_chunk_id(chunk.feed, chunk.number),
    HELD_PRICES.name: _name_held,
    PENDING_REFRESHES.name: lambda pending: to_refresh_key(pending.merchant, pending.item),
}
"""How the id of a record follows from what it says, so that a copy under another id is found."""
