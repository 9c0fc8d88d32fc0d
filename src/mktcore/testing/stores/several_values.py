"""Clauses about columns of several values: a record is found by each of its texts, and by none that it lost."""

from collections.abc import Mapping, Sequence
from typing import Any

import attrs

from mktcore.persistence import Scope
from mktcore.persistence.errors import InvalidColumn, StaleVersion, UniqueViolation
from mktcore.persistence.kinds import Column, Wanted
from mktcore.persistence.ranges import AtLeast, Between
from mktcore.testing.clauses import expect
from mktcore.testing.stores.samples import ENTRIES, Entry
from mktcore.testing.stores.store_bench import Bench, StoreArea

__all__ = ["SEVERAL"]

SEVERAL = StoreArea("several")


def _put(bench: Bench, **fields: Mapping[str, Any]) -> dict[str, Entry]:
    """Store an entry of acme's for each name, and return them as stored."""
    entries = [attrs.evolve(Entry(bench.id(name), bench.acme.id), **given) for name, given in fields.items()]
    return bench.do(
        lambda unit: {name: unit.repository(ENTRIES).add(one) for name, one in zip(fields, entries, strict=True)}
    )


def _walk(
    bench: Bench, where: Mapping[str, Wanted], *, order: str | None = None, limit: int = 2, scope: Scope | None = None
) -> str:
    """Return the names of acme's entries as pages give them, with a bar between pages."""
    after, pages = None, []
    asked = {"merchant": bench.acme.id, **where}
    while True:
        page = bench.look(
            lambda unit: unit.repository(ENTRIES).page(asked, order=order, after=after, limit=limit),
            scope or Scope.operator(),
        )
        pages.append("".join(one.id.removeprefix(bench.id("")) for one in page.items))
        after = page.next
        if after is None:
            return "|".join(pages)


def _page(
    bench: Bench, where: Mapping[str, Wanted], *, order: str | None = None, scope: Scope | None = None
) -> Sequence[Entry]:
    return bench.look(lambda unit: unit.repository(ENTRIES).page(where, order=order).items, scope)


def _has(bench: Bench, where: Mapping[str, Column]) -> bool:
    return bench.look(lambda unit: unit.repository(ENTRIES).has(where))


def _count(bench: Bench, where: Mapping[str, Wanted]) -> int:
    return bench.look(lambda unit: unit.repository(ENTRIES).count({"merchant": bench.acme.id, **where}))


@SEVERAL
def a_record_is_found_by_each_of_its_texts(bench: Bench) -> None:
    """Asked for one text, a query finds the records that hold it among others, each once; texts compare exactly."""
    _put(bench, a={"words": ("x", "y")}, b={"words": ("y",)}, c={}, d={"words": ("y", "Y", "x", "x")})
    expect([_walk(bench, {"word": text}) for text in ("x", "y", "Y", "z", "")], ["ad", "ab|d", "d", "", ""])
    expect([_count(bench, {"word": text}) for text in ("x", "y", "Y", "z")], [2, 3, 1, 0])
    for text, there in (("x", True), ("z", False)):
        expect(_has(bench, {"merchant": bench.acme.id, "word": text}), there, text)


@SEVERAL
def looking_up_by_several_texts_finds_each_record_once(bench: Bench) -> None:
    """Looking up texts returns every record that holds any of them, once, in the order of ids."""
    _put(bench, a={"marks": ("x", "y")}, b={"marks": ("z",)}, c={"marks": ("y",)})
    found = bench.look(lambda unit: unit.repository(ENTRIES).find_where("mark", ["y", "x", "nothing"]), bench.acme)
    expect([one.id for one in found], [bench.id("a"), bench.id("c")])


@SEVERAL
def pages_within_a_text_go_by_its_order(bench: Bench) -> None:
    """Pages of one text go by a column, in both directions, within its ranges, those without a value last."""
    rows = {"a": 5, "b": 1, "c": None, "d": 3, "e": 3}
    _put(bench, **{name: {"rank": rank, "marks": ("x", name)} for name, rank in rows.items()}, f={"rank": 2})
    expect(_walk(bench, {"mark": "x"}, order="rank"), "bd|ea|c")
    expect(_walk(bench, {"mark": "x"}, order="-rank"), "ae|db|c")
    expect(_walk(bench, {"mark": "x", "rank": AtLeast(3)}, order="rank", limit=1), "d|e|a")
    expect(_walk(bench, {"mark": "x", "rank": Between(1, 5)}, order="-rank"), "ed|b")
    expect(_walk(bench, {"mark": "x"}), "ab|cd|e", "by ids")


@SEVERAL
def texts_are_asked_with_other_columns(bench: Bench) -> None:
    """A text is asked together with any other condition, and with another text of another column."""
    shelves = {"a": "s1", "b": "s2", "c": "s1", "d": "s1"}
    _put(bench, **{name: {"rank": 1, "shelf": shelf, "marks": ("x",)} for name, shelf in shelves.items()})
    _put(bench, e={"shelf": "s1", "marks": ("x",), "words": ("w",), "title": "t"}, g={"shelf": "s1", "words": ("w",)})
    expect(_walk(bench, {"mark": "x", "shelf": "s1"}, order="rank"), "ac|de")
    expect(_walk(bench, {"mark": "x", "word": "w"}), "e")
    expect(_walk(bench, {"mark": "x", "title": "t"}, order="-rank"), "e")
    expect(_walk(bench, {"word": "w"}, order="title"), "eg")


