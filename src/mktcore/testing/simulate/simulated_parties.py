"""Buyers, merchants and the operator of a simulated market: what each asks for, and what must come of it."""

from collections.abc import Callable
from datetime import timedelta

import attrs

from mktcore.cancellations import CancellationRefused
from mktcore.carts import Cart, CartLine
from mktcore.errors import MktcoreError
from mktcore.orders import Order
from mktcore.persistence import NotFound, Party, Scope
from mktcore.status_updates import StatusOutcome, StatusUpdate
from mktcore.testing.simulate.draw_steps import OF_PARTS, OF_WHOLES, Step
from mktcore.testing.simulate.faulty_store import Fault
from mktcore.testing.simulate.known_order import KnownOrder
from mktcore.testing.simulate.naive_order import expect
from mktcore.testing.simulate.simulated_forwarding import SimulatedForwarding
from mktcore.testing.simulate.simulated_goods import GOODS
from mktcore.testing.simulate.simulated_world import OPERATOR

__all__ = ["SimulatedParties"]

STRANGER = Scope.buyer("stranger")
_SOURCES = {
    "ask to cancel": ("sent", "back-ordered"),
    "ask to return": ("delivered",),
    "hold": ("sent",),
    "release": ("held",),
    "close": ("delivered",),
}
"""By event of a whole order, the states of its lines that it leads out of."""
_BUYERS = ("ann", "ben", "cat")


