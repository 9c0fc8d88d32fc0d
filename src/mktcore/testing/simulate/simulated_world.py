"""A simulated market beside the naive model: calls that fail, rivals that come between, and all stock by hand."""

from collections import Counter
from collections.abc import Callable

import attrs

from mktcore.cancellations import CancellationRefused
from mktcore.checkout.errors import PlacementRefused
from mktcore.errors import MktcoreError
from mktcore.forwarded_orders import ForwardingRefused
from mktcore.marketplace import Marketplace
from mktcore.persistence import Scope
from mktcore.persistence.errors import CommitUnknown
from mktcore.processes import EventRefused
from mktcore.testing.fakes import ManualClock
from mktcore.testing.simulate.draw_steps import Step
from mktcore.testing.simulate.faulty_store import Fault, FaultyStore
from mktcore.testing.simulate.known_order import KnownOrder
from mktcore.testing.simulate.naive_order import expect
from mktcore.testing.simulate.simulated_goods import GOODS, NaiveShelf

__all__ = ["OPERATOR", "SimulatedWorld"]

OPERATOR = Scope.operator()
_REFUSALS = (EventRefused, CancellationRefused, PlacementRefused, ForwardingRefused)


@attrs.define(eq=False)
class SimulatedWorld:
    """A market, what a naive model knows of it, and how it is asked.

    Attributes:
        market: The market, on a store that fails as it is told.
        store: That store.
        clock: The market's clock.
        asks_anew: Whether whoever got no answer asks under a new key: a habit that is wrong.
        races: Whether a rival may commit while a unit is open.
        orders: The orders that were placed.
        shelf: All stock, counted by hand.
        faults: How often each kind of fault was met.
        calls: How many keys were used.
        rival: The order that a rival moved during the present step.
        rivaled: The merchant order of it that was moved.
    """

    market: Marketplace
    store: FaultyStore
    clock: ManualClock
    asks_anew: bool = attrs.field(default=False, kw_only=True)
    races: bool = attrs.field(default=True, kw_only=True)
    orders: list[KnownOrder] = attrs.field(factory=list)
    shelf: NaiveShelf = attrs.field(factory=NaiveShelf)
    calls: int = 0
    rival: KnownOrder | None = None
    rivaled: str = ""
    met: Counter[str] = attrs.field(factory=Counter)

    @property
    def faults(self) -> Counter[str]:
        """How often each kind of fault was met."""
        return self.met + self.store.met

    def ask(self, step: Step, ask: Callable[[str], object], *, beside: KnownOrder | None = None) -> object:
        """Ask under a key, with what goes wrong; return the answer, or the refusal."""
        key = self.name_call()
        if step.fault is Fault.RIVAL:
            self._set_rival(step, beside)
        elif step.fault is not Fault.SENT_TWICE:
            self.store.fault = step.fault
        try:
            outcome = _answer(ask, key)
        except CommitUnknown:
            outcome = _answer(ask, self.name_call() if self.asks_anew else key)
        finally:
            self.store.fault, self.store.rival = Fault.NONE, None
        if step.fault is Fault.SENT_TWICE:
            self.met[Fault.SENT_TWICE] += 1
            again = _answer(ask, key)
            expect(_tell(again) == _tell(outcome), f"asked twice: {outcome}, then {again}")
        return outcome

    def _set_rival(self, step: Step, beside: KnownOrder | None) -> None:
        """Let somebody send a piece of another order, or of the same one, while the call is under way."""
        others = [known for known in self.orders if known is not beside] if step.pieces > 1 else self.orders
        found = [
            (known, line) for known in others for line in sorted(known.merchants) if known.judged.count(line, "ship")
        ]
        if not found:
            return
        known, line = found[step.line % len(found)]
        key, merchant = self.name_call(), known.merchants[line]
        part, scope = f"{known.placed.id}--{merchant}", Scope.merchant(merchant)

        def send() -> None:
            self.market.fire(part, "ship", key=key, scope=scope, lines={line: 1})
            self.rival, self.rivaled = known, part
            self.met[Fault.RIVAL] += 1

        if self.races:
            self.store.rival = send
        else:
            send()

    def follow_rival(self) -> None:
        """Let the model follow what a rival did: the first of the steps that are new to it."""
        if self.rival is not None:
            self.rival.follow(first_of=self.rivaled)

    def count_moved(self) -> Counter[str]:
        """Return what all orders did to stock."""
        total: Counter[str] = Counter()
        for known in self.orders:
            for name, change in known.count_moved().items():
                total[name] += change
        return total

    def compare_shelf(self) -> None:
        """Compare all stock, and the order that a rival moved, with the model.

        Raises:
            Disagreement: They differ.
        """
        if self.rival is not None:
            self.rival.follow()
            self.rival.compare()
        with self.store.inner.begin(OPERATOR) as unit:
            levels = unit.stock.find_levels(list(GOODS))
        found = Counter({f"{name} on hand": level.on_hand for name, level in levels.items()})
        found.update({f"{name} reserved": level.reserved for name, level in levels.items()})
        said = self.shelf.add(self.count_moved())
        expect(+found == +said, f"stock is {dict(+found)}, and the model says {dict(+said)}")

    def name_call(self) -> str:
        """Return a key that nobody used before."""
        self.calls += 1
        return f"call-{self.calls}"


def _answer(ask: Callable[[str], object], key: str) -> object:
    try:
        return ask(key)
    except _REFUSALS as refusal:
        return refusal


def _tell(outcome: object) -> object:
    return outcome.notices if isinstance(outcome, MktcoreError) else outcome
