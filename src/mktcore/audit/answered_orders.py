"""Whether orders that answers under keys tell of are those that are kept under their ids (invariant I13). Pure."""

from collections import Counter
from collections.abc import Iterator

import attrs

from mktcore.audit.answered_versions import check_answered_version
from mktcore.audit.known_orders import KnownOrders, Told
from mktcore.audit.told_words import Words, check_words
from mktcore.extra import NO_EXTRA
from mktcore.notice import Notice
from mktcore.orders import MarketplaceOrder, MerchantOrder
from mktcore.orders.answered_order import AnsweredMerchantOrder, AnsweredWhole
from mktcore.orders.order_line import OrderExpense
from mktcore.orders.order_stage import OrderStage
from mktcore.totals.figures import Figures

__all__ = ["check_told_order", "list_figures"]


def check_told_order(where: str, told: Told, known: KnownOrders) -> Iterator[Notice]:
    """Yield a finding where an answer tells of an order what it never was."""
    order = known.orders.get(told.id)
    if order is None:
        yield Notice("I13", where, f"its answer is {told.id}, which is not there")
    elif isinstance(told, AnsweredWhole | AnsweredMerchantOrder) and order.value is not None:
        history = known.histories.get(told.id)
        yield from check_answered_version(where, told, order.value, history=history, processes=known.processes)
    elif isinstance(told, MarketplaceOrder | MerchantOrder) and order.value is not None:
        yield from _check_whole(where, told, order.value, known=known)


def _check_whole(
    where: str,
    told: MarketplaceOrder | MerchantOrder,
    stored: MarketplaceOrder | MerchantOrder,
    *,
    known: KnownOrders,
) -> Iterator[Notice]:
    """Look at an order that an answer tells whole."""
    steps = known.steps.get(told.id, ())
    if any(move.is_migration() for step in steps for move in step.moves):
        # It was answered on another version of its process, perhaps of another name.
        process, version = stored.fulfilment.process, stored.fulfilment.version
        told = attrs.evolve(told, fulfilment=attrs.evolve(told.fulfilment, process=process, version=version))
    # A buyer's answer does not tell who bears what.
    shown = known.hide_bearers(stored) if told.totals.merchant_borne_minor is None else stored
    # Nor a merchant's more of the customer than the order's policy lets it.
    told, shown = _hide_customer(told, stored.stage), _hide_customer(shown, stored.stage)
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
        # Of an earlier release, steps are not numbered by the versions that they made.
        counted = known.histories[told.id].find_states(told.version) if stored.told_by_steps else None
        if counted is not None and counted != _count_states(told):
            yield Notice("I13", where, f"its answer tells of {told.id} other pieces than there were")
    if known.processes is not None:
        yield from check_words(f"{where} of {told.id}", Words.of(told), _count_states(told), processes=known.processes)
    if isinstance(told, MerchantOrder) and isinstance(stored, MerchantOrder):
        yield from _check_begun(where, told, stored, known=known)


def _count_states(told: MarketplaceOrder | MerchantOrder) -> Counter[str]:
    states: Counter[str] = Counter()
    for portion in told.fulfilment.portions:
        states[portion.state] += portion.quantity
    return states


def _hide_customer(order: MarketplaceOrder | MerchantOrder, stage: OrderStage) -> MarketplaceOrder | MerchantOrder:
    # At one stage: what was told while it was open was more than is shown of a closed one.
    return order.hide_customer(stage) if isinstance(order, MerchantOrder) else order


def _check_begun(where: str, told: MerchantOrder, stored: MerchantOrder, *, known: KnownOrders) -> Iterator[Notice]:
    """Look at what only grows: an answer tells what was there of it at its time."""
    if not _is_same_commission(told, stored):
        yield Notice("I13", where, f"its answer tells another commission of {told.id}")
    if told.shipments != known.list_shipments(stored, told.version):
        yield Notice("I13", where, f"its answer tells other shipments of {told.id}")


def _tells_figures(told: MarketplaceOrder | MerchantOrder, shown: MarketplaceOrder | MerchantOrder) -> bool:
    """Tell whether figures are the present ones; an answer of release 0.1.0 told those of the placement for ever."""
    present, answered = list_figures(shown), list_figures(told)
    return answered == present or answered == [figures.as_placed() for figures in present]


def list_figures(order: MarketplaceOrder | MerchantOrder) -> list[Figures]:
    """Return the figures of an order, of its lines and of its charges."""
    lines = [line.totals for line in order.lines] if isinstance(order, MerchantOrder) else []
    return [order.totals, *lines, *(entry.totals for entry in order.expenses)]


def _is_same_commission(told: MerchantOrder, stored: MerchantOrder) -> bool:
    """Callers who may not see commission are answered without; what is given back later comes after the rest."""
    given_back = told.commission_reversals or ()
    is_begun = given_back == (stored.commission_reversals or ())[: len(given_back)]
    return not told.commissions or (told.commissions == stored.commissions and is_begun)


def _is_placed_alike(
    one: MarketplaceOrder | MerchantOrder, other: MarketplaceOrder | MerchantOrder, known: KnownOrders
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
        return attrs.evolve(placed, reviews=(), progress="", discount_terms=None, revisions=(), told_by_steps=False)
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
        told_by_steps=False,
    )


def _to_placed_charges(order: MarketplaceOrder | MerchantOrder) -> tuple[OrderExpense, ...]:
    return tuple(attrs.evolve(entry, totals=entry.totals.as_placed()) for entry in order.expenses)
