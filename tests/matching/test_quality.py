"""The figures that the default policy is held to on real data; the long command prints them all."""

import pytest

from matching.benchmark_sets import FOLDER, load_set
from mktcore.matching.calibrate_policy import measure_quality

pytestmark = pytest.mark.slow  # whole data sets are matched


@pytest.mark.skipif(not FOLDER.is_dir(), reason="the public benchmarks are not at hand (set MKTCORE_SHARED_DATA)")
@pytest.mark.parametrize(("name", "f1"), [("abt_buy", 0.76), ("amazon_google", 0.58), ("walmart_amazon", 0.74)])
def test_the_default_policy_is_good_enough(name: str, f1: float) -> None:
    benchmark = load_set(name)
    assert measure_quality(benchmark.open_matcher(), benchmark.validation).f1 >= f1
