"""Simulated markets: buyers, merchants and the operator at random, with crashes and races, against a naive model.

python -m mktcore.testing.simulate --seeds 100 --steps 200
"""

from mktcore.testing.simulate.draw_steps import Step, draw_steps
from mktcore.testing.simulate.faulty_store import Fault, FaultyStore
from mktcore.testing.simulate.naive_order import Disagreement
from mktcore.testing.simulate.run_steps import Lived, NaiveHabit, run_steps
from mktcore.testing.simulate.shrink_steps import shrink_steps

__all__ = [
    "Disagreement",
    "Fault",
    "FaultyStore",
    "Lived",
    "NaiveHabit",
    "Step",
    "draw_steps",
    "run_steps",
    "shrink_steps",
]
