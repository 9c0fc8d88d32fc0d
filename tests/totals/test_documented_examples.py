"""The examples in the pages on money and totals, run as they stand."""

import doctest
from pathlib import Path

import pytest

DOCS = Path(__file__).parents[2] / "docs"


@pytest.mark.parametrize("page", ["money.md", "totals.md", "rounding-conventions.md"])
def test_every_example_of_the_page_holds(page: str) -> None:
    results = doctest.testfile(str(DOCS / page), module_relative=False, encoding="utf-8")
    assert results.failed == 0
    assert results.attempted > 5
