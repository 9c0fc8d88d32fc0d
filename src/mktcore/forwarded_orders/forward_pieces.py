"""What is asked when pieces are forwarded, what keeps them from being, and the cart that is placed for them."""

from collections.abc import Iterator, Mapping
from datetime import datetime

import attrs

from mktcore.carts import Cart, CartLine
from mktcore.forwarded_orders.forwarded_order import FORWARDED_ORDERS, ForwardedOrder
from mktcore.notice import Notice
from mktcore.offers import OFFERS
from mktcore.offers.offer import Offer, to_sold_key
from mktcore.orders import MERCHANT_ORDERS, MerchantOrder, Order, OrderLine
from mktcore.persistence import Repositories

__all__ = ["Forwarding", "find_problems", "to_cart", "to_forwarded"]

LONGEST_CHAIN = 8
"""Orders that may be forwarded one from the other: more is a circle that somebody builds by hand."""


@attrs.frozen
class Forwarding:
    """What is asked.

    Attributes:
        merchant_order: Whose pieces.
        supplier: To which merchant.
        lines: Pieces by line key; None for all that may be.
        offers: The supplier's offers by line key, where they are told.
        purchaser: The buyer that is named.
    """

    merchant_order: str
    supplier: str
    lines: Mapping[str, int] | None = attrs.field(default=None, kw_only=True)
    offers: Mapping[str, str] = attrs.field(factory=dict, kw_only=True)
    purchaser: str | None = attrs.field(default=None, kw_only=True)


def find_problems(
    unit: Repositories, asked: Forwarding, part: MerchantOrder, *, pieces: Mapping[str, int]
) -> tuple[Notice, ...]:
    """Return what keeps pieces from being forwarded to the supplier, beside their number.

    Args:
        unit: Where offers and links are read.
        asked: What is asked.
        part: The merchant order.
        pieces: Pieces by line key.
    """
    circle = _find_circle(unit, asked.supplier, part)
    if circle is not None:
        return (circle,)
    lines = [line for line in part.lines if line.key in pieces]
    sold = _find_sold(unit, asked.supplier, lines)
    return tuple(_list_unsold(unit, asked, lines, sold=sold))


def _find_circle(unit: Repositories, supplier: str, part: MerchantOrder) -> Notice | None:
    """Return a problem where the supplier forwarded these pieces itself, or is the merchant."""
    seen = [part.merchant]
    for _ in range(LONGEST_CHAIN):
        links = unit.repository(FORWARDED_ORDERS).find_where("supplier_merchant_order", [part.id])
        if not links or supplier in seen:
            break
        part = unit.repository(MERCHANT_ORDERS).get(links[0].merchant_order)
        seen.append(part.merchant)
    if supplier not in seen and len(seen) <= LONGEST_CHAIN:
        return None
    message = f"{supplier} would send what it forwards itself: {' to '.join([*reversed(seen), supplier])}"
    remedy = "forward to a merchant that these pieces did not come through"
    return Notice("forwarded-orders.circle", "supplier", message, remedy=remedy, operands={"supplier": supplier})


def _find_sold(unit: Repositories, supplier: str, lines: list[OrderLine]) -> dict[str, list[Offer]]:
    """Return the supplier's offers by SKU."""
    skus = {line.sku for line in lines}
    found = unit.repository(OFFERS).find_where("sold", [to_sold_key(supplier, sku) for sku in sorted(skus)])
    return {sku: [one for one in found if one.merchant == supplier and one.sku == sku] for sku in skus}


def _list_unsold(
    unit: Repositories, asked: Forwarding, lines: list[OrderLine], *, sold: Mapping[str, list[Offer]]
) -> Iterator[Notice]:
    told = unit.repository(OFFERS).find_many(asked.offers.values()) if asked.offers else {}
    for line in lines:
        named = asked.offers.get(line.key)
        offers = sold[line.sku] if named is None else [told[named]] if named in told else []
        if len(offers) != 1 or offers[0].merchant != asked.supplier:
            names = ", ".join(one.id for one in offers[:5] if one.merchant == asked.supplier)
            found = f"several offers of {line.sku}: {names}" if names else f"no such offer of {line.sku}"
            yield Notice(
                "forwarded-orders.no-offer",
                f"offers[{line.key!r}]",
                f"{asked.supplier} has {found}",
                remedy="name one offer of the supplier for the line",
                operands={"line": line.key, "sku": line.sku, "supplier": asked.supplier},
            )


def to_cart(
    unit: Repositories,
    asked: Forwarding,
    part: MerchantOrder,
    *,
    pieces: Mapping[str, int],
    purchaser: str,
    id_: str,
) -> Cart:
    """Return the cart that is placed with the supplier: the same lines, to where they go.

    Args:
        unit: Where offers are read.
        asked: What is asked, in which there is no problem.
        part: The merchant order.
        pieces: Pieces by line key.
        purchaser: Id of the buyer.
        id_: Id of the link.
    """
    lines = [line for line in part.lines if line.key in pieces]
    sold = _find_sold(unit, asked.supplier, lines)
    told = unit.repository(OFFERS).find_many(asked.offers.values()) if asked.offers else {}
    offers = {
        line.key: told[asked.offers[line.key]] if line.key in asked.offers else sold[line.sku][0] for line in lines
    }
    wanted = [
        CartLine(
            line.key,
            offers[line.key].sku,
            pieces[line.key],
            offer=offers[line.key].id,
            options=line.chosen,
            deliver_to=line.deliver_to,
        )
        for line in lines
    ]
    return Cart.of(id_, buyer=purchaser, lines=wanted, deliver_to=part.deliver_to)


def to_forwarded(placed: Order, part: MerchantOrder, *, id_: str, supplier: str, at: datetime) -> ForwardedOrder:
    """Return the link between a merchant order and the order that was placed for it."""
    [own] = placed.merchant_orders
    return ForwardedOrder(
        id=id_,
        merchant_order=part.id,
        order=part.order,
        merchant=part.merchant,
        supplier=supplier,
        supplier_order=placed.id,
        supplier_merchant_order=own.id,
        purchaser=placed.buyer,
        lines={line.key: line.quantity for line in own.lines},
        forwarded_at=at,
        followed=own.version,
        seen=part.version,
    )
