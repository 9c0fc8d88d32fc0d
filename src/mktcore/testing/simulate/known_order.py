"""An order of a simulated market beside the naive model of it: followed by its history, compared with its figures."""

from collections import Counter
from collections.abc import Mapping, Sequence

import attrs

from mktcore.marketplace import Marketplace
from mktcore.orders import MerchantOrder, Order
from mktcore.orders.history import OrderStep
from mktcore.persistence import Scope
from mktcore.testing.simulate.naive_order import AWAY, BACK, JudgedOrder, Purse, expect
from mktcore.totals.figures import Figures

__all__ = ["KnownOrder"]

OPERATOR = Scope.operator()


@attrs.define(eq=False)
class KnownOrder:
    """An order, with what a naive model says of it.

    Attributes:
        market: Where it was placed.
        placed: The order as it was placed.
        merchants: The merchant of each line, by its key.
        goods: What each line is of, by its key.
        judged: What the naive model says.
        seen: Steps of the history that the model was told, by the merchant order.
        sent: Pieces of each line that ever left, those too that came back.
    """

    market: Marketplace
    placed: Order
    merchants: Mapping[str, str]
    goods: Mapping[str, str]
    judged: JudgedOrder
    seen: Counter[str] = attrs.field(factory=Counter)
    sent: Counter[str] = attrs.field(factory=Counter)

    @classmethod
    def of(cls, market: Marketplace, placed: Order, goods: Mapping[str, str]) -> "KnownOrder":
        """Return an order of which nothing has happened yet."""
        merchants = {line.key: part.merchant for part in placed.merchant_orders for line in part.lines}
        lines = {line.key: line for part in placed.merchant_orders for line in part.lines}
        judged = JudgedOrder(
            merchants,
            {key: Purse(one.quantity, one.totals.grand_minor, one.totals.tax_minor) for key, one in lines.items()},
            freight={part.merchant: _to_purse(part) for part in placed.merchant_orders if part.expenses},
            own=Purse(1, 0, 0),
        )
        known = cls(market, placed, merchants, goods=goods, judged=judged)
        known.seen.update({part.id: 1 for part in placed.merchant_orders})
        return known

    def follow(self, *, first_of: str | None = None) -> Counter[tuple[str, str]]:
        """Tell the model what happened since, and return the pieces that moved, by line and event.

        Args:
            first_of: The merchant order of which the model is told one step, while the rest stays new to it.
        """
        moved: Counter[tuple[str, str]] = Counter()
        parts = [part for part in self.placed.merchant_orders if first_of in {None, part.id}]
        for part in parts:
            new = self._list_steps(part.id)[self.seen[part.id] :]
            for step in new[: None if first_of is None else 1]:
                moves = [(one.line, one.quantity, one.source, one.target, one.event) for one in step.moves]
                self.judged.follow(moves)
                self.seen[part.id] += 1
                for line, pieces, _, _, event in moves:
                    moved[line, event] += pieces
                    self.sent[line] += pieces * (event == "ship")
        self.judged.check()
        return moved

    def count_moved(self) -> Counter[str]:
        """Return what the order did to stock: `"lens reserved"`."""
        total: Counter[str] = Counter()
        for name, change in self.judged.stock.items():
            line, _, what = name.partition(" ")
            total[f"{self.goods[line]} {what}"] += change
        return total

    def compare(self) -> None:
        """Compare the order, its parts and its shipments with the model.

        Raises:
            Disagreement: They differ.
        """
        order = self.market.orders.get(self.placed.id, scope=OPERATOR)
        _compare(order.id, _tell(order.totals), self.judged.tell())
        for part in order.merchant_orders:
            _compare(part.id, _tell(part.totals), self.judged.tell(part.merchant))
            for line in part.lines:
                _compare(f"{part.id}.{line.key}", _tell(line.totals), self.judged.lines[line.key].tell())
                states = dict(+self.judged.states[line.key])
                _compare(f"{part.id}.{line.key}", dict(part.states[line.key]), states)
            self._compare_shipments(part)

    def check_events(self) -> None:
        """Look at each event: they are numbered without a gap, and tell every step once.

        Raises:
            Disagreement: They do not.
        """
        for part, steps in self.seen.items():
            with self.market.store.begin(OPERATOR) as unit:
                events = list(unit.find_events("merchant_order", part))
            _compare(f"events of {part}", [one.sequence for one in events], list(range(1, steps + 1)))

    def _list_steps(self, part: str) -> Sequence[OrderStep]:
        return self.market.orders.page_merchant_order_history(part, scope=OPERATOR, limit=1_000).items

    def _compare_shipments(self, part: MerchantOrder) -> None:
        held: Counter[tuple[str, str]] = Counter()
        for id_ in part.shipments:
            for one in self.market.shipments.get(id_, scope=OPERATOR).pieces:
                held[one.line, one.state] += one.quantity
        gone = {
            (line, state): pieces
            for line, states in self.judged.states.items()
            for state, pieces in states.items()
            if pieces and self.merchants[line] == part.merchant and state in AWAY | BACK
        }
        _compare(f"shipments of {part.id}", dict(held), gone)


def _to_purse(part: MerchantOrder) -> Purse:
    freight = part.expenses[0].totals
    return Purse(1, freight.grand_minor, freight.tax_minor)


def _tell(figures: Figures) -> tuple[int, ...]:
    undone = figures.undone
    back = (undone.canceled_minor, undone.canceled_tax_minor, undone.refund_minor, undone.refund_tax_minor)
    return (figures.grand_total.minor, figures.tax_total.minor, *back)


def _compare(where: str, found: object, said: object) -> None:
    expect(found == said, f"{where} is {found}, and the model says {said}")
