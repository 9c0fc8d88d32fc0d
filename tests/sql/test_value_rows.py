"""The rows of columns of several values are written where they change, and nowhere else."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import attrs
import pytest
from sqlalchemy import text

from mktcore.audit import verify_store
from mktcore.persistence import Scope
from mktcore.sql import SqlStore
from mktcore.sql.value_rows import ValueRows
from mktcore.testing import KINDS
from mktcore.testing.stores.samples import ENTRIES, Entry

OPERATOR = Scope.operator()


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Any]:
    opened = SqlStore.open(f"sqlite:///{tmp_path / 'market.db'}", KINDS)
    with opened.begin(OPERATOR) as unit:
        unit.repository(ENTRIES).add_many([Entry(f"e{n:04}", "acme", rank=n, marks=("x", "y")) for n in range(20)])
        unit.commit()
    yield opened
    assert verify_store(opened) == ()
    opened.close()


@pytest.fixture
def replaced(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return the ids of the records whose rows are written again."""
    ids: list[str] = []
    replace = ValueRows._replace

    def note(self: Any, writes: Any, values: Any) -> None:
        ids.extend(one.id for one in values)
        replace(self, writes, values)

    monkeypatch.setattr(ValueRows, "_replace", note)
    return ids


def test_a_record_whose_texts_stay_is_saved_without_them(store: Any, replaced: list[str]) -> None:
    with store.begin(OPERATOR) as unit:
        entries = unit.repository(ENTRIES)
        once = entries.save(attrs.evolve(entries.get("e0001"), title="new"))
        entries.save(attrs.evolve(once, title="newer"))
        entries.save(attrs.evolve(entries.page({"rank": 2}).items[0], title="new"))
        entries.save(attrs.evolve(entries.find_where("rank", [3])[0], title="new"))
        unit.commit()
    assert replaced == []


def test_what_stands_beside_a_text_moves_with_it(store: Any, replaced: list[str]) -> None:
    with store.begin(OPERATOR) as unit:
        entries = unit.repository(ENTRIES)
        entries.save(attrs.evolve(entries.get("e0001"), rank=5_000))
        unit.commit()
    assert replaced == ["e0001"]
    with store.begin(OPERATOR) as unit:
        assert unit.repository(ENTRIES).page({"mark": "x"}, order="-rank", limit=1).items[0].id == "e0001"


def test_a_record_that_the_unit_did_not_read_is_written_whole(store: Any, replaced: list[str]) -> None:
    with store.begin(OPERATOR) as unit:
        known = unit.repository(ENTRIES).get("e0001")
    with store.begin(OPERATOR) as unit:
        unit.repository(ENTRIES).save(attrs.evolve(known, title="new"))
        unit.commit()
    assert replaced == ["e0001"] * 2  # of each column, as nobody knows what was there


@pytest.mark.slow  # more records than a unit remembers
def test_more_records_than_are_remembered_are_saved_right(store: Any) -> None:
    with store.begin(OPERATOR) as unit:
        entries = unit.repository(ENTRIES)
        entries.add_many([Entry(f"f{n:04}", "acme", rank=n, marks=("x", "y")) for n in range(1_180)])
        everything = list(entries.stream())
        entries.save_many([attrs.evolve(one, marks=("y", "z")) for one in everything])
        unit.commit()
    with store.begin(OPERATOR) as unit:
        entries = unit.repository(ENTRIES)
        assert [entries.count({"mark": mark}) for mark in "xyz"] == [0, 1_200, 1_200]


def test_writing_records_again_mends_rows_that_were_lost(store: Any) -> None:
    with store.engine.begin() as connection:
        connection.execute(text("DELETE FROM mktcore_testing_entry_mark WHERE id < 'e0010'"))
        connection.execute(text("UPDATE mktcore_testing_entry_mark SET mark = 'q' WHERE id = 'e0015' AND mark = 'x'"))
    assert len(verify_store(store)) == 11
    store.rewrite(ENTRIES)
    assert verify_store(store) == ()
