"""What release 0.1.0 made in a database: tables of kinds without a prefix, and the names of their indexes.

A record of the past, which never changes with the kinds of the present.
"""

from collections.abc import Iterator, Mapping
from typing import Any
from zlib import crc32

from mktcore.persistence import Kind

__all__ = ["KIND_COLUMNS", "OWN_COLUMNS", "SYSTEM_COLUMNS", "could_have_made", "list_old_indexes"]

OWN_COLUMNS = frozenset({"id", "version", "type", "document"})
"""What the table of every kind has."""
SYSTEM_COLUMNS: Mapping[str, frozenset[str]] = {
    "stock": frozenset({"item", "merchant", "on_hand", "reserved", "backorder"}),
    "reservation": frozenset({"id", "item", "merchant", "quantity", "consumed", "given_back", "state", "expires_at"}),
    "counter": frozenset({"name", "claimed"}),
    "record": frozenset({"owner", "key", "operation", "request", "result", "at"}),
    "stream": frozenset({"kind", "subject", "last", "published", "ready_at", "claim"}),
    "event": frozenset({"kind", "subject", "sequence", "at", "merchant", "buyer", "type", "document"}),
    "inbox": frozenset({"consumer", "event"}),
}
"""Tables that bore the prefix `mktcore_` even then."""
KIND_COLUMNS: Mapping[str, tuple[str, ...]] = {
    "agreement": ("merchant",),
    "assignment": ("sku", "owner", "schedule", "asked"),
    "buyer": ("buyer",),
    "catalog": ("owner",),
    "catalog_assignment": ("catalog", "buyer", "owner"),
    "catalog_product": ("catalog", "product", "owner"),
    "category": ("parent",),
    "category_tree": (),
    "closure": ("merchant",),
    "commission_rule": ("merchant",),
    "divergence_rule": ("merchant",),
    "freshness": ("merchant",),
    "invitation": ("for_merchant",),
    "item_policy": ("merchant",),
    "marketplace_order": ("buyer", "cart"),
    "membership": ("merchant", "state", "takes"),
    "merchant": (),
    "merchant_item": ("merchant", "state", "merchant_state", "sku"),
    "merchant_order": ("order_id", "merchant", "buyer"),
    "merchant_profile": ("merchant",),
    "merchant_rating": (),
    "offer": ("sku", "merchant", "sold", "item"),
    "pending_refresh": ("merchant", "key"),
    "price_approval": ("merchant", "state", "approver"),
    "price_schedule": ("owner", "currency"),
    "price_terms": (),
    "product": ("owner", "category"),
    "promotion": ("owner", "group"),
    "relation": ("merchant", "buyer"),
    "revision": ("subject", "owner"),
    "role": (),
    "selling_rights": ("owner",),
    "shipping_fee": (),
    "sku": ("category", "product", "owner", "gtin"),
    "spec": ("owner",),
    "tax_rule": ("category",),
    "timeout": ("digest",),
    "user_account": ("merchant", "buyer"),
}
"""What the tables of the library's own kinds had besides."""
_SYSTEM_INDEXES = (
    "ix_mktcore_stock_merchant",
    "mktcore_reservation_live",
    "mktcore_reservation_due",
    "mktcore_stream_pending",
    "ix_mktcore_event_at",
)
_UNIQUE = (
    ("marketplace_order", "buyer", "cart"),
    ("offer", "item"),
    ("pending_refresh", "key"),
    ("timeout", "digest"),
)
_LONGEST_NAME = 60


def could_have_made(name: str, columns: frozenset[str], kind: Kind[Any]) -> bool:
    """Tell whether that release, opened with a kind, would have made a table of these columns: no more, no fewer.

    Args:
        name: Of the table.
        columns: What it has.
        kind: The kind of this name; a host's own is the same in both releases, but for ordered columns.
    """
    own = KIND_COLUMNS.get(name, tuple(kind.columns))
    return columns == OWN_COLUMNS | set(own)


def list_old_indexes(kind: Kind[Any] | None = None) -> Iterator[str]:
    """Yield the names that indexes of a kind's table had then; without a kind, those of the system tables."""
    if kind is None:
        yield from _SYSTEM_INDEXES
        return
    own = KIND_COLUMNS.get(kind.name, tuple(kind.columns))
    unique = [*kind.unique, *(names[1:] for names in _UNIQUE if names[0] == kind.name)]
    for parts in (*((name,) for name in own), *((*names, "key") for names in unique)):
        name = "_".join((kind.name, *parts))
        yield name if len(name) <= _LONGEST_NAME else f"{name[: _LONGEST_NAME - 9]}_{crc32(name.encode()):08x}"