@attrs.define(eq=False)
class SimulatedParties(SimulatedForwarding):
    """Everybody in a simulated market: buyers, merchants, the operator, and strangers."""

    def do(self, step: Step) -> str:
        """Do what a step asks, compare what came of it with the model, and tell it in a few words.

        Raises:
            Disagreement: The market came to something else than the model.
        """
        self.rival = None
        if step.verb == "place":
            return self._place(step)
        if step.verb == "count":
            return self._count(step)
        if step.verb in {"wait", "jump"}:
            return self._wait(step)
        if step.verb == "follow":
            return self.follow_links()
        if not self.orders:
            return "nothing was placed yet"
        known = self.orders[step.order % len(self.orders)]
        keys = sorted(known.merchants)
        line = keys[step.line % len(keys)]
        if step.verb in OF_PARTS:
            return self._fire_part(step, known, line)
        if step.verb in OF_WHOLES:
            return self._fire_whole(step, known, line)
        if step.verb == "cancel":
            return self._cancel(step, known, line)
        if step.verb == "forward":
            return self.forward(step, known, line)
        return self._report(step) if step.verb == "report" else self._intrude(known, line)

    def check_end(self) -> None:
        """Let time-outs happen, and compare all that there is.

        Raises:
            Disagreement: The market came to something else than the model.
        """
        for pieces in (2, 2):
            self._wait(Step("wait", order=0, line=0, pieces=pieces))
        for known in self.orders:
            known.check_events()

    def _place(self, step: Step) -> str:
        names = sorted(GOODS)
        chosen = [names[(step.line + place) % len(names)] for place in range(1 + step.order % 3)]
        goods = {f"l{place}": name for place, name in enumerate(chosen, 1)}
        buyer = _BUYERS[step.order % len(_BUYERS)]
        lines = [CartLine(key, name, step.pieces, offer=name) for key, name in goods.items()]
        cart = Cart.of(f"cart-{self.calls}", buyer=buyer, lines=lines)
        outcome = self.ask(step, lambda key: self.market.place(cart, key=key, scope=Scope.buyer(buyer)))
        self.follow_rival()
        free = all(self.shelf.count_free(name, self.count_moved()) >= step.pieces for name in chosen)
        expect(free == isinstance(outcome, Order), f"{chosen} can be sold: {free}, and it came to {outcome}")
        if not isinstance(outcome, Order):
            self.met["out-of-stock"] += 1
            self.compare_shelf()
            return "out of stock"
        price = sum(step.pieces * int(GOODS[name][1].replace(".", "")) for name in chosen)
        found = sum(line.totals.grand_minor for part in outcome.merchant_orders for line in part.lines)
        expect(price == found, f"{outcome.id} costs {found} without freight, and the model says {price}")
        known = KnownOrder.of(self.market, self.market.orders.get(outcome.id, scope=OPERATOR), goods)
        self.orders.append(known)
        known.compare()
        self.compare_shelf()
        return f"placed {outcome.id}"

    def _count(self, step: Step) -> str:
        name = sorted(GOODS)[step.line % len(GOODS)]
        there = self.shelf.add(self.count_moved())[f"{name} on hand"] + step.pieces
        self.market.stock.count(name, there, scope=Scope.merchant(GOODS[name][0]))
        self.shelf.counted[f"{name} on hand"] += step.pieces
        self.compare_shelf()
        return f"{there} of {name} on hand"

    def _wait(self, step: Step) -> str:
        days = (1, 2, 31)[step.pieces % 3]
        self.clock.advance(timedelta(days=days))
        if step.verb == "jump":
            self.met["clock-jump"] += 1
            return f"{days} days later, and nobody looked"
        self.market.orders.expire(limit=10_000)
        moved = [known.follow() for known in self.orders]
        self.met["time-out"] += any(moved)
        for known in self.orders:
            known.compare()
        self.compare_shelf()
        return f"{days} days later"

    def _fire_part(self, step: Step, known: KnownOrder, line: str) -> str:
        merchant = known.merchants[line]
        part, scope = f"{known.placed.id}--{merchant}", Scope.merchant(merchant)
        lines, before = {line: step.pieces}, known.judged.count(line, step.verb)
        outcome = self.ask(
            step, lambda key: self.market.fire(part, step.verb, key=key, scope=scope, lines=lines), beside=known
        )
        self.follow_rival()
        there = known.judged.count(line, step.verb)
        # What is refused writes nothing of the order: it may have come before a rival, and what is done cannot have.
        is_refused = isinstance(outcome, MktcoreError)
        return self._judge(step, known, line, outcome=outcome, there=min(before, there) if is_refused else there)

    def _fire_whole(self, step: Step, known: KnownOrder, line: str) -> str:
        order = known.placed.id
        scope = Scope.buyer(known.placed.buyer) if step.verb.startswith("ask") else OPERATOR
        lines = {line: step.pieces}
        states = self.market.orders.get(order, scope=OPERATOR).marketplace_order.fulfilment.states()[line]
        there = sum(states.get(state, 0) for state in _SOURCES[step.verb])
        outcome = self.ask(
            attrs.evolve(step, fault=Fault.NONE) if step.fault is Fault.RIVAL else step,
            lambda key: self.market.orders.fire(order, step.verb, key=key, scope=scope, lines=lines),
        )
        return self._judge(step, known, line, outcome=outcome, there=there)

    def _judge(self, step: Step, known: KnownOrder, line: str, *, outcome: object, there: int) -> str:
        """Compare what came of an event with what the model says could."""
        is_done = not isinstance(outcome, MktcoreError)
        told = f"{step.verb} of {step.pieces} {line} of {known.placed.id}, of which {there} can: {outcome}"
        expect(is_done == (there >= step.pieces), told)
        moved = known.follow()[line, step.verb]
        expect(moved == (step.pieces if is_done else 0), f"{told}; {moved} pieces moved")
        known.compare()
        self.compare_shelf()
        self.met["refused"] += not is_done
        return "done" if is_done else "refused"

    def _cancel(self, step: Step, known: KnownOrder, line: str) -> str:
        who = (Scope.buyer(known.placed.buyer), OPERATOR, Scope.merchant(known.merchants[line]))[step.pieces % 3]
        is_part = who.party is Party.MERCHANT
        order = f"{known.placed.id}--{known.merchants[line]}" if is_part else known.placed.id
        lines = {line: step.pieces}
        before = known.judged.states[line].copy()
        try:
            preview = self.market.orders.preview_cancel(order, lines, scope=who)
        except CancellationRefused:
            preview = None
        outcome = self.ask(step, lambda key: self.market.orders.cancel(order, lines, key=key, scope=who), beside=known)
        has_rival = self.rival is not None
        self.follow_rival()
        known.follow()
        is_done = not isinstance(outcome, MktcoreError)
        if not has_rival:
            expect(is_done == (preview is not None), f"a preview says {preview}, and it came to {outcome}")
        if not is_done:
            states = known.judged.states[line]
            expect(has_rival or states == before, f"refused, and {before} became {states}")
        known.compare()
        self.compare_shelf()
        self.met["refused"] += not is_done
        return "canceled" if is_done else "refused"

    def _report(self, step: Step) -> str:
        """Report a piece of several orders at once; each is judged by itself."""
        chosen = [self.orders[(step.order + place) % len(self.orders)] for place in range(min(3, len(self.orders)))]
        updates, could = [], []
        for known in chosen:
            line = sorted(known.merchants)[step.line % len(known.merchants)]
            event = ("ship", "deliver")[step.pieces % 2]
            part = f"{known.placed.id}--{known.merchants[line]}"
            updates.append(StatusUpdate(self.name_call(), part, event, lines={line: 1}))
            could.append((known, line, event, known.judged.count(line, event) >= 1))
        self.store.fault = step.fault if step.fault is Fault.LOST_RACE else Fault.NONE
        results = self.market.orders.update_statuses(updates, scope=OPERATOR)
        again = self.market.orders.update_statuses(updates, scope=OPERATOR)
        self.store.fault = Fault.NONE
        expect([one.outcome for one in results] == [one.outcome for one in again], "sent again, it came to another end")
        for result, (known, line, event, may) in zip(results, could, strict=True):
            is_moved = result.outcome is StatusOutcome.MOVED
            expect(is_moved == may, f"{event} of 1 {line} of {known.placed.id}: {may}, and it came to {result}")
            expect(known.follow()[line, event] == int(may), f"{event} of {known.placed.id} is not there once")
            known.compare()
        self.compare_shelf()
        return " ".join(str(one.outcome) for one in results)

    def _intrude(self, known: KnownOrder, line: str) -> str:
        """Nobody sees or moves what is another's."""
        merchant = known.merchants[line]
        order, part = known.placed.id, f"{known.placed.id}--{merchant}"
        other, orders = Scope.merchant("bolt" if merchant == "acme" else "acme"), self.market.orders
        asks: tuple[Callable[[], object], ...] = (
            lambda: orders.get(order, scope=STRANGER),
            lambda: orders.get_merchant_order(part, scope=other),
            lambda: self.market.fire(part, "ship", key=self.name_call(), scope=other, lines={line: 1}),
            lambda: orders.cancel(order, key=self.name_call(), scope=STRANGER),
            lambda: self.market.shipments.expected(part, scope=other),
        )
        for ask in asks:
            try:
                answer = ask()
            except NotFound:
                continue
            expect(answer is None, f"a stranger of {part} was answered {answer}")
        expect(not orders.merchant_orders.page(scope=STRANGER).items, "a stranger's list is not empty")
        known.compare()
        self.met["intruder"] += 1
        return "found nothing"
