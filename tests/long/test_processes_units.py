"""Long: three units of one line through both processes and their messages, every situation explored.

python -m pytest tests/long/test_processes_units.py
"""

from processes.test_links import walk


def test_three_units_of_one_line_never_diverge() -> None:
    situations, ends = walk(3)
    print(f"{situations} situations, {ends} ends")  # noqa: T201 - the figure is the point of the long run
    assert situations > 100_000
    assert ends > 0
