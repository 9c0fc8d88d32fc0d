"""Whether a marketplace order and its merchant orders tell the same: who, when, which lines, in which states. Pure."""

from collections import Counter
from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet

from mktcore.audit.order_records import OrderRules, list_subjects
from mktcore.notice import Notice
from mktcore.orders import MarketplaceOrder, MerchantOrder, Order
from mktcore.orders.mark_progress import mark_progress
from mktcore.orders.order_stage import OrderStage, find_stage

__all__ = ["check_agreement"]


def check_agreement(order: Order, rules: OrderRules) -> Iterator[Notice]:
    """Yield a finding for everything that a whole and its parts tell differently."""
    whole, there = order.marketplace_order, {part.id for part in order.merchant_orders}
    for id_ in whole.merchant_order_ids:
        if id_ not in there:
            yield Notice("I16", whole.id, f"merchant order {id_} is missing")
    for part in order.merchant_orders:
        yield from _check_part(whole, part)
    yield from _check_held(order, rules)
    yield from _check_progress(order, rules)
    for one in list_subjects(order):
        if one.fulfilment.id != one.id:
            yield Notice("I15", one.id, f"what goes through its process is {one.fulfilment.id}")
        machines = (rules.processes.whole,) if isinstance(one, MarketplaceOrder) else rules.processes.list_parts()
        names = [machine.process.name for machine in machines]
        if one.fulfilment.process not in names:
            message = f"it is on {one.fulfilment.process!r}, and not on {' or '.join(map(repr, names))}"
            yield Notice("I15", one.id, message)
        yield from _check_stage(one, rules)
    lines = [line for part in order.merchant_orders for line in part.lines]
    quantities = Counter({line.key: line.quantity for line in lines})
    if len(quantities) != len(lines):
        yield Notice("I16", whole.id, "two of its lines have one key")
    yield from _check_skus(whole, {line.sku for line in lines})
    yield from _check_pieces(whole, quantities)
    for part in order.merchant_orders:
        if part.fulfilment.portions:
            yield from _check_pieces(part, Counter({line.key: line.quantity for line in part.lines}))
        yield from _check_states(whole, part, rules)


def _check_skus(whole: MarketplaceOrder, skus: AbstractSet[str]) -> Iterator[Notice]:
    if {*whole.skus} != skus or len(whole.skus) != len(skus):
        yield Notice("I16", f"{whole.id}.skus", f"it tells {list(whole.skus)}, and its lines tell {sorted(skus)}")


def _check_held(order: Order, rules: OrderRules) -> Iterator[Notice]:
    """An order to which something may still happen is on processes that the marketplace has."""
    if order.marketplace_order.stage is OrderStage.OPEN and rules.processes.find_pair(order) is None:
        on = " and ".join(dict.fromkeys(f"{one.process} v{one.version}" for one in order.subjects().values()))
        yield Notice("I15", order.id, f"it is open on {on}, and that is not held")


def _check_progress(order: Order, rules: OrderRules) -> Iterator[Notice]:
    """What an order says for people, the market's function tells of it; one of an earlier release says nothing yet."""
    if rules.processes.find_pair(order) is None:
        return
    due = mark_progress(order, rules.processes)
    for told, expected in zip(list_subjects(order), list_subjects(due), strict=True):
        if told.progress and told.progress != expected.progress:
            message = f"it says {told.progress}, and its pieces and payments say {expected.progress}"
            yield Notice("I15", f"{told.id}.progress", message)


def _check_stage(order: MarketplaceOrder | MerchantOrder, rules: OrderRules) -> Iterator[Notice]:
    """How far an order says that it is, it is by the states of its pieces."""
    machine = rules.find_machine(order.fulfilment)
    stage = order.stage if machine is None else find_stage(machine, order.fulfilment)
    if order.stage is not stage:
        yield Notice("I15", f"{order.id}.stage", f"it says {order.stage}, and its pieces say {stage}")


def _check_part(whole: MarketplaceOrder, part: MerchantOrder) -> Iterator[Notice]:
    told = {
        "id": (part.id, f"{part.order}--{part.merchant}"),
        "order": (part.order, whole.id),
        "buyer": (part.buyer, whole.buyer),
        "placed_at": (part.placed_at, whole.placed_at),
    }
    for field, (found, expected) in told.items():
        if found != expected:
            yield Notice("I16", f"{part.id}.{field}", f"it is {found}, and its order tells {expected}")
    for line in part.lines:
        for sources in line.group_sources():
            if sum(source.quantity for source in sources) != line.quantity * sources[0].per:
                yield Notice("I16", f"{part.id}.lines.{line.key}", "its locations do not give as many pieces as it has")


def _check_pieces(order: MarketplaceOrder | MerchantOrder, quantities: Counter[str]) -> Iterator[Notice]:
    """Each piece of each line is in one state."""
    placed = {line: sum(states.values()) for line, states in order.fulfilment.states().items()}
    for line in sorted(placed.keys() | quantities.keys()):
        if placed.get(line, 0) != quantities[line]:
            message = f"{quantities[line]} pieces were ordered, {placed.get(line, 0)} are in some state"
            yield Notice("I15", f"{order.id}.lines.{line}", message)


def _check_states(whole: MarketplaceOrder, part: MerchantOrder, rules: OrderRules) -> Iterator[Notice]:
    """What the parts went through, the whole shows: each of its states means what the merchant's means."""
    meanings = _find_meanings(rules, part.fulfilment.process)
    if rules.find_machine(whole.fulfilment) is None or rules.find_machine(part.fulfilment) is None:
        return  # on another version, whose states may mean something else
    shown = whole.fulfilment.states()
    for line, states in part.fulfilment.states().items():
        expected: Counter[str] = Counter()
        for state, quantity in states.items():
            expected[meanings.get(state, "")] += quantity
        if "" not in expected and dict(expected) != shown.get(line, {}):
            message = f"the merchant's pieces are {_tell(states)}, the order's {_tell(shown.get(line, {}))}"
            yield Notice("I15", f"{part.id}.lines.{line}", message)


def _find_meanings(rules: OrderRules, process: str) -> dict[str, str]:
    """Return the one state of the whole that means what a state of a part's process does, where it is one."""
    found: dict[str, list[str]] = {}
    for interaction in rules.processes.list_interactions(process):
        for of_whole, of_part in interaction.same:
            found.setdefault(of_part, []).append(of_whole)
    return {of_part: states[0] for of_part, states in found.items() if len(states) == 1}


def _tell(states: Mapping[str, int]) -> str:
    return ", ".join(f"{quantity} {state}" for state, quantity in sorted(states.items())) or "nowhere"
