"""Whether the answers that are kept for idempotency keys are those of the orders that they name (invariant I13)."""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from typing import Any

import attrs

from mktcore.audit.answered_history import AnsweredHistory
from mktcore.audit.answered_records import check_answered, load_answered
from mktcore.audit.guarded_checks import iterate_batches, run_guarded
from mktcore.audit.paused_collector import pause_collector
from mktcore.extra import NO_EXTRA
from mktcore.notice import Notice
from mktcore.orders import MARKETPLACE_ORDERS, MERCHANT_ORDERS, MarketplaceOrder, MerchantOrder, Order
from mktcore.orders.history import ORDER_STEPS, OrderStep
from mktcore.orders.order_line import OrderExpense, OrderLine
from mktcore.orders.order_stage import OrderStage
from mktcore.persistence import Party
from mktcore.persistence.idempotency_records import IdempotencyRecord
from mktcore.store_inspection import Kept, RecordInspection
from mktcore.totals.figures import Figures

__all__ = ["check_keys"]

_BATCH = 100


def check_keys(inspection: RecordInspection) -> Iterator[Notice]:
    """Yield a finding for each record that is unreadable, disguised, or answers with an order that it is not about."""
    seen: dict[tuple[str, str, int], str] = {}
    for batch in iterate_batches(inspection.iterate_records(), _BATCH):
        with pause_collector():
            found = tuple(_check_batch(inspection, batch, seen))
        yield from found


def _check_batch(
    inspection: RecordInspection, batch: Iterable[Kept[IdempotencyRecord]], seen: dict[tuple[str, str, int], str]
) -> Iterator[Notice]:
    told = [one for kept in batch if kept.value is not None for one in _list_told(kept.value)]
    known = _load_known(inspection, told)
    others = load_answered(inspection, [kept.value for kept in batch if kept.value is not None])
    for kept in batch:
        if kept.value is not None:
            yield from run_guarded(
                "I13", f"key {kept.id}", partial(check_answered, f"key {kept.id}", kept.value, others)
            )
        yield from run_guarded("I13", f"key {kept.id}", partial(_check, kept, known, seen))


_ANSWERED = frozenset({"place", "fire", "cancel"})
"""The operations whose answer is an order."""


@attrs.frozen
class _Known:
    """What is kept of the orders that some answers tell of, each by the order's id.

    Attributes:
        orders: The orders as they are.
        steps: Their histories.
        histories: What those that have one went through, for answers to be compared with.
        lines: The lines that were compared, of an answer and of what is kept, by which objects they are, and whether
            they are alike: answers share nearly all of their lines, and would be compared as often as there are keys.
        unborne: The orders without who bears what, by id.
        shipped: The versions that merchant orders got by their shipments, by the order's id.
    """

    orders: Mapping[str, Kept[Any]]
    steps: Mapping[str, list[OrderStep]]
    histories: Mapping[str, AnsweredHistory]
    lines: dict[tuple[int, int], tuple[OrderLine, OrderLine, bool]] = attrs.field(factory=dict)
    unborne: dict[str, MarketplaceOrder | MerchantOrder] = attrs.field(factory=dict)
    shipped: dict[str, list[int]] = attrs.field(factory=dict)

    def hide_bearers(self, stored: MarketplaceOrder | MerchantOrder) -> MarketplaceOrder | MerchantOrder:
        """Return an order without who bears what, the same object each time."""
        if stored.id not in self.unborne:
            self.unborne[stored.id] = stored.without_bearers()
        return self.unborne[stored.id]

    def list_shipments(self, stored: MerchantOrder, version: int) -> tuple[str, ...]:
        """Return the shipments that an order had in a version: they only grow."""
        if stored.id not in self.shipped:
            # The id of a shipment ends with the version that its order got by it.
            self.shipped[stored.id] = [int(one[-8:]) for one in stored.shipments]
        return stored.shipments[: bisect_right(self.shipped[stored.id], version)]

    def is_line_alike(self, one: OrderLine, other: OrderLine) -> bool:
        """Tell whether two lines say the same of what was bought."""
        if one is other:
            return True
        pair = (id(one), id(other))
        if pair not in self.lines:
            # The lines are kept beside, so that no other value comes to the place that an id tells.
            self.lines[pair] = (one, other, one == other or _to_placed_line(one) == _to_placed_line(other))
        return self.lines[pair][2]


def _load_known(inspection: RecordInspection, told: Iterable[MarketplaceOrder | MerchantOrder]) -> _Known:
    given = tuple(told)
    orders: dict[str, Kept[Any]] = {}
    steps: dict[str, list[OrderStep]] = {}
    for kind, type_ in ((MARKETPLACE_ORDERS, MarketplaceOrder), (MERCHANT_ORDERS, MerchantOrder)):
        if kind.name in inspection.kinds:
            orders |= inspection.find_kept(kind, {one.id for one in given if isinstance(one, type_)})
    if ORDER_STEPS.name in inspection.kinds:
        for kept in inspection.find_by(ORDER_STEPS, "subject", {one.id for one in given}):
            if kept.value is not None:
                steps.setdefault(kept.value.subject, []).append(kept.value)
    steps = {id_: sorted(own, key=lambda step: step.number) for id_, own in steps.items()}
    there = {id_: kept.value for id_, kept in orders.items() if kept.value is not None}
    histories = {id_: AnsweredHistory(order, steps.get(id_, ())) for id_, order in there.items()}
    return _Known(orders, steps, {id_: history for id_, history in histories.items() if history.is_told()})


