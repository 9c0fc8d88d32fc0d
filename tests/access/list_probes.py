"""For every list: how it is asked about a record, or by a filter, that is somebody else's."""

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any

from access.probes import Probe
from market_lists import find_list
from mktcore.access.record_list import ShownList
from mktcore.catalog.assortment import to_link_id
from mktcore.marketplace import Marketplace
from mktcore.marketplace.list_table import iterate_lists
from mktcore.order_notes.order_note import to_note_id
from mktcore.parties.relations.relation import to_relation_id
from mktcore.persistence import Scope
from mktcore.promotions.pool_code import PoolCode

__all__ = ["LIST_PROBES", "NO_LIST_IDS"]

OTHERS: Mapping[str, tuple[str, ...]] = {
    "access.roles": ("merchant-admin",),
    "access.users": ("bob-user", "bolt-user", "rita"),
    "agreements": ("bolt-terms",),
    "catalog.catalog_assignments": (to_link_id("their-catalog", "bob"),),
    "catalog.catalog_products": (to_link_id("their-catalog", "their-product"),),
    "catalog.catalogs": ("their-catalog",),
    "catalog.products": ("their-product",),
    "catalog.skus": ("their-sku", "their-variant"),
    "catalog.specs": ("their-spec",),
    "commissions.rules": ("some-rule",),
    "delivery_methods": ("van",),
    "feeds": ("feed-2",),
    "items": ("4:bolt:their-item",),
    "items.policies": ("merchant:bolt", "marketplace"),
    "offers.closures": ("their-closure",),
    "offers.guards": ("some-guard",),
    "offers.held_prices": ("schedule:their-schedule",),
    "onboarding.invitations": ("invitation-1",),
    "onboarding.profiles": ("bolt",),
    "order_thresholds": ("max",),
    "orders.divergence_rules": ("bolt",),
    "orders.marketplace_orders": ("order-2",),
    "orders.merchant_orders": ("order-2--bolt",),
    "orders.notes": (to_note_id("order-2", Scope.merchant("bolt"), "n1"),),
    "orders.reviews": ("order-2/00000003",),
    "orders.price_approvals": ("order-2--bolt",),
    "parties.buyers": ("bob",),
    "parties.memberships": ("bolt",),
    "parties.relations": (to_relation_id("bob", "bolt"),),
    "parties.selling_rights": ("their-sku",),
    "payment_methods": ("card",),
    "pool_codes": (PoolCode("spring", "their-code", "bolt").id, PoolCode("spring", "operators-code").id),
    "prices.assignments": ("their-assignment", "operators-assignment"),
    "prices.schedules": ("their-schedule", "operators-schedule"),
    "promotions": ("their-promotion", "operators-promotion"),
    "shipments": ("order-2--bolt/00000002",),
    "forwarded_orders": ("order-2--bolt/forwarded-1",),
    "shipping_fees": ("bolt",),
    "stock.levels": ("bolt-lamp", "their-offer"),
    "taxes": ("some-tax",),
    "taxes.buyers": ("bob",),
}
"""By list, ids of records that are not the callers'."""
PUBLIC = ("catalog.categories", "channels", "offers", "offers.ratings", "parties.merchants")
"""Lists that everybody reads whole."""
NAMED: Mapping[str, str] = {
    "approver": "bolt-user",
    "buyer": "bob",
    "catalog": "their-catalog",
    "for_merchant": "bolt",
    "merchant": "bolt",
    "supplier": "bolt",
    "supplier_order": "order-2",
    "supplier_merchant_order": "order-2--bolt",
    "merchant_order": "order-2--bolt",
    "order_id": "order-2",
    "owner": "bolt",
    "product": "their-product",
    "schedule": "their-schedule",
    "sku": "their-sku",
    "tracking": "THEIRS",
}
"""By filter that names somebody or something, what is not the callers'."""
NO_LIST_IDS = {f"{name}.get.id": "everybody reads it" for name in PUBLIC} | {
    f"{name}.{verb}.where": "everybody reads it" for name in PUBLIC for verb in ("page", "count", "iterate")
}
VERBS: Mapping[str, Callable[[ShownList[Any, Any, Any], dict[str, str], Any], object]] = {
    "page": lambda listed, where, scope: listed.page(where=where, scope=scope),
    "count": lambda listed, where, scope: listed.count(where=where, scope=scope),
    "iterate": lambda listed, where, scope: list(listed.iterate(where=where, scope=scope)),
}


def _get(name: str, market: Marketplace, about: str, scope: Any) -> object:
    return find_list(market, name).get(about, scope=scope)


def _look(name: str, verb: str, column: str, *asked: Any) -> object:
    market, about, scope = asked
    return VERBS[verb](find_list(market, name), {column: about}, scope)


def _list_probes() -> Iterator[tuple[str, Probe]]:
    for name, listed in iterate_lists(Marketplace.in_memory("EUR")):
        if name in PUBLIC:
            continue
        yield f"{name}.get.id", Probe(partial(_get, name), OTHERS[name], is_read=True)
        for verb in VERBS:
            for column in [one for one in listed.filters if one in NAMED] or ["id"]:
                others = (NAMED.get(column, "other"),)
                yield f"{name}.{verb}.where: {column}", Probe(partial(_look, name, verb, column), others, is_read=True)


LIST_PROBES: Mapping[str, Probe] = dict(_list_probes())
"""By list, verb and parameter, as the other probes are."""
