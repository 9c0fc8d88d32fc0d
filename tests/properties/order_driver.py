"""Verbs of all parties on orders of a market, one after the other; a naive judge says what must come of each."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from datetime import timedelta
from pathlib import Path

import pytest

from markets import NOON, TWO_MERCHANTS
from mktcore.cancellations import CancellationRefused
from mktcore.carts import Cart, CartLine
from mktcore.errors import MktcoreError
from mktcore.marketplace import Marketplace
from mktcore.money import Money
from mktcore.orders import Order
from mktcore.orders.actions import Deliver
from mktcore.orders.history import OrderStep
from mktcore.persistence import NotFound, Scope
from mktcore.processes import EventRefused
from mktcore.testing.fakes import CountingIds, ManualClock
from mktcore.testing.simulate.naive_order import AWAY, BACK, WAYS, JudgedOrder, Purse
from mktcore.totals import Expense, Reduction
from mktcore.totals.figures import Figures

FILES = TWO_MERCHANTS | {
    "tax_rates.csv": "tax_category,name,rate\ngoods,VAT,0.19\nbooks,VAT,0.07\n",
    "skus.csv": "sku,name,tax_category\nlens,Lens,goods\nbook,Book,books\ncase,Case,goods\n",
    "offers.csv": (
        "offer,merchant,sku,price,stock\n"
        "lens,acme,lens,19.99,90000\ncase,acme,case,3.33,90000\nbook,bolt,book,45.51,90000\n"
    ),
    "shipping_fees.csv": "merchant,fee,free_from,tax_category\nacme,4.90,500.00,goods\n",
    "commission_rules.csv": "rule,rate\nall,0.13\n",
}
OPERATOR, STRANGER = Scope.operator(), Scope.buyer("stranger")
BUYER = Scope.buyer("ann")
LINES: Mapping[str, tuple[str, str, int]] = {
    "l1": ("acme", "lens", 5),
    "l2": ("acme", "case", 3),
    "l3": ("bolt", "book", 2),
}
"""By key: merchant, offer, pieces."""
OF_PARTS = (
    "pick",
    "ship",
    "deliver",
    "back-order",
    "undo shipment",
    "lose",
    "refuse at door",
    "cancel by merchant",
    "accept cancellation",
    "refuse cancellation",
    "receive return",
    "refuse return",
    "refund",
)
OF_WHOLE = {
    "ask to cancel": BUYER,
    "ask to return": BUYER,
    "hold": OPERATOR,
    "release": OPERATOR,
    "close": OPERATOR,
}
OTHERS = ("cancel as buyer", "cancel as merchant", "cancel as operator", "send", "arrive", "wait", "intrude")
VERBS = (*OF_PARTS, *OF_WHOLE, *OTHERS)
Step = tuple[str, int, str, int]
"""A verb, which order, which line, how many pieces."""


def open_market(folder: Path) -> tuple[Marketplace, ManualClock]:
    """Return a market that has goods for sale."""
    for name, text in FILES.items():
        (folder / name).write_text(text, encoding="utf-8")
    clock = ManualClock(NOON)
    market = Marketplace.in_memory("EUR", clock=clock, ids=CountingIds())
    market.load(folder)
    return market, clock


class Life:
    """Some orders of one market, each with its judge."""

    def __init__(self, market: Marketplace, clock: ManualClock, name: str, orders: int = 1) -> None:
        self.market, self.clock, self.name, self.calls = market, clock, name, 0
        self.before = self.find_levels()
        self.placed = [self.place(number) for number in range(orders)]
        self.judges = [judge(order) for order in self.placed]
        self.seen = [{part.id: 1 for part in order.merchant_orders} for order in self.placed]
        for number in range(orders):
            self.compare(number)

    def place(self, number: int) -> Order:
        cart = Cart.of(
            f"{self.name}-{number}",
            buyer="ann",
            lines=[CartLine(key, offer, pieces, offer=offer) for key, (_, offer, pieces) in LINES.items()],
            reductions=[Reduction("ten-off", Money.of("10.00", "EUR"))],
            expenses=[Expense("fee", None, Money.of("1.00", "EUR"))],
        )
        return self.market.place(cart, key=self.name_call(), scope=OPERATOR)

    def name_call(self) -> str:
        self.calls += 1
        return f"{self.name}-call-{self.calls}"

    def live(self, steps: Iterable[Step]) -> None:
        """Do what is asked, and compare after each step; in the end time-outs happen, and none is left to others."""
        for verb, number, line, pieces in (*steps, ("wait", 0, "l1", 2), ("wait", 0, "l1", 2)):
            self.clock.advance(timedelta(seconds=1))
            order = number % len(self.placed)
            self.do(verb, order, line, pieces)
            moved = range(len(self.placed)) if verb == "wait" else (order,)
            for one in moved:  # all of them first: they share stock
                self.follow(one)
            for one in moved:
                self.compare(one)
        self.check_end()

    def do(self, verb: str, number: int, line: str, pieces: int) -> None:
        order, merchant = self.placed[number], LINES[line][0]
        part, own = f"{order.id}--{merchant}", Scope.merchant(merchant)
        if verb in OF_PARTS:
            there = self.judges[number].count(line, verb)
            self.expect(there >= pieces, lambda: self.fire(part, verb, own, line, pieces))
        elif verb in OF_WHOLE:
            self.fire_whole(order.id, verb, line, pieces)
        elif verb.startswith("cancel as "):
            who = {"buyer": BUYER, "merchant": own, "operator": OPERATOR}[verb.removeprefix("cancel as ")]
            self.cancel(part if who is own else order.id, who, line, pieces)
        elif verb == "send":
            there = self.judges[number].count(line, "ship")
            self.expect(there >= pieces, lambda: self.send(part, own, line, pieces))
        elif verb == "arrive":
            self.arrive(part, own)
        elif verb == "wait":
            self.clock.advance(timedelta(days=(1, 2, 31)[pieces % 3]))
            self.market.orders.expire(limit=10_000)
        else:
            self.intrude(number, part, line)

    def fire(self, part: str, event: str, scope: Scope, line: str, pieces: int) -> None:
        self.market.fire(part, event, key=self.name_call(), scope=scope, lines={line: pieces})

    def fire_whole(self, order: str, event: str, line: str, pieces: int) -> None:
        lines = {line: pieces}
        whole = self.market.orders.get(order, scope=OPERATOR).marketplace_order.fulfilment.states()[line]
        sources = {
            "ask to cancel": ("sent", "back-ordered"),
            "ask to return": ("delivered",),
            "hold": ("sent",),
            "release": ("held",),
            "close": ("delivered",),
        }[event]
        there = sum(whole.get(state, 0) for state in sources)
        self.expect(
            there >= pieces,
            lambda: self.market.orders.fire(order, event, key=self.name_call(), scope=OF_WHOLE[event], lines=lines),
        )

    def cancel(self, order: str, scope: Scope, line: str, pieces: int) -> None:
        """Cancel what a preview promised, which comes true to the cent; or both refuse."""
        lines = {line: pieces}
        try:
            preview = self.market.orders.preview_cancel(order, lines, scope=scope)
        except CancellationRefused:
            self.refuse(lambda: self.market.orders.cancel(order, lines, key=self.name_call(), scope=scope))
            return
        done = self.market.orders.cancel(order, lines, key=self.name_call(), scope=scope, agreed=preview)
        assert sum(preview.canceled.values()) + sum(preview.asked.values()) == pieces
        assert (done.totals.grand_total, done.totals.tax_total) == (preview.grand_after, preview.tax_after)

    def send(self, part: str, scope: Scope, line: str, pieces: int) -> None:
        shipment = self.market.shipments.ship(part, {line: pieces}, key=self.name_call(), scope=scope)
        assert shipment.lines == {line: pieces}

    def arrive(self, part: str, scope: Scope) -> None:
        """Deliver the last shipment of a merchant order, if something of it is still on its way."""
        shipments = self.market.orders.get_merchant_order(part, scope=scope).shipments
        if not shipments:
            return
        there = self.market.shipments.get(shipments[-1], scope=scope).count(["shipped", "lost"])
        self.expect(
            bool(there),
            lambda: self.market.shipments.fire(shipments[-1], Deliver(), key=self.name_call(), scope=scope),
        )

    def intrude(self, number: int, part: str, line: str) -> None:
        """Nobody sees or moves what is another's, nor does what is not its own to do."""
        order = self.placed[number].id
        other = Scope.merchant("bolt" if part.endswith("--acme") else "acme")
        for ask in (
            lambda: self.market.orders.get(order, scope=STRANGER),
            lambda: self.market.orders.get(order, scope=other),
            lambda: self.market.orders.get_merchant_order(part, scope=other),
            lambda: self.market.fire(part, "ship", key=self.name_call(), scope=other, lines={line: 1}),
            lambda: self.market.orders.cancel(order, key=self.name_call(), scope=STRANGER),
            lambda: self.market.shipments.ship(part, key=self.name_call(), scope=other),
        ):
            self.refuse(ask, NotFound)
        self.refuse(lambda: self.market.orders.fire(order, "ship", key=self.name_call(), scope=BUYER))
        mine = {"merchant_order": part}
        assert self.market.shipments.page(scope=STRANGER, where=mine).items == ()
        assert self.market.orders.merchant_orders.page(scope=STRANGER).items == ()

    def expect(self, accepted: bool, ask: Callable[[], object]) -> None:
        """Do something that is accepted or refused, as the judge says."""
        if accepted:
            ask()
        else:
            self.refuse(ask)

    def refuse(self, ask: Callable[[], object], refusal: type[MktcoreError] | None = None) -> None:
        """Ask for what nobody may have."""
        with pytest.raises((EventRefused, CancellationRefused) if refusal is None else refusal):
            ask()

    def follow(self, number: int) -> None:
        """Tell the judge what the history says has happened since."""
        for part in self.placed[number].merchant_orders:
            page = self.market.orders.page_merchant_order_history(part.id, scope=OPERATOR, limit=1000)
            for step in page.items[self.seen[number][part.id] :]:
                self.judges[number].follow(_to_moves(step))
            self.seen[number][part.id] = len(page.items)
            numbers = [step.number for step in page.items]
            assert numbers == sorted(set(numbers))
        self.judges[number].check()

    def compare(self, number: int) -> None:
        """Compare an order, its parts, its shipments and all stock with what the judges say."""
        order, judged = self.market.orders.get(self.placed[number].id, scope=OPERATOR), self.judges[number]
        assert _tell(order.totals) == judged.tell()
        for part in order.merchant_orders:
            assert _tell(part.totals) == judged.tell(part.merchant)
            for line in part.lines:
                assert _tell(line.totals) == judged.lines[line.key].tell()
                assert part.states[line.key] == +judged.states[line.key]
            self.compare_shipments(part.id, part.shipments, judged)
        assert order.totals.undone.refund_minor <= self.placed[number].totals.grand_minor
        expected = Counter(self.before)
        for one in self.judges:
            for name, change in one.stock.items():
                key, _, what = name.partition(" ")
                expected[f"{LINES[key][1]} {what}"] += change
        assert self.find_levels() == +expected

    def compare_shipments(self, part: str, shipments: tuple[str, ...], judged: JudgedOrder) -> None:
        held = Counter[tuple[str, str]]()
        for id_ in shipments:
            for one in self.market.shipments.get(id_, scope=OPERATOR).pieces:
                held[one.line, one.state] += one.quantity
        merchant = part.rpartition("--")[2]
        gone = {
            (line, state): pieces
            for line, states in judged.states.items()
            for state, pieces in states.items()
            if pieces and judged.merchants[line] == merchant and state in AWAY | BACK
        }
        assert held == gone

    def find_levels(self) -> Counter[str]:
        with self.market.store.begin(OPERATOR) as unit:
            levels = unit.stock.find_levels(["lens", "case", "book"])
        found = {f"{item} on hand": level.on_hand for item, level in levels.items()}
        return +Counter(found | {f"{item} reserved": level.reserved for item, level in levels.items()})

    def check_end(self) -> None:
        """Look at each event: they are numbered without a gap, and tell every step once."""
        for order, seen in zip(self.placed, self.seen, strict=True):
            for part, steps in seen.items():
                with self.market.store.begin(OPERATOR) as unit:
                    events = unit.find_events("merchant_order", part)
                assert [one.sequence for one in events] == list(range(1, len(events) + 1))
                assert len(events) == steps, f"{order.id}: {len(events)} events, {steps} steps"


def judge(order: Order) -> JudgedOrder:
    """Return a judge that knows what the order was placed at, and nothing else."""
    lines = {line.key: line.totals for part in order.merchant_orders for line in part.lines}
    freight = {part.merchant: part.expenses[0].totals for part in order.merchant_orders if part.expenses}
    [own] = order.marketplace_order.expenses
    return JudgedOrder(
        {key: merchant for key, (merchant, _, _) in LINES.items()},
        {key: Purse(LINES[key][2], one.grand_minor, one.tax_minor) for key, one in lines.items()},
        {merchant: Purse(1, one.grand_minor, one.tax_minor) for merchant, one in freight.items()},
        Purse(1, own.totals.grand_minor, own.totals.tax_minor),
    )


def _to_moves(step: OrderStep) -> list[tuple[str, int, str | None, str, str]]:
    return [(move.line, move.quantity, move.source, move.target, move.event) for move in step.moves]


def _tell(figures: Figures) -> tuple[int, int, int, int, int, int]:
    undone = figures.undone
    back = (undone.canceled_minor, undone.canceled_tax_minor, undone.refund_minor, undone.refund_tax_minor)
    return (figures.grand_total.minor, figures.tax_total.minor, *back)


assert set(OF_PARTS) <= WAYS.keys()
