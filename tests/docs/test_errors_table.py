"""The page of errors lists every code of the package."""

from functools import cache
from pathlib import Path

import pytest

from docs.errors_table import Row, list_exceptions, list_values, to_markdown
from mktcore.access import PermissionDenied
from mktcore.errors import MktcoreError

pytestmark = pytest.mark.slow  # reads all of the source

PAGE = Path(__file__).parents[2] / "docs" / "errors.md"


@cache
def read_page() -> str:
    return to_markdown()


@cache
def list_notices() -> tuple[Row, ...]:
    return tuple(list_values("Notice"))


def test_the_page_is_what_the_source_says() -> None:
    written = PAGE.read_text(encoding="utf-8")
    assert written == read_page(), "run: python tests/docs/errors_table.py > docs/errors.md"


def test_every_refusal_of_parties_has_a_code_a_meaning_and_a_remedy() -> None:
    rows = [row for row in [*list_exceptions(), *list_notices()] if row.code.startswith("parties.")]
    assert len(rows) > 12
    assert all(row.meaning and row.remedy for row in rows), [row for row in rows if not (row.meaning and row.remedy)]


def test_codes_belong_to_one_class_each() -> None:
    codes = [row.code for row in list_exceptions()]
    assert len(set(codes)) == len(codes)
    assert {MktcoreError.code, PermissionDenied.code} <= set(codes)


def test_codes_passed_on_through_a_function_are_found() -> None:
    codes = {row.code for row in list_notices()}
    assert {"out-of-stock", "unknown-sku", "no-right-to-sell", "processes.no-state"} <= codes


def test_codes_chosen_by_a_condition_are_found_on_both_sides() -> None:
    codes = {row.code for row in list_notices()}
    assert {"totals.negative-quantity", "totals.not-a-count", "ambiguous", "hidden-choice", "mixed-kinds"} <= codes


def test_what_a_document_is_refused_for_is_found() -> None:
    codes = {row.code for row in list_notices()}
    assert {"wire.wrong-type", "wire.not-json", "wire.too-long", "wire.wrong-tag", "wire.half-a-pair"} <= codes


def test_what_an_audit_finds_is_no_issue_of_a_cart() -> None:
    page = read_page()
    carts, stores = page.index("## Issues of a cart"), page.index("## What verifying a store finds")
    assert carts < page.index("`empty-cart`") < stores < page.index("| `I1` |") < page.index("| `I10` |")
