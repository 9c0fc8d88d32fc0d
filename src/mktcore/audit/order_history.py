"""Whether an order's history, and what was published of it, lead to what it is (invariants I14 and I15). Pure."""

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import pairwise

from mktcore.audit.order_records import OrderRecords, OrderRules, list_subjects
from mktcore.notice import Notice
from mktcore.orders import MarketplaceOrder, MerchantOrder, Order
from mktcore.orders.effects import PUBLISH_EVENTS, RECORD_STEPS
from mktcore.orders.events import MarketplaceOrderMoved, MerchantOrderMoved, MerchantOrderPlaced, OrderPlaced
from mktcore.orders.history import OrderStep, build_step, collect_moves
from mktcore.orders.portions_at import list_portions
from mktcore.orders.stated_figures import find_undone, list_undone
from mktcore.persistence import Scope
from mktcore.processes.errors import InvalidSubject
from mktcore.processes.portions.subject import find_stays, replay
from mktcore.totals.undone import NOTHING_UNDONE

__all__ = ["check_history"]

_MOVED = (MarketplaceOrderMoved, MerchantOrderMoved)
_PLACED = (OrderPlaced, MerchantOrderPlaced)


def check_history(order: Order, records: OrderRecords, rules: OrderRules) -> Iterator[Notice]:
    """Yield a finding for everything about an order's history and events that does not hold."""
    if RECORD_STEPS in rules.effects:
        yield from _check_figures(order, records)
    for one in list_subjects(order):
        steps = records.steps.get(one.id, ())
        if RECORD_STEPS in rules.effects:
            yield from _check_steps(one, steps)
            yield from _check_authors(order, steps)
        if PUBLISH_EVENTS in rules.effects:
            yield from _check_events(one, records, is_recorded=RECORD_STEPS in rules.effects)


def _check_figures(order: Order, records: OrderRecords) -> Iterator[Notice]:
    """What is undone of lines and charges, some step told when it changed."""
    steps = [step for one in list_subjects(order) for step in records.steps.get(one.id, ())]
    stated = [figures for step in steps for figures in step.figures]
    versions = {one.id: one.version for one in list_subjects(order)}
    undone = find_undone(stated, versions)
    beyond = {one.subject for one in stated if one.version > versions.get(one.subject, -1)}
    counted = Counter((one.subject, one.version, one.key) for one in stated)
    beyond |= {subject for (subject, _, _), times in counted.items() if times > 1}
    for one in list_subjects(order):
        told = {key: undone.get(key, NOTHING_UNDONE) for key, _ in list_undone(one)}
        if one.told_by_steps and (one.id in beyond or told != dict(list_undone(one))):
            yield Notice("I15", one.id, "its history does not tell what was canceled and refunded of it")


def _check_steps(order: MarketplaceOrder | MerchantOrder, steps: tuple[OrderStep, ...]) -> Iterator[Notice]:
    for step in steps:
        expected = build_step(order, step.number, step.moves)
        told = (step.id, step.order, step.merchant, step.buyer)
        if told != (expected.id, expected.order, expected.merchant, expected.buyer):
            yield Notice("I15", f"order_step {step.id}", f"it does not tell the same as its order {order.id}")
    if any(first.number == second.number for first, second in pairwise(steps)):
        yield Notice("I15", order.id, "two steps of its history have one number")
    if steps and not order.former_moves and any(move.at != order.placed_at for move in steps[0].moves):
        yield Notice("I15", f"order_step {steps[0].id}", f"it is of another instant than its order, {order.placed_at}")
    if steps and steps[-1].number > order.version:
        yield Notice("I15", order.id, f"its history knows version {steps[-1].number}, it has {order.version}")
    try:
        if _tells_portions(order, steps):
            return  # down to the instant at which each piece entered its state
        states = replay(collect_moves(order, steps))
    except InvalidSubject as error:
        yield Notice("I15", order.id, f"its history cannot have happened: {error.describe()}")
        return
    if states != order.fulfilment.states():
        yield Notice("I15", order.id, "its history does not lead to its present state")
    elif order.told_by_steps and not order.former_moves:
        yield from _check_portions(order, steps)
    yield from _check_stays(order, steps)


def _tells_portions(order: MarketplaceOrder | MerchantOrder, steps: tuple[OrderStep, ...]) -> bool:
    """Tell whether moves alone lead to where every piece is; of an order of an earlier release they do not tell so."""
    if not order.told_by_steps or order.former_moves or any(step.portions is not None for step in steps):
        return False
    return list_portions(steps) == order.fulfilment.portions