@SEVERAL
def texts_follow_what_is_saved(bench: Bench) -> None:
    """A saved record is found by what it holds now, at the place that it has now, and a removed one by nothing."""
    kept = _put(bench, a={"rank": 1, "marks": ("x", "y")}, b={"rank": 2, "marks": ("x",)})
    changed = attrs.evolve(kept["a"], rank=3, marks=("y", "z"))
    saved = bench.do(lambda unit: unit.repository(ENTRIES).save(changed))
    expect([_walk(bench, {"mark": mark}, order="rank") for mark in "xyz"], ["b", "a", "a"])
    again = attrs.evolve(saved, marks=("z", "x"), shelf="s9")
    bench.do(lambda unit: unit.repository(ENTRIES).save_many([again, attrs.evolve(kept["b"], rank=9)]))
    expect([_walk(bench, {"mark": mark}, order="rank") for mark in "xyz"], ["ab", "", "a"])
    expect(_walk(bench, {"mark": "x", "shelf": "s9"}, order="rank"), "a")
    bench.do(lambda unit: unit.repository(ENTRIES).remove(unit.repository(ENTRIES).get(again.id)))
    expect([_walk(bench, {"mark": mark}, order="rank") for mark in "xyz"], ["b", "", ""])
    _put(bench, a={"marks": ("y",)})
    expect([_walk(bench, {"mark": mark}, order="rank") for mark in "xyz"], ["b", "a", ""], "made anew")


@SEVERAL
def texts_follow_what_a_unit_does(bench: Bench) -> None:
    """A unit finds what it wrote by its texts, also what it saved twice; what it did not commit nobody finds."""
    kept = _put(bench, a={"rank": 1, "marks": ("x",)})
    with bench.store.begin(Scope.operator()) as unit:
        entries = unit.repository(ENTRIES)
        once = entries.save(attrs.evolve(kept["a"], marks=("y",)))
        entries.add(Entry(bench.id("b"), bench.acme.id, marks=("x",), rank=0))
        entries.save(attrs.evolve(once, marks=("z",)))
        for mark, names in (("x", ["b"]), ("y", []), ("z", ["a"])):
            where = {"merchant": bench.acme.id, "mark": mark}
            expect(
                [one.id for one in entries.page(where, order="rank").items], [bench.id(name) for name in names], mark
            )
            expect([one.id for one in entries.page(where).items], [bench.id(name) for name in names], mark)
    expect([_walk(bench, {"mark": mark}, order="rank") for mark in "xyz"], ["a", "", ""])


@SEVERAL
def refused_writes_leave_texts_as_they_are(bench: Bench) -> None:
    """Where a write is refused, records go on being found by what they held."""
    kept = _put(bench, a={"marks": ("x",)}, b={"marks": ("y",)})
    with bench.store.begin(Scope.operator()) as unit:
        entries = unit.repository(ENTRIES)
        stale = attrs.evolve(kept["b"], version=7, marks=("z",))
        with bench.refusal(StaleVersion):
            entries.save_many([attrs.evolve(kept["a"], marks=("z",)), stale])
        with bench.refusal(UniqueViolation):
            entries.add(attrs.evolve(kept["b"], version=0, marks=("z",)))
        unit.commit()
    expect([_walk(bench, {"mark": mark}) for mark in "xyz"], ["a", "b", ""])


@SEVERAL
def texts_are_added_with_records_of_several_kinds(bench: Bench) -> None:
    """Records that are added together are found by their texts, thousands of them as well."""
    entries = [
        Entry(bench.id(f"e{number:04}"), bench.acme.id, rank=number, marks=("x", f"m{number % 3}"))
        for number in range(1_200)
    ]
    bench.do(lambda unit: unit.add_records([(ENTRIES, entries[:3])]))
    bench.do(lambda unit: unit.repository(ENTRIES).add_many(entries[3:]))
    expect([_count(bench, {"mark": mark}) for mark in ("x", "m0", "m1", "m2")], [1200, 400, 400, 400])


@SEVERAL
def others_records_are_not_found_by_their_texts(bench: Bench) -> None:
    """A scope finds by a text what it may read, and nothing else."""
    entries = [Entry(bench.id(name), owner.id, marks=("x",)) for name, owner in (("a", bench.acme), ("b", bench.bolt))]
    bench.do(lambda unit: unit.repository(ENTRIES).add_many(entries))
    for order in (None, "rank"):
        expect(
            [one.id for one in _page(bench, {"mark": "x"}, order=order, scope=bench.bolt)], [bench.id("b")], str(order)
        )
    expect(bench.look(lambda unit: unit.repository(ENTRIES).count({"mark": "x"}), bench.bolt), 1)
    taken = bench.look(lambda unit: unit.repository(ENTRIES).find_where("mark", ["x"]), bench.bolt)
    expect([one.id for one in taken], [bench.id("b")])


@SEVERAL
def what_is_no_text_is_refused(bench: Bench) -> None:
    """A column of several texts is asked for one; a range, a number, None and an endless text raise InvalidColumn."""
    for wanted in (None, 1, AtLeast("x"), "x" * 121, "\0"):
        with bench.refusal(InvalidColumn):
            _page(bench, {"mark": wanted})
    for texts in (("x" * 121,), ("a\0b",)):
        with bench.refusal(InvalidColumn):
            _put(bench, a={"marks": texts})
