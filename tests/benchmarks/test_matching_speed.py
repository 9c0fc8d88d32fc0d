"""Speed of matching beside its floor: `pytest tests/benchmarks/test_matching_speed.py`.

The floor is what a host would write first: compare the sets of words with every SKU. Both answer the same queries in
one process, the best of three rounds each. The figures for a million SKUs are those of `tests/long/matching_scale.py`.
"""

from collections.abc import Callable
from time import perf_counter

from matching.synthetic import Catalogue
from mktcore.matching import RecordMatcher

QUERIES = 40


def measure(work: Callable[[], object]) -> float:
    best = float("inf")
    for _ in range(3):
        started = perf_counter()
        work()
        best = min(best, perf_counter() - started)
    return QUERIES / best


def measure_size(size: int) -> tuple[float, float]:
    """Return the matches a second of an index over so many SKUs, and of comparing with each of them."""
    catalogue = Catalogue(size)
    matcher = RecordMatcher.build(catalogue.list_records())
    queries = [query for query, _ in catalogue.list_queries(size // QUERIES)][:QUERIES]
    names = [frozenset(record.name.split()) for record in catalogue.list_records()]

    def find_by_words(words: set[str]) -> frozenset[str]:
        return max(names, key=lambda name: len(name & words))

    floor = measure(lambda: [find_by_words(set(query.name.split())) for query in queries])
    rate = measure(lambda: [matcher.find(query, limit=1) for query in queries])
    print(f"\n{size:,} SKUs: {rate:,.0f}/s, comparing with all {floor:,.0f}/s")  # noqa: T201 - what a benchmark is for
    return rate, floor


def test_an_index_beats_comparing_with_every_sku_and_grows_slower_than_the_catalogue() -> None:
    small, floor = measure_size(4_000)
    large, floor_of_large = measure_size(40_000)
    assert small > floor
    assert large > 10 * floor_of_large
    assert large > small / 3  # ten times the catalogue
