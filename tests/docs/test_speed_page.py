"""The page of speeds shows every target: it was made by the command as it is now."""

from pathlib import Path

from benchmarks.sale_times import TARGETS
from benchmarks.test_small_orders_speed import LIMITS_US

PAGE = (Path(__file__).parents[2] / "docs" / "speed.md").read_text(encoding="utf-8")


def test_every_target_of_totals_is_shown_beside_its_floor() -> None:
    rows = [line for line in PAGE.splitlines() if line.startswith("| ")]
    for (lines, sellers), most in LIMITS_US.items():
        assert [row for row in rows if row.startswith(f"| {lines} x {sellers} |") and f"| {most} us |" in row]


def test_every_target_of_a_sale_is_shown() -> None:
    cells = [[cell.strip() for cell in line.split("|")[1:-1]] for line in PAGE.splitlines() if line.startswith("| ")]
    shown = {(row[1], row[2], row[0]): row[6] for row in cells if len(row) == 8}
    # How long stock is locked is by the clock alone, and no cost of the processor.
    wanted = {
        (str(lines), name, store): str(most) for (lines, name, store), most in TARGETS.items() if name != "locked"
    }
    assert wanted.items() <= shown.items()
