"""The examples in the pages on processes, run as they stand."""

import doctest
import os
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(("page", "least"), [("processes.md", 30), ("spryker-processes.md", 4)])
def test_every_example_of_the_page_holds(page: str, least: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    results = doctest.testfile(str(ROOT / "docs" / page), module_relative=False, encoding="utf-8")
    assert results.failed == 0
    assert results.attempted >= least
    assert os.getcwd() == str(ROOT)  # noqa: PTH109 - the pages name files from the root of the project
