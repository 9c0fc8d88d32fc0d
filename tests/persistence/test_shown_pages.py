"""Pages that look past what a caller is not shown: each look is bounded, all are complete, and no hidden id is told."""

from bisect import bisect_right
from collections.abc import Sequence

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mktcore.persistence.repositories import Page
from mktcore.persistence.shown_pages import find_place_behind, page_shown

IDS = st.lists(st.text("ab~-", min_size=1, max_size=4), min_size=2, max_size=12, unique=True).map(sorted)


@attrs.frozen
class Record:
    id: str
    version: int = 1


class Shelf:
    """Records in the order of ids, some of which are shown; it counts what is read."""

    def __init__(self, ids: Sequence[str], shown: set[str]) -> None:
        self.ids, self.shown, self.rows = sorted(ids), shown, 0

    def read(self, after: str | None, limit: int) -> Page[Record]:
        begin = bisect_right(self.ids, after or "")
        found = self.ids[begin : begin + limit]
        self.rows += len(found)
        more = begin + limit < len(self.ids)
        return Page(tuple(map(Record, found)), found[-1] if more else None)

    def show(self, records: Sequence[Record]) -> list[str]:
        return [one.id for one in records if one.id in self.shown]

    def page(self, after: str | None, limit: int) -> tuple[tuple[str, ...], str | None]:
        return page_shown(self.read, self.show, after=after, limit=limit, name=str)


def test_a_long_run_of_hidden_records_is_looked_through_in_bounded_looks() -> None:
    hidden = [f"lamp-{number:06}" for number in range(200_000)]
    shelf = Shelf([*hidden, "a", "vase"], {"a", "vase"})
    looks, found, after = 0, list[str](), None
    while True:
        shelf.rows = 0
        items, after = shelf.page(after, 10)
        found += items
        looks += 1
        assert shelf.rows <= 40_000
        if after is None:
            break
        assert after in {"a", "vase"} or after not in hidden
    assert found == ["a", "vase"]
    assert looks <= 10


@pytest.mark.parametrize(
    ("passed", "place"),
    [
        (["", "b"], None),  # nothing lies before it that is no id of its own
        (["", "ab"], "a"),
        (["a", "ab"], None),
        (["", "lamp-0500", "lamp-1000"], "lamp-1"),
        (["", "lamp-1", "lamp-12", "lamp-123"], "lamp-12"),
        (["", "a b", "a c"], "a"),
    ],
)
def test_a_place_is_the_begin_of_an_id(passed: list[str], place: str | None) -> None:
    assert find_place_behind(passed) == place


@given(IDS)
def test_a_place_is_behind_the_begin_and_not_behind_the_end(ids: list[str]) -> None:
    place = find_place_behind(ids)
    assert place is None or ids[0] < place < ids[-1]
