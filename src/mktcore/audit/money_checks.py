"""What must hold of one order's money, recomputed from its history: pools, postings (I4), commission (I8). Pure."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence

import attrs

from mktcore.audit.refunded_figures import check_outside_figures, compare_figures
from mktcore.commissions import CommissionReversal
from mktcore.errors import InvalidValue
from mktcore.ledger import Leg, PostedTransaction, Transaction
from mktcore.notice import Notice
from mktcore.orders import Order, OrderProcesses
from mktcore.orders.history import OrderStep, list_former_steps
from mktcore.orders.order_money import build_books, count_pieces, name_occasion, open_funds, reverse_commissions
from mktcore.postings import Occasion, OrderFunds, post_order_event, post_placement
from mktcore.postings.followed_funds import FollowedFunds
from mktcore.postings.order_postings import ORDER_EVENTS, post_raise
from mktcore.processes import PortionsMachine
from mktcore.processes.errors import InvalidSubject
from mktcore.processes.portions.subject import replay

__all__ = ["OrderBooks", "audit_money"]

_MERCHANT_FUNDS = frozenset({"pending", "available", "reserve", "merchant_debt"})
"""Over which of these an amount went depends on what the merchant had then; together they are its money."""
_COMMISSION = frozenset({"commission", "refund"})


@attrs.frozen
class OrderBooks:
    """What a store keeps of an order's money.

    Attributes:
        funds: The order's pools; None where there is no such record.
        posted: The transactions that name the order as their cause.
        fault: Why they cannot be read; None where they can.
    """

    funds: OrderFunds | None = None
    posted: Sequence[PostedTransaction] = ()
    fault: str | None = None


def audit_money(
    order: Order, books: OrderBooks, processes: OrderProcesses, *, steps: Sequence[OrderStep]
) -> Iterator[Notice]:
    """Yield a finding for everything that an order's history says of its money and the books do not, and back.

    Args:
        order: The whole order, as the operator sees it.
        books: What the store keeps of its money.
        processes: The processes it is on.
        steps: The history of the marketplace order, in order.
    """
    if books.fault is not None:
        yield Notice("I3", order.id, f"a transaction of it cannot be read: {books.fault}")
        return
    if not order.marketplace_order.in_ledger:
        yield from _find_strays(order, books.posted, frozenset())
        yield from check_outside_figures(order, books.funds, processes)
        return
    try:
        expected = _replay(order, processes, [*list_former_steps(order.marketplace_order), *steps])
    except InvalidSubject:
        return  # the history itself cannot have happened, which is found by I15
    except InvalidValue as error:
        yield Notice("I4", order.id, f"its money cannot be recomputed: {error.describe()}")
        return
    if books.funds is None:
        yield Notice("I4", order.id, "it has no record of its money")
    elif (books.funds.currency, books.funds.pools) != (expected.funds.currency, expected.funds.pools):
        yield Notice("I4", order.id, "the record of its money is not what its history comes to")
    yield from _compare_postings(order, expected.transactions, books.posted)
    yield from _compare_reversals(order, expected.funds)
    yield from compare_figures(order, expected.funds)


@attrs.frozen
class _Expected:
    funds: OrderFunds
    transactions: tuple[Transaction, ...]


def _replay(order: Order, processes: OrderProcesses, steps: Sequence[OrderStep]) -> _Expected:
    """Return what the steps of an order do to its money, from its placement on."""
    placed, books = open_funds(order), build_books(order)
    money, transactions = FollowedFunds(placed), list[Transaction]()
    counting: PortionsMachine | None = None
    states: dict[str, dict[str, int]] = {}
    pieces: Counter[str] = Counter()
    revisions = {one.number: one for one in order.marketplace_order.revisions}
    for place, step in enumerate(steps):
        lines = {move.line for move in step.moves}
        moved = replay(step.moves, start={line: states[line] for line in lines if line in states})
        _recount(pieces, states, moved)
        states.update(moved)
        # What happened before an order was migrated was decided by the process that it was on then.
        machine = processes.find_whole(order, {"": {state: held for state, held in pieces.items() if held}})
        # What did not move counts as it did, unless another process counts it: many steps cost what they moved.
        counts = count_pieces(machine, moved if machine is counting else states)
        occasion = Occasion(name_occasion(order.marketplace_order, step.number), step.at, order.id)
        if not place:
            transactions += post_placement(occasion, placed, books)
        before = money.follow(counts)
        keys = books.list_concerned(before)
        transactions += post_order_event(occasion, money.narrow(keys, before), money.narrow(keys), books=books)
        if step.number in revisions:
            added = revisions[step.number].added
            money.raise_open(added)
            transactions += post_raise(occasion, added, funds=placed, books=books)
        counting = machine
    return _Expected(money.build(), tuple(transactions))


def _recount(
    pieces: Counter[str], before: Mapping[str, Mapping[str, int]], after: Mapping[str, Mapping[str, int]]
) -> None:
    """Count in how many places pieces are in each state, after those of some lines moved."""
    for line, states in after.items():
        pieces.subtract(before.get(line, {}).keys())
        pieces.update(states.keys())


def _compare_postings(
    order: Order, expected: Sequence[Transaction], posted: Sequence[PostedTransaction]
) -> Iterator[Notice]:
    there = {one.transaction.key: one.transaction for one in posted}
    for one in expected:
        found = there.get(one.key)
        code = "I8" if one.kind in _COMMISSION else "I4"
        if found is None:
            yield Notice(code, f"{order.id}.{one.kind}", f"transaction {one.key} of {one.total} is not posted")
        elif _sum_legs(found.legs) != _sum_legs(one.legs) or found.effective_at != one.effective_at:
            message = f"transaction {one.key} is of {found.total}, and the order's history comes to {one.total}"
            yield Notice(code, f"{order.id}.{one.kind}", message)
    yield from _find_strays(order, posted, frozenset(one.key for one in expected))


def _find_strays(order: Order, posted: Iterable[PostedTransaction], expected: frozenset[str]) -> Iterator[Notice]:
    for one in posted:
        if one.transaction.kind in ORDER_EVENTS and one.transaction.key not in expected:
            message = f"transaction {one.transaction.key} of {one.transaction.total} follows from none of its steps"
            yield Notice("I4", f"{order.id}.{one.transaction.kind}", message)


def _sum_legs(legs: Iterable[Leg]) -> Mapping[tuple[str, str], int]:
    """Return what each account gets, a merchant's funds as one."""
    sums: Counter[tuple[str, str]] = Counter()
    for leg in legs:
        name = "funds" if leg.account.name in _MERCHANT_FUNDS else leg.account.name
        sums[leg.account.owner, name] += leg.amount.minor
    return {account: minor for account, minor in sums.items() if minor}


def _compare_reversals(order: Order, funds: OrderFunds) -> Iterator[Notice]:
    """Invariant I8: what was given back to date is what its frozen entries and its progress say."""
    for part in order.merchant_orders:
        known = _sum_reversals(part.list_reversals())
        due = _sum_reversals(reverse_commissions(attrs.evolve(part, commission_reversals=()), funds))
        for entry in sorted(known.keys() | due.keys()):
            if known[entry] != due[entry]:
                message = f"{known[entry]} minor units of it and of its tax are given back, and {due[entry]} are due"
                yield Notice("I8", f"{part.id}.commissions.{entry}", message)


def _sum_reversals(steps: Iterable[CommissionReversal]) -> Counter[str]:
    sums: Counter[str] = Counter()
    for step in steps:
        sums[step.commission] += step.amount.minor + step.tax.minor
    return sums
