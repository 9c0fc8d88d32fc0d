"""What nothing else in a store tells, by name, and what is found on every store whatever else is not.

`untold.txt` names each change that no audit can find, as `corruptions` names it, without the marks of lists;
`docs/stores.md` tells the same in words. A name that is missed on some stores only has them after a stroke: in memory
there are no columns beside a document. `python tests/long/corruptions.py` makes every change on every store, and tells
where the list is wrong; `--write` writes it anew.
"""

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from pathlib import Path

__all__ = ["FOUND", "STORES", "UNTOLD_FILE", "list_untold", "write_untold"]

STORES = ("memory", "sqlite", "postgresql")
UNTOLD_FILE = Path(__file__).with_name("untold.txt")


def list_untold(store: str) -> frozenset[str]:
    """Return the names of the changes that are not found on a store."""
    lines = [line.partition(" | ") for line in UNTOLD_FILE.read_text(encoding="utf-8").splitlines()]
    return frozenset(name for name, _, stores in lines if not stores or store in stores.split())


def write_untold(found: Mapping[str, tuple[AbstractSet[str], AbstractSet[str]]]) -> None:
    """Write what was tried on each store, and what of it is missed."""
    lines = []
    for name in sorted({name for _, missed in found.values() for name in missed}):
        where = [store for store, (_, missed) in found.items() if name in missed]
        there = [store for store, (tried, _) in found.items() if name in tried]
        lines.append(name if where == there else f"{name} | {' '.join(where)}")
    UNTOLD_FILE.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")


FOUND = (
    "marketplace_order deleted",
    "marketplace_order doubled",
    "marketplace_order document.totals.grand_minor",
    "marketplace_order document.buyer",
    "marketplace_order document.cart",
    "marketplace_order document.placed_at",
    "merchant_order deleted",
    "merchant_order doubled",
    "merchant_order document.buyer",
    "merchant_order document.order",
    "merchant_order document.lines.quantity",
    "merchant_order document.lines.sku",
    "merchant_order document.lines.title",
    "merchant_order document.lines.unit_price.minor",
    "merchant_order document.lines.reservation",
    "merchant_order document.fulfilment.portions.state",
    "merchant_order document.fulfilment.portions.since",
    "order_step deleted",
    "order_step doubled",
    "order_step document.moves.quantity",
    "event deleted",
    "event document.grand_total.minor",
    "stream deleted",
    "stream last",
    "reservation deleted",
    "reservation item",
    "reservation merchant",
    "reservation quantity",
    "reservation state",
    "counter deleted",
    "counter claimed",
    "stock reserved",
    "timeout deleted",
    "timeout doubled",
    "record result.id",
    "record result.marketplace_order.id",
    "record result.lines.unit_price.minor",
    "product deleted",
    "sku deleted",
    "sku document.name",
    "category deleted",
    "spec deleted",
    "user_account deleted",
    "relation deleted",
    "membership deleted",
    "agreement deleted",
    "price_approval deleted",
    "merchant_item deleted",
    "marketplace_order document.reviews lost",
    "merchant_order document.is_held",
    "order_review document.order",
    "order_note document.order",
    "feed_chunk deleted",
    "feed document.done",
    "held_price document.merchant",
    "shipment deleted",
    "record result.merchant_order",
)
"""Found on every store, whatever else is not."""
