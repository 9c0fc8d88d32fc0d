"""The example that shows what an adapter has to do passes the whole conformance check, and is as short as promised."""

import runpy
from pathlib import Path

import pytest

from mktcore.testing import KINDS, check_store

EXAMPLE = Path(__file__).parents[2] / "examples" / "dict_store.py"


@pytest.mark.slow
def test_the_store_over_dicts_passes_every_clause() -> None:
    store_type = runpy.run_path(str(EXAMPLE))["DictStore"]
    check_store(lambda: store_type(KINDS))


def test_the_store_over_dicts_is_shorter_than_250_lines() -> None:
    assert len(EXAMPLE.read_text(encoding="utf-8").splitlines()) < 250
