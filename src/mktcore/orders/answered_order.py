"""What is kept of an order that was answered under a key: which version of it, and what its history does not tell."""

from collections.abc import Mapping

import attrs

from mktcore.extra import NO_EXTRA, Extra
from mktcore.orders.merchant_order import MerchantOrder
from mktcore.orders.order import MarketplaceOrder, Order
from mktcore.orders.order_stage import OrderStage

__all__ = [
    "AnsweredMerchantOrder",
    "AnsweredOrder",
    "AnsweredWhole",
    "answer_merchant_order",
    "answer_order",
    "note_merchant_order",
    "note_whole",
]


def _copy_extras(extras: Mapping[str, Extra]) -> Mapping[str, Extra]:
    return dict(extras)


@attrs.frozen(kw_only=True)
class AnsweredWhole:
    """A marketplace order as it was in one version.

    Attributes:
        id: Its id.
        version: The version.
        process: Name of the process that it was on.
        process_version: Version of that process.
        stage: How far it was.
        progress: How far it was, for people.
        reviews: The reasons that it was held for.
        user: The user who bought, as far as it was noted.
        groups: The groups that the user was in.
        channel: The sales channel.
        extra: The host's own data.
    """

    id: str
    version: int
    process: str
    process_version: int
    stage: OrderStage
    progress: str
    reviews: tuple[str, ...] = ()
    user: str | None = None
    groups: tuple[str, ...] = ()
    channel: str | None = None
    extra: Extra = NO_EXTRA


@attrs.frozen(kw_only=True)
class AnsweredMerchantOrder:
    """A merchant order as it was in one version.

    Attributes:
        id: Its id.
        order: Id of the marketplace order.
        version: The version.
        process: Name of the process that it was on.
        process_version: Version of that process.
        stage: How far it was.
        progress: How far it was, for people.
        is_held: Whether the marketplace reviewed the order.
        reversals: How many times commission had been given back.
        shipments: How many shipments had left.
        extra: The host's own data.
        extras: The same of its lines that have any, by the key of the line.
    """

    id: str
    order: str
    version: int
    process: str
    process_version: int
    stage: OrderStage
    progress: str
    is_held: bool = False
    reversals: int = 0
    shipments: int = 0
    extra: Extra = NO_EXTRA
    extras: Mapping[str, Extra] = attrs.field(factory=dict, converter=_copy_extras)


@attrs.frozen
class AnsweredOrder:
    """A whole order as it was when it was answered."""

    whole: AnsweredWhole
    parts: tuple[AnsweredMerchantOrder, ...]


def answer_order(order: Order) -> AnsweredOrder | None:
    """Return what is kept of a whole order; None where its steps do not tell the rest, so that all of it must be."""
    whole = order.marketplace_order
    if not whole.told_by_steps or not all(part.told_by_steps for part in order.merchant_orders):
        return None
    return AnsweredOrder(note_whole(whole), tuple(note_merchant_order(part) for part in order.merchant_orders))


def answer_merchant_order(part: MerchantOrder) -> AnsweredMerchantOrder | None:
    """Return what is kept of a merchant order; None as for `answer_order`."""
    return note_merchant_order(part) if part.told_by_steps else None


def note_whole(whole: MarketplaceOrder) -> AnsweredWhole:
    """Return what is kept of a marketplace order."""
    return AnsweredWhole(
        id=whole.id,
        version=whole.version,
        process=whole.fulfilment.process,
        process_version=whole.fulfilment.version,
        stage=whole.stage,
        progress=whole.progress,
        reviews=whole.reviews,
        user=whole.user,
        groups=whole.groups,
        channel=whole.channel,
        extra=whole.extra,
    )


def note_merchant_order(part: MerchantOrder) -> AnsweredMerchantOrder:
    """Return what is kept of a merchant order."""
    return AnsweredMerchantOrder(
        id=part.id,
        order=part.order,
        version=part.version,
        process=part.fulfilment.process,
        process_version=part.fulfilment.version,
        stage=part.stage,
        progress=part.progress,
        is_held=part.is_held,
        reversals=len(part.list_reversals()),
        shipments=len(part.shipments),
        extra=part.extra,
        extras={line.key: line.extra for line in part.lines if not line.extra.is_empty()},
    )
