"""A whole sale beside its floor, by processor time, with what is asked of a quiet machine. Prints a table:

python -m pytest tests/benchmarks/test_sale_speed.py -q -s
"""

from pathlib import Path

import pytest

from benchmarks.sale_costs import TARGETS_MS, measure_sale

TIMES_THE_STATEMENTS = {"simulate": 13, "place": 6, "fire": 10}
"""What a call on SQLite may cost of what its statements cost by hand: what it has, and a half more."""


@pytest.mark.parametrize("store", ["memory", "sqlite"])
def test_a_sale_stays_near_its_floor(store: str, tmp_path: Path) -> None:
    costs = list(measure_sale(store, tmp_path))
    for one in costs:
        asked = TARGETS_MS.get((store, one.lines, one.name), "-")
        print(  # noqa: T201 - the table is what the command is for
            f"\n{store:>6} {one.lines:>3} lines {one.name:>8}: {one.ours * 1e3:7.2f} ms, {asked} asked; "
            f"floor {one.floor * 1e3:7.3f} ms, {one.ours / one.floor:.1f} of them"
        )
    if store == "sqlite":
        assert [one.name for one in costs if one.ours > TIMES_THE_STATEMENTS[one.name] * one.floor] == []
