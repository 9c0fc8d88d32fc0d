"""Simulated markets: no disagreement with the naive model, each seed the same each time, and wrong habits noticed."""

import ast
import inspect
from pathlib import Path

import pytest

from mktcore.testing.simulate import NaiveHabit, Step, draw_steps, naive_order, run_steps, shrink_steps
from mktcore.testing.simulate.__main__ import Databases, main
from mktcore.testing.simulate.run_steps import FAULTS
from persistence.opening import create_database


@pytest.mark.slow
def test_a_short_life_is_as_the_model_says_and_the_same_each_time() -> None:
    first, again = run_steps(draw_steps(3, 10)), run_steps(draw_steps(3, 10))
    assert first.violation is None
    assert (first.trace, first.digest) == (again.trace, again.digest)
    assert first.digest != run_steps(draw_steps(4, 10)).digest
    assert len(first.trace) == 10


@pytest.mark.slow
def test_the_command_meets_every_fault_and_notices_every_wrong_habit(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--seeds", "2", "--steps", "120"]) == 0
    told = capsys.readouterr().out
    assert "2 seeds of 120 steps, no violation" in told
    assert [habit for habit in NaiveHabit if f"the habit {habit} is noticed" not in told] == []
    assert [fault for fault in FAULTS if f"{fault} " not in told] == []


@pytest.mark.slow
def test_a_simulation_that_meets_too_little_fails(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--seeds", "1", "--steps", "2"]) == 1
    assert "never met" in capsys.readouterr().out


@pytest.mark.slow
@pytest.mark.parametrize("store", ["sqlite", "postgresql"])
def test_it_runs_on_databases(store: str, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'sim.db'}" if store == "sqlite" else create_database()
    lived = run_steps(draw_steps(2, 40), opening=Databases(url).open, races=store != "sqlite")
    assert lived.violation is None
    if store == "postgresql":
        assert lived.digest == run_steps(draw_steps(2, 40)).digest  # as in memory, step by step


def test_what_fails_is_shrunk_to_the_steps_that_matter() -> None:
    steps = draw_steps(1, 60)
    needed = {steps[7], steps[41]}
    assert set(shrink_steps(steps, lambda fewer: needed <= set(fewer))) == needed


def test_steps_mean_something_whatever_was_left_out_before_them() -> None:
    lived = run_steps([Step("ship", 5, 7, 2), Step("place", 0, 0, 1), Step("ship", 999, 999, 1)])
    assert lived.violation is None
    assert lived.trace[0].endswith("nothing was placed yet")
    assert lived.trace[2].endswith("done")


def test_the_model_imports_nothing_of_what_it_judges() -> None:
    tree = ast.parse(inspect.getsource(naive_order))
    imported = [node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    assert [module for module in imported if module and module.startswith("mktcore")] == []