def _list_told(record: IdempotencyRecord) -> tuple[MarketplaceOrder | MerchantOrder, ...]:
    """Return the orders that an answer tells of: what it is about first, then its parts."""
    answer = record.result
    if record.operation not in _ANSWERED or not isinstance(answer, Order | MerchantOrder):
        return ()
    return (answer,) if isinstance(answer, MerchantOrder) else (answer.marketplace_order, *answer.merchant_orders)


def _check(kept: Kept[IdempotencyRecord], known: _Known, seen: dict[tuple[str, str, int], str]) -> Iterator[Notice]:
    record, where = kept.value, f"key {kept.id}"
    if record is None:
        yield Notice("I13", where, f"it cannot be read: {kept.problem}")
        return
    if not record.operation:
        yield Notice("I13", where, "it names no operation")
    if record.operation in _ANSWERED and isinstance(record.result, Mapping):
        yield Notice("I13", where, "its answer is of no type that orders answer with")
    told = _list_told(record)
    for one in told:
        yield from _check_told(where, one, known)
    if told:
        yield from _check_request(where, record, told)
        history = known.histories.get(told[0].id)
        if record.operation == "fire" and history is not None:
            yield from history.check_asked(where, record.request)
    if isinstance(record.result, Order):
        parts = tuple(part.id for part in record.result.merchant_orders)
        if parts != record.result.marketplace_order.merchant_order_ids:
            yield Notice("I13", where, "its answer has other merchant orders than it names")
        # An order is placed once, and each action that moves something makes a version of its own.
        number = 0 if record.operation == "place" else told[0].version
        did = record.operation if record.operation == "place" else "move"
        other = seen.setdefault((did, told[0].id, number), kept.id)
        if other != kept.id:
            yield Notice("I13", where, f"its answer is that of key {other}")


def _check_told(where: str, told: MarketplaceOrder | MerchantOrder, known: _Known) -> Iterator[Notice]:
    order, steps = known.orders.get(told.id), known.steps.get(told.id, ())
    if order is None:
        yield Notice("I13", where, f"its answer is {told.id}, which is not there")
        return
    stored = order.value
    if stored is None:
        return  # told with all other records that cannot be read
    if any(move.is_migration() for step in steps for move in step.moves):
        # It was answered on another version of its process, perhaps of another name.
        process, version = stored.fulfilment.process, stored.fulfilment.version
        told = attrs.evolve(told, fulfilment=attrs.evolve(told.fulfilment, process=process, version=version))
    # A buyer's answer does not tell who bears what.
    shown = known.hide_bearers(stored) if told.totals.merchant_borne_minor is None else stored
    # Nor a merchant's more of the customer than the order's policy lets it.
    told, shown = _hide_customer(told), _hide_customer(shown)
    if not _is_placed_alike(shown, told, known):
        yield Notice("I13", where, f"its answer tells of {told.id} what was not placed")
    elif stored.version == told.version and (stored.fulfilment, stored.stage) != (told.fulfilment, told.stage):
        yield Notice("I13", where, f"its answer is the present {told.id}, in other states")
    elif stored.version == told.version and not _tells_figures(told, shown):
        yield Notice("I13", where, f"its answer is the present {told.id}, at other figures")
    if stored.version < told.version:
        yield Notice("I13", where, f"its answer is version {told.version} of {told.id}, it is at {stored.version}")
    if steps:
        yield from known.histories[told.id].check_states(where, told)
    if isinstance(told, MerchantOrder):
        yield from _check_begun(where, told, stored, known=known)


def _hide_customer(order: MarketplaceOrder | MerchantOrder) -> MarketplaceOrder | MerchantOrder:
    return order.hide_customer() if isinstance(order, MerchantOrder) else order


def _check_begun(where: str, told: MerchantOrder, stored: MerchantOrder, *, known: _Known) -> Iterator[Notice]:
    """Look at what only grows: an answer tells what was there of it at its time."""
    if not _is_same_commission(told, stored):
        yield Notice("I13", where, f"its answer tells another commission of {told.id}")
    if told.shipments != known.list_shipments(stored, told.version):
        yield Notice("I13", where, f"its answer tells other shipments of {told.id}")


def _tells_figures(told: MarketplaceOrder | MerchantOrder, shown: MarketplaceOrder | MerchantOrder) -> bool:
    """Tell whether figures are the present ones; an answer of release 0.1.0 told those of the placement for ever."""
    present, answered = _list_figures(shown), _list_figures(told)
    return answered == present or answered == [figures.as_placed() for figures in present]


