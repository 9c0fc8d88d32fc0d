"""Merchants of a simulated market that have others send pieces, and both ends of that."""

from collections.abc import Iterator, Sequence

import attrs

from mktcore.forwarded_orders import ForwardedOrder
from mktcore.persistence import Scope
from mktcore.testing.simulate.draw_steps import Step
from mktcore.testing.simulate.faulty_store import Fault
from mktcore.testing.simulate.known_order import KnownOrder
from mktcore.testing.simulate.naive_order import HELD, expect
from mktcore.testing.simulate.simulated_world import OPERATOR, SimulatedWorld

__all__ = ["SimulatedForwarding"]

_MOST_TURNS = 50
"""Turns for each order, after which links follow each other for ever."""


@attrs.define(eq=False)
class SimulatedForwarding(SimulatedWorld):
    """Merchants that forward pieces to each other, and the worker that lets both ends follow."""

    def forward(self, step: Step, known: KnownOrder, line: str) -> str:
        """Let the other merchant send pieces of a line, by something that it sells in its place."""
        merchant = known.merchants[line]
        supplier, name = ("bolt", "map") if merchant == "acme" else ("acme", "case")
        part, scope = f"{known.placed.id}--{merchant}", Scope.merchant(merchant)
        lines, offers = {line: step.pieces}, {line: name}
        could = known.judged.count(line, "ship") - sum(self._count_forwarded(part, line))
        is_free = self.shelf.count_free(name, self.count_moved()) >= step.pieces
        is_circle = part in {link.supplier_merchant_order for link in self._list_links()}
        outcome = self.ask(
            attrs.evolve(step, fault=Fault.NONE) if step.fault is Fault.RIVAL else step,
            lambda key: self.market.forwarded_orders.forward(
                part, supplier, lines, key=key, scope=scope, offers=offers
            ),
        )
        is_done = isinstance(outcome, ForwardedOrder)
        told = (
            f"{could} of {line} of {part} may be forwarded, {name} is there: {is_free}; asked {step.pieces}: {outcome}"
        )
        expect(is_done == (could >= step.pieces and is_free and not is_circle), told)
        if isinstance(outcome, ForwardedOrder):
            placed = self.market.orders.get(outcome.supplier_order, scope=OPERATOR)
            self.orders.append(KnownOrder.of(self.market, placed, {line: name}))
            self.orders[-1].compare()
        self.compare_shelf()
        return "forwarded" if is_done else "refused"

    def _count_forwarded(self, part: str, line: str) -> Iterator[int]:
        """Yield the pieces of a line that suppliers still have, as the model of their orders says."""
        judged = {known.placed.id: known.judged for known in self.orders}
        for link in self._list_links():
            if link.merchant_order == part and line in link.lines:
                states = judged[link.supplier_order].states[line]
                yield sum(pieces for state, pieces in states.items() if state in HELD)

    def _list_links(self) -> Sequence[ForwardedOrder]:
        return self.market.forwarded_orders.page(scope=OPERATOR, limit=1_000).items

    def follow_links(self) -> str:
        """Let the ends of links follow each other: what left the supplier left the merchant, as far as it may."""
        moved = 0
        while done := self.market.forwarded_orders.follow():
            moved += done
            expect(moved <= len(self.orders) * _MOST_TURNS, "links follow each other for ever")
        for known in self.orders:
            known.follow()
        for known in self.orders:
            known.compare()
        self.met["followed"] += bool(moved)
        for link in self._list_links():
            self._compare_link(link)
        self.compare_shelf()
        return f"{moved} followed"

    def _compare_link(self, link: ForwardedOrder) -> None:
        known = {one.placed.id: one for one in self.orders}
        own, supplier = known[link.order], known[link.supplier_order]
        for line, pieces in link.lines.items():
            states = supplier.judged.states[line]
            left = pieces - sum(count for state, count in states.items() if state in HELD) - states["canceled"]
            waits = own.judged.states[line]["held"] > 0
            told = f"{left} of {line} left {link.supplier_order}, and {own.sent[line]} ever left {link.merchant_order}"
            expect(own.sent[line] >= left or waits or bool(link.troubles), told)
