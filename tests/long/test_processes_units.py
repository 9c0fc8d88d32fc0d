"""Long: three units of one line through both processes and their messages, every situation explored.

python -m pytest tests/long/test_processes_units.py
"""

from processes.test_links import walk


def test_three_units_of_one_line_never_diverge() -> None:
    situations, ends = walk(3)
    assert len(situations) == 296_294
    assert ends == 20