def _list_figures(order: MarketplaceOrder | MerchantOrder) -> list[Figures]:
    lines = [line.totals for line in order.lines] if isinstance(order, MerchantOrder) else []
    return [order.totals, *lines, *(entry.totals for entry in order.expenses)]


def _is_same_commission(told: MerchantOrder, stored: MerchantOrder) -> bool:
    """Callers who may not see commission are answered without; what is given back later comes after the rest."""
    given_back = told.commission_reversals or ()
    is_begun = given_back == (stored.commission_reversals or ())[: len(given_back)]
    return not told.commissions or (told.commissions == stored.commissions and is_begun)


def _check_request(
    where: str, record: IdempotencyRecord, told: tuple[MarketplaceOrder | MerchantOrder, ...]
) -> Iterator[Notice]:
    answer, cart = told[0], record.request.get("cart")
    if record.operation == "place" and isinstance(answer, MarketplaceOrder) and isinstance(cart, Mapping):
        lines = {line.key: line for part in told[1:] if isinstance(part, MerchantOrder) for line in part.lines}
        is_same = (cart.get("id"), cart.get("buyer")) == (answer.cart, answer.buyer) and _asks_for(cart, lines)
    else:
        is_same = record.request.get("order") == answer.id
    if not is_same:
        yield Notice("I13", where, f"it asks for something else than its answer, {answer.id}")
    if not _may_ask(record.owner, answer):
        yield Notice("I13", where, f"its owner has nothing to do with {answer.id}")


def _asks_for(cart: Mapping[str, object], lines: Mapping[str, OrderLine]) -> bool:
    """Tell whether lines are those of a cart; of which offer, it may leave to the marketplace."""
    asked = cart.get("lines")
    # What promotions give is in no cart.
    lines = {key: line for key, line in lines.items() if not line.gift_of}
    if not isinstance(asked, list) or len(asked) != len(lines):
        return False
    told = {one["key"]: (one["quantity"], one["sku"], one.get("offer") or lines[one["key"]].offer) for one in asked}
    return told == {key: (line.quantity, line.sku, line.offer) for key, line in lines.items()}


def _is_placed_alike(
    one: MarketplaceOrder | MerchantOrder, other: MarketplaceOrder | MerchantOrder, known: _Known
) -> bool:
    """Tell whether two say the same of what was bought, of whom, at which figures, as far as no caller is denied it."""
    if isinstance(one, MarketplaceOrder) and isinstance(other, MarketplaceOrder) and not other.skus:
        one = attrs.evolve(one, skus=())  # an answer of release 0.1.0, which told none
    if _to_placed(one) != _to_placed(other):
        return False
    if not isinstance(one, MerchantOrder) or not isinstance(other, MerchantOrder):
        return True
    return len(one.lines) == len(other.lines) and all(map(known.is_line_alike, one.lines, other.lines))


def _to_placed(order: MarketplaceOrder | MerchantOrder) -> MarketplaceOrder | MerchantOrder:
    """Return of an order, but for its lines, what no caller is denied, and nothing moves.

    Who spoke for the buyer, and through which channel, a host may note later.
    """
    begun = attrs.evolve(order.fulfilment, portions=())
    if isinstance(order, MarketplaceOrder):
        placed = attrs.evolve(order, fulfilment=begun, version=0, former_moves=(), promotion_uses=(), extra=NO_EXTRA)
        placed = attrs.evolve(placed, expenses=_to_placed_charges(order), totals=order.totals.as_placed())
        placed = attrs.evolve(placed, channel=None, user=None, groups=(), in_ledger=False, stage=OrderStage.OPEN)
        return attrs.evolve(placed, reviews=(), progress="")
    return attrs.evolve(
        order,
        fulfilment=begun,
        version=0,
        former_moves=(),
        lines=(),
        expenses=_to_placed_charges(order),
        totals=order.totals.as_placed(),
        commissions=(),
        commission_reversals=(),
        extra=NO_EXTRA,
        stage=OrderStage.OPEN,
        progress="",
        is_held=False,
        shipments=(),
    )


def _to_placed_line(line: OrderLine) -> OrderLine:
    return attrs.evolve(line, sources=(), extra=NO_EXTRA, totals=line.totals.as_placed())


def _to_placed_charges(order: MarketplaceOrder | MerchantOrder) -> tuple[OrderExpense, ...]:
    return tuple(attrs.evolve(entry, totals=entry.totals.as_placed()) for entry in order.expenses)


def _may_ask(owner: str, answer: MarketplaceOrder | MerchantOrder) -> bool:
    party, _, id_ = owner.partition(":")
    if party == Party.BUYER.value:
        return id_ == answer.buyer
    return party == Party.OPERATOR.value or (isinstance(answer, MerchantOrder) and id_ == answer.merchant)
