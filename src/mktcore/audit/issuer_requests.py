"""Whether goods that are made when they are paid for were asked for, each line once and as it was ordered (I14)."""

from collections.abc import Iterable, Iterator

import attrs

from mktcore.audit.order_records import OrderLook, OrderRules
from mktcore.notice import Notice
from mktcore.orders import MerchantOrder, Order
from mktcore.orders.effects.ask_issuer import ASK_TO_ISSUE
from mktcore.orders.events import GoodsToIssue
from mktcore.orders.order_line import OrderLine

__all__ = ["check_issued"]


def check_issued(look: OrderLook, orders: Iterable[Order], rules: OrderRules) -> Iterator[Notice]:
    """Yield a finding for each line that its issuer was not asked for, or for something else than was ordered.

    Args:
        look: What is looked at.
        orders: Some orders; those of which nothing is issued cost no read.
        rules: By which rules they came to what they are.
    """
    lines = {GoodsToIssue.of(part, line, part.placed_at).subject: (part, line) for part, line in _list_started(orders)}
    if not lines or ASK_TO_ISSUE not in rules.effects:
        return
    streams = look.find_streams(GoodsToIssue.subject_kind, lines)
    events = look.find_events(GoodsToIssue.subject_kind, lines)
    for subject, (part, line) in lines.items():
        where, stream = f"{part.id}.lines.{line.key}", streams.get(subject)
        asked = [kept.value.event for kept in events.get(subject, ()) if kept.value is not None]
        if stream is None or not stream.last:
            yield Notice("I14", where, "it is made when it is paid for, and nobody was asked for it")
        elif not stream.pruned and len(asked) != 1:
            yield Notice("I14", where, f"{len(asked)} events ask for it")
        for event in asked:
            if event != attrs.evolve(GoodsToIssue.of(part, line, part.placed_at), at=event.at):
                yield Notice("I14", where, "its issuer was asked for something else than was ordered")


def _list_started(orders: Iterable[Order]) -> Iterator[tuple[MerchantOrder, OrderLine]]:
    """Yield the issued lines whose merchants know of them: until an order is paid its parts have no pieces."""
    for order in orders:
        for part in order.merchant_orders:
            if part.fulfilment.portions:
                yield from ((part, line) for line in part.lines if line.issued)
