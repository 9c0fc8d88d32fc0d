"""Whether both ends of a forwarded order are what its link says (I16)."""

from collections.abc import Iterable, Iterator, Mapping

from mktcore.audit.order_records import OrderLook
from mktcore.forwarded_orders import FORWARDED_ORDERS, ForwardedOrder
from mktcore.notice import Notice
from mktcore.orders import MerchantOrder, Order

__all__ = ["Links", "check_forwarded_links", "load_forwarded_links"]

Links = Mapping[str, tuple[ForwardedOrder, ...]]
"""Links by the merchant order that they are of, whichever end that is."""


def load_forwarded_links(look: OrderLook, orders: Iterable[Order]) -> Links:
    """Return the links of some orders, from and to their merchant orders, read together."""
    found: dict[str, list[ForwardedOrder]] = {}
    if FORWARDED_ORDERS.name in look.kinds:
        parts = [part.id for order in orders for part in order.merchant_orders]
        for column in ("merchant_order", "supplier_merchant_order"):
            for kept in look.find_by(FORWARDED_ORDERS, column, parts):
                if kept.value is not None:
                    found.setdefault(getattr(kept.value, column), []).append(kept.value)
    return {part: tuple(own) for part, own in found.items()}


def check_forwarded_links(order: Order, links: Links) -> Iterator[Notice]:
    """Yield a finding where a link says of an order what it is not."""
    for part in order.merchant_orders:
        for link in links.get(part.id, ()):
            is_source = link.merchant_order == part.id
            differing = _check_source(part, link) if is_source else _check_supplied(order, part, link)
            yield from (Notice("I16", f"{link.id}.{field}", f"{part.id} says otherwise") for field in differing)


def _check_source(part: MerchantOrder, link: ForwardedOrder) -> Iterator[str]:
    lines = {line.key: line.quantity for line in part.lines}
    if link.merchant != part.merchant:
        yield "merchant"
    if link.order != part.order:
        yield "order"
    if not link.lines or any(pieces > lines.get(line, 0) for line, pieces in link.lines.items()):
        yield "lines"
    if not set(link.shipments.values()) <= set(part.shipments):
        yield "shipments"
    if link.seen > part.version:
        yield "seen"


def _check_supplied(order: Order, part: MerchantOrder, link: ForwardedOrder) -> Iterator[str]:
    whole = order.marketplace_order
    if link.supplier != part.merchant:
        yield "supplier"
    if link.supplier_order != part.order:
        yield "supplier_order"
    if link.purchaser != whole.buyer:
        yield "purchaser"
    if link.id != whole.cart:
        yield "id"
    if link.forwarded_at != whole.placed_at:
        yield "forwarded_at"
    if dict(link.lines) != {line.key: line.quantity for line in part.lines}:
        yield "lines"
    if any(asked > link.lines.get(line, 0) for line, asked in link.asked.items()):
        yield "asked"
    if not set(link.shipments) <= set(part.shipments):
        yield "shipments"
    if link.followed > part.version:
        yield "followed"