def _check_portions(order: MarketplaceOrder | MerchantOrder, steps: tuple[OrderStep, ...]) -> Iterator[Notice]:
    """Look at what steps tell beside their moves, as after a migration."""
    if list_portions(steps) != order.fulfilment.portions:
        yield Notice("I15", order.id, "its history does not tell where its pieces are")


def _check_authors(order: Order, steps: tuple[OrderStep, ...]) -> Iterator[Notice]:
    """Who did something to an order, and for whom, is one of its parties."""
    merchants = order.marketplace_order.merchants
    parties = {str(one) for one in (Scope.operator(), Scope.buyer(order.buyer), *map(Scope.merchant, merchants))}
    for step in steps:
        # Thousands of moves have few authors, which are told apart sooner than compared.
        authors = {id(move.by): move.by for move in step.moves}.values()
        named = {str(one) for author in authors if author is not None for one in (author, author.acts_for) if one}
        if not named <= parties:
            yield Notice("I15", f"order_step {step.id}", "it names an author who is no party of its order")


def _check_stays(order: MarketplaceOrder | MerchantOrder, steps: tuple[OrderStep, ...]) -> Iterator[Notice]:
    """Each piece entered its state when some move says so: its time-outs count from there."""
    entered = find_stays(collect_moves(order, steps))
    for portion in order.fulfilment.portions:
        if (portion.line, portion.state, portion.since) not in entered:
            where = f"{order.id}.lines.{portion.line}"
            yield Notice("I15", where, f"nothing tells that it entered {portion.state!r} at {portion.since}")


def _check_events(
    order: MarketplaceOrder | MerchantOrder, records: OrderRecords, *, is_recorded: bool
) -> Iterator[Notice]:
    stream = records.streams.get(order.id)
    if stream is None or not stream.last:
        yield Notice("I14", order.id, "no event ever told of it")
        return
    events = [envelope.event for envelope in records.events.get(order.id, ())]
    placed = [event for event in events if isinstance(event, _PLACED)]
    for placement in placed:
        yield from _check_placed(order, placement)
    for event in events:
        if isinstance(event, (*_PLACED, *_MOVED)) and not _is_to_its_parties(order, event.merchant, event.buyer):
            yield Notice("I18", f"event of {order.id}", "it names other parties than its order")
    if stream.pruned or not is_recorded or order.former_moves:
        return  # the first ones are gone, or nothing tells which there should be
    if len(placed) != 1:
        yield Notice("I14", order.id, f"{len(placed)} events tell of its placement")
    moved = [event for event in events if isinstance(event, _MOVED)]
    if not _tells_history(moved, records.steps.get(order.id, ())):
        yield Notice("I14", order.id, "its events do not tell what its history does")


def _tells_history(events: Sequence[MarketplaceOrderMoved | MerchantOrderMoved], steps: Sequence[OrderStep]) -> bool:
    """Tell whether events tell of all steps but the placement, each by itself."""
    if len(events) < len(steps):
        told = [(event.moves, event.at, event.action) for event in events]
        return told == [(step.moves, step.at, step.action) for step in steps[1:]]
    # What happened at one instant became one step of an order of 0.1.0, whatever it was told by; the placement too.
    moves = [move for event in events for move in event.moves]
    happened = [move for step in steps for move in step.moves]
    return bool(moves) and happened[-len(moves) :] == moves and all(event.at == event.moves[0].at for event in events)


def _is_to_its_parties(order: MarketplaceOrder | MerchantOrder, merchant: str | None, buyer: str | None) -> bool:
    expected = order.merchant if isinstance(order, MerchantOrder) else None
    return (merchant, buyer) == (expected, order.buyer)


def _check_placed(
    order: MarketplaceOrder | MerchantOrder, event: OrderPlaced | MerchantOrderPlaced
) -> Iterator[Notice]:
    where = f"event of {order.id}"
    placed = order.totals.as_placed().grand_total
    if event.grand_total != placed:
        message = f"it was placed at {event.grand_total}, and is {placed}"
        yield Notice("I14", where, message)
    if event.at != order.placed_at:
        yield Notice("I14", where, f"it was placed at {event.at}, and tells {order.placed_at}")
    if isinstance(event, MerchantOrderPlaced):
        refers = isinstance(order, MerchantOrder) and event.order == order.order
    else:
        refers = isinstance(order, MarketplaceOrder) and event.merchant_orders == order.merchant_order_ids
    if not refers:
        yield Notice("I14", where, "it names other orders")
