"""What the speed of processes must hold, as ratios within one run.

    pip install -e ".[dev,benchmarks]"
    python -m pytest tests/benchmarks/test_processes_speed.py

The figures themselves: `python tests/benchmarks/bench_processes.py`.
"""

import pytest

pytest.importorskip("transitions", reason="the peers come with the extra `benchmarks`")
pytest.importorskip("statemachine", reason="the peers come with the extra `benchmarks`")

from benchmarks.bench_processes import time_definition, time_firing, time_timeouts


def test_firing_costs_little_more_than_by_hand_and_far_less_than_with_the_peers() -> None:
    found = time_firing()
    ours = found["mktcore"]
    assert ours <= 1.5 * found["floor by hand"]
    assert ours <= 1.5 * found["floor, fast builders"]
    assert found["transitions"] >= 5 * ours
    assert found["python-statemachine"] >= 50 * ours


def test_ten_thousand_states_are_bound_and_verified_in_seconds() -> None:
    build, binding, verifying, _ = time_definition(10_000)
    assert max(build, binding, verifying) < 3_000


def test_due_time_outs_are_found_without_reading_the_others() -> None:
    found, reading = time_timeouts()
    assert found * 20 < reading
