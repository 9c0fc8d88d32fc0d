"""What happens in a simulated market, drawn from one seed. Pure: the same seed draws the same steps."""

from random import Random

import attrs

from mktcore.testing.simulate.faulty_store import Fault

__all__ = ["VERBS", "Step", "draw_steps"]

OF_PARTS = (
    *("pick", "ship", "deliver", "back-order", "undo shipment", "lose", "refuse at door", "cancel by merchant"),
    *("accept cancellation", "refuse cancellation", "receive return", "refuse return", "refund"),
)
"""What merchants do."""
OF_WHOLES = ("ask to cancel", "ask to return", "hold", "release", "close")
OTHERS = ("place", "forward", "follow", "cancel", "report", "count", "wait", "jump", "intrude")
VERBS = (*OF_PARTS, *OF_WHOLES, *OTHERS)
_WEIGHTS = {
    "place": 6,
    "ship": 5,
    "deliver": 4,
    "pick": 2,
    "cancel": 3,
    "wait": 2,
    "ask to return": 2,
    "count": 2,
    "forward": 2,
    "follow": 2,
}
_FAULTS = tuple(fault for fault in Fault if fault is not Fault.NONE)


@attrs.frozen
class Step:
    """One step. Its numbers choose among what there is then, so that it means something after others were left out.

    Attributes:
        verb: What is done.
        order: Which order.
        line: Which line of it, or which goods.
        pieces: How many pieces, 1 to 5.
        fault: What goes wrong with it.
    """

    verb: str
    order: int
    line: int
    pieces: int
    fault: Fault = Fault.NONE

    def __str__(self) -> str:
        told = f"{self.verb} order={self.order} line={self.line} pieces={self.pieces}"
        return told if self.fault is Fault.NONE else f"{told} fault={self.fault}"


def draw_steps(seed: int, count: int) -> tuple[Step, ...]:
    """Return so many steps of a seed.

    >>> draw_steps(7, 3) == draw_steps(7, 3)
    True

    Args:
        seed: The same draws the same, on every machine.
        count: Steps.
    """
    random = Random(seed)  # noqa: S311 - the same in every run
    weights = [_WEIGHTS.get(verb, 1) for verb in VERBS]
    return tuple(_draw(random, weights) for _ in range(count))


def _draw(random: Random, weights: list[int]) -> Step:
    [verb] = random.choices(VERBS, weights)
    fault = random.choice(_FAULTS) if random.random() < 0.3 else Fault.NONE  # noqa: PLR2004 - often, and not always
    order, line, pieces = random.randrange(1_000), random.randrange(1_000), random.choice((1, 1, 1, 2, 3, 5))
    return Step(verb, order=order, line=line, pieces=pieces, fault=fault)
