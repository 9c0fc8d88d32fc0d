"""Clauses about repositories: what is stored, found, paged, and guarded by versions."""

import attrs

from mktcore.ids import InvalidId
from mktcore.testing.clauses import expect
from mktcore.testing.stores.benches import Bench, StoreArea
from mktcore.testing.stores.samples import PARCELS, Parcel
from mktcore.unit_of_work import (
    AlreadyStored,
    Column,
    InvalidColumn,
    Kind,
    NotFound,
    StaleVersion,
    UniqueViolation,
    UnknownKind,
)

__all__ = ["READING", "WRITING"]

WRITING = StoreArea("repository")
READING = StoreArea("query")


@WRITING
def find_absent_is_none(bench: Bench) -> None:
    """Finding an id that was never stored gives None."""
    expect(bench.find("p1"), None)


@WRITING
def get_absent_is_not_found(bench: Bench) -> None:
    """Getting an id that was never stored raises NotFound with kind and id."""
    with bench.refusal(NotFound) as caught:
        bench.look(lambda unit: bench.parcels(unit).get(bench.id("p1")))
    expect(
        [(error.kind, error.id) for error in caught.errors if isinstance(error, NotFound)],
        [(PARCELS.name, bench.id("p1"))],
    )


@WRITING
def add_returns_version_one(bench: Bench) -> None:
    """Adding returns the record as stored, with version 1."""
    expect(bench.put(bench.parcel("p1", note="n")), (bench.parcel("p1", note="n", version=1),))


@WRITING
def add_is_found_by_another_unit(bench: Bench) -> None:
    """What was added and committed is found by a later unit, equal in every field."""
    (stored,) = bench.put(bench.parcel("p1", note="n", lot=3))
    expect(bench.find("p1"), stored)


@WRITING
def own_writes_are_found(bench: Bench) -> None:
    """A unit finds and gets what it added and saved itself, before the commit."""
    with bench.store.begin(bench.operator) as unit:
        added = bench.parcels(unit).add(bench.parcel("p1"))
        expect(bench.parcels(unit).find(added.id), added)
        saved = bench.parcels(unit).save(attrs.evolve(added, note="changed"))
        expect(bench.parcels(unit).get(added.id), saved)


@WRITING
def own_writes_are_queried(bench: Bench) -> None:
    """Pages, counts and look-ups by column see what this unit wrote and removed itself."""
    first, second = bench.put(bench.parcel("p1"), bench.parcel("p2"))
    with bench.store.begin(bench.operator) as unit:
        parcels = bench.parcels(unit)
        third = parcels.add(bench.parcel("p3"))
        changed = parcels.save(attrs.evolve(second, merchant=bench.bolt.id))
        parcels.remove(first)
        where = {"merchant": bench.acme.id}
        expect(parcels.page(where).items, (third,))
        expect(parcels.count(where), 1)
        expect(parcels.find_where("merchant", [bench.acme.id]), (third,))
        expect(parcels.find_where("merchant", [bench.bolt.id]), (changed,))
        expect(list(parcels.stream(where)), [third])
        expect(parcels.find_many([first.id, second.id]), {second.id: changed})


@WRITING
def add_refuses_a_taken_id(bench: Bench) -> None:
    """Adding an id that is taken raises UniqueViolation with the column and the value."""
    bench.put(bench.parcel("p1"))
    with bench.refusal(UniqueViolation) as caught:
        bench.put(bench.parcel("p1", note="second"))
    found = [(error.columns, error.values) for error in caught.errors if isinstance(error, UniqueViolation)]
    expect(found, [(("id",), (bench.id("p1"),))])


@WRITING
def add_refused_changes_nothing(bench: Bench) -> None:
    """A refused addition leaves the record that has the id as it was."""
    (stored,) = bench.put(bench.parcel("p1", note="first"))
    with bench.refusal(UniqueViolation):
        bench.put(bench.parcel("p1", note="second"))
    expect(bench.find("p1"), stored)


@WRITING
def add_refuses_a_stored_record(bench: Bench) -> None:
    """Adding a record that has a version raises AlreadyStored."""
    with bench.refusal(AlreadyStored):
        bench.put(bench.parcel("p1", version=1))


@WRITING
def add_refuses_an_invalid_id(bench: Bench) -> None:
    """Adding a record whose id has white space raises InvalidId."""
    with bench.refusal(InvalidId):
        bench.put(bench.parcel("p 1"))


@WRITING
def a_refusal_leaves_the_unit_usable(bench: Bench) -> None:
    """After a refused write the unit goes on, and commits the rest."""
    (stored,) = bench.put(bench.parcel("p1"))
    with bench.store.begin(bench.operator) as unit:
        with bench.refusal(UniqueViolation):
            bench.parcels(unit).add(bench.parcel("p1"))
        with bench.refusal(StaleVersion):
            bench.parcels(unit).save(attrs.evolve(stored, version=7))
        bench.parcels(unit).add(bench.parcel("p2"))
        unit.commit()
    expect(bench.find("p2"), bench.parcel("p2", version=1))


@WRITING
def save_raises_the_version(bench: Bench) -> None:
    """Saving returns the record with the next version, and stores it."""
    (stored,) = bench.put(bench.parcel("p1"))
    saved = bench.do(lambda unit: bench.parcels(unit).save(attrs.evolve(stored, note="changed")))
    expect(saved, bench.parcel("p1", note="changed", version=2))
    expect(bench.find("p1"), saved)


@WRITING
def save_refuses_a_stale_version(bench: Bench) -> None:
    """Saving what was read before another save raises StaleVersion, and writes nothing."""
    (stored,) = bench.put(bench.parcel("p1"))
    saved = bench.do(lambda unit: bench.parcels(unit).save(attrs.evolve(stored, note="first")))
    with bench.refusal(StaleVersion):
        bench.do(lambda unit: bench.parcels(unit).save(attrs.evolve(stored, note="second")))
    expect(bench.find("p1"), saved)


@WRITING
def save_refuses_a_version_ahead(bench: Bench) -> None:
    """Saving with a version that was never stored raises StaleVersion."""
    (stored,) = bench.put(bench.parcel("p1"))
    with bench.refusal(StaleVersion):
        bench.do(lambda unit: bench.parcels(unit).save(attrs.evolve(stored, version=5)))


@WRITING
def save_absent_is_not_found(bench: Bench) -> None:
    """Saving a record that is not there raises NotFound."""
    with bench.refusal(NotFound):
        bench.do(lambda unit: bench.parcels(unit).save(bench.parcel("p1", version=1)))


@WRITING
def saving_twice_in_a_unit_counts_twice(bench: Bench) -> None:
    """Each save in a unit raises the version, from the one before."""
    (stored,) = bench.put(bench.parcel("p1"))
    with bench.store.begin(bench.operator) as unit:
        once = bench.parcels(unit).save(attrs.evolve(stored, note="once"))
        twice = bench.parcels(unit).save(attrs.evolve(once, note="twice"))
        with bench.refusal(StaleVersion):
            bench.parcels(unit).save(attrs.evolve(once, note="stale"))
        unit.commit()
    expect(bench.find("p1"), twice)
    expect(twice.version, 3)


@WRITING
def remove_removes(bench: Bench) -> None:
    """A removed record is found no more."""
    (stored,) = bench.put(bench.parcel("p1"))
    bench.do(lambda unit: bench.parcels(unit).remove(stored))
    expect(bench.find("p1"), None)


@WRITING
def remove_refuses_a_stale_version(bench: Bench) -> None:
    """Removing what was read before a save raises StaleVersion, and removes nothing."""
    (stored,) = bench.put(bench.parcel("p1"))
    saved = bench.do(lambda unit: bench.parcels(unit).save(stored))
    with bench.refusal(StaleVersion):
        bench.do(lambda unit: bench.parcels(unit).remove(stored))
    expect(bench.find("p1"), saved)


@WRITING
def remove_absent_is_not_found(bench: Bench) -> None:
    """Removing a record that is not there raises NotFound."""
    with bench.refusal(NotFound):
        bench.do(lambda unit: bench.parcels(unit).remove(bench.parcel("p1", version=1)))


@WRITING
def a_removed_id_can_be_added_again(bench: Bench) -> None:
    """After a removal the id is free, and starts again at version 1."""
    (stored,) = bench.put(bench.parcel("p1"))
    bench.do(lambda unit: bench.parcels(unit).remove(stored))
    expect(bench.put(bench.parcel("p1", note="again"))[0].version, 1)
    expect(bench.find("p1"), bench.parcel("p1", note="again", version=1))


@WRITING
def add_many_stores_all(bench: Bench) -> None:
    """Adding many stores every one, with version 1; adding none is fine."""
    many = [bench.parcel(f"p{number:04}") for number in range(2_300)]
    bench.do(lambda unit: bench.parcels(unit).add_many(many))
    bench.do(lambda unit: bench.parcels(unit).add_many([]))
    found = bench.look(lambda unit: list(bench.parcels(unit).stream({"merchant": bench.acme.id})))
    expect(found, [attrs.evolve(parcel, version=1) for parcel in many])


@WRITING
def add_many_is_atomic(bench: Bench) -> None:
    """When one of many cannot be added, none of them is, and the unit stays usable."""
    bench.put(bench.parcel("p2"))
    with bench.store.begin(bench.operator) as unit:
        with bench.refusal(UniqueViolation):
            bench.parcels(unit).add_many([bench.parcel("p1"), bench.parcel("p2"), bench.parcel("p3")])
        bench.parcels(unit).add(bench.parcel("p4"))
        unit.commit()
    found = bench.look(lambda unit: bench.parcels(unit).find_many([bench.id(f"p{n}") for n in (1, 2, 3, 4)]))
    expect(sorted(found), [bench.id("p2"), bench.id("p4")])


@WRITING
def add_many_refuses_an_id_given_twice(bench: Bench) -> None:
    """The same id twice in one batch raises UniqueViolation, and none is added."""
    with bench.store.begin(bench.operator) as unit:
        with bench.refusal(UniqueViolation):
            bench.parcels(unit).add_many([bench.parcel("p1"), bench.parcel("p1", note="b")])
        unit.commit()
    expect(bench.find("p1"), None)


@WRITING
def save_many_raises_versions(bench: Bench) -> None:
    """Saving many stores every one, each with the next version."""
    stored = bench.put(*[bench.parcel(f"p{number}") for number in range(30)])
    bench.do(lambda unit: bench.parcels(unit).save_many([attrs.evolve(parcel, note="changed") for parcel in stored]))
    found = bench.look(lambda unit: bench.parcels(unit).find_many([parcel.id for parcel in stored]))
    expect({(parcel.version, parcel.note) for parcel in found.values()}, {(2, "changed")})
    expect(len(found), 30)


@WRITING
def save_many_is_atomic(bench: Bench) -> None:
    """When one of many is stale, none is saved."""
    stored = bench.put(bench.parcel("p1"), bench.parcel("p2"), bench.parcel("p3"))
    bench.do(lambda unit: bench.parcels(unit).save(stored[1]))
    with bench.store.begin(bench.operator) as unit:
        with bench.refusal(StaleVersion):
            bench.parcels(unit).save_many([attrs.evolve(parcel, note="changed") for parcel in stored])
        unit.commit()
    found = bench.look(lambda unit: bench.parcels(unit).find_many([parcel.id for parcel in stored]))
    expect([parcel.note for parcel in found.values()], ["", "", ""])


@WRITING
def unknown_kinds_are_refused(bench: Bench) -> None:
    """A kind that the store was not opened with raises UnknownKind, also when its name is taken."""
    for name in ("testing_nothing", PARCELS.name):
        with bench.refusal(UnknownKind):
            bench.look(lambda unit: unit.repository(Kind(name, Parcel)))


@WRITING
def unique_columns_guard_additions(bench: Bench) -> None:
    """A second record with the values of a unique set raises UniqueViolation with its columns and values."""
    bench.put(bench.parcel("p1", label="x"))
    with bench.refusal(UniqueViolation) as caught:
        bench.put(bench.parcel("p2", label="x"))
    found = [(error.columns, error.values) for error in caught.errors if isinstance(error, UniqueViolation)]
    expect(found, [(("merchant", "label"), (bench.acme.id, "x"))])
    bench.put(bench.parcel("p3", label="x", merchant=bench.bolt.id))


@WRITING
def unique_columns_guard_saves(bench: Bench) -> None:
    """Saving the values of a unique set that another record has raises UniqueViolation, and writes nothing."""
    _, second = bench.put(bench.parcel("p1", label="x"), bench.parcel("p2", label="y"))
    with bench.store.begin(bench.operator) as unit:
        with bench.refusal(UniqueViolation):
            bench.parcels(unit).save(attrs.evolve(second, label="x"))
        unit.commit()
    expect(bench.find("p2"), second)
    bench.do(lambda unit: bench.parcels(unit).save(attrs.evolve(second, note="its own label is no obstacle")))


@WRITING
def unique_values_become_free(bench: Bench) -> None:
    """A value that its record gave up, by a save or a removal, may be taken by another."""
    first, second = bench.put(bench.parcel("p1", label="x"), bench.parcel("p2", label="y"))
    bench.do(lambda unit: bench.parcels(unit).save(attrs.evolve(first, label="z")))
    bench.do(lambda unit: bench.parcels(unit).remove(second))
    expect(len(bench.put(bench.parcel("p3", label="x"), bench.parcel("p4", label="y"))), 2)


@WRITING
def unique_ignores_none(bench: Bench) -> None:
    """A None in a unique set is unlike any other None."""
    expect(len(bench.put(bench.parcel("p1"), bench.parcel("p2"))), 2)


@WRITING
def unique_holds_within_a_unit(bench: Bench) -> None:
    """Unique columns are guarded against this unit's own writes too."""
    with bench.store.begin(bench.operator) as unit, bench.refusal(UniqueViolation):
        bench.parcels(unit).add(bench.parcel("p1", label="x"))
        bench.parcels(unit).add(bench.parcel("p2", label="x"))


@READING
def find_many_skips_what_is_absent(bench: Bench) -> None:
    """Finding many returns those that exist, by id; an id may be given twice, or none at all."""
    stored = bench.put(bench.parcel("p1"), bench.parcel("p2"))
    ids = [bench.id("p1"), bench.id("p2"), bench.id("p3"), bench.id("p1")]
    expect(bench.look(lambda unit: bench.parcels(unit).find_many(ids)), {parcel.id: parcel for parcel in stored})
    expect(bench.look(lambda unit: bench.parcels(unit).find_many([])), {})


@READING
def find_many_takes_thousands(bench: Bench) -> None:
    """Finding many has no limit on how many."""
    bench.put(bench.parcel("p1"))
    ids = [bench.id(f"x{number}") for number in range(40_000)]
    expect(len(bench.look(lambda unit: bench.parcels(unit).find_many([*ids, bench.id("p1")]))), 1)


@READING
def find_where_is_in_the_order_of_ids(bench: Bench) -> None:
    """Looking up by column returns every match of any value, once, in the order of ids."""
    bench.put(*[bench.parcel(name, lot=lot) for name, lot in (("c", 1), ("a", 2), ("d", 1), ("b", 3))])
    lots = bench.look(lambda unit: bench.parcels(unit).find_where("merchant", [bench.acme.id, bench.acme.id, "nobody"]))
    expect([parcel.id for parcel in lots], [bench.id(name) for name in "abcd"])


@READING
def find_where_of_nothing_is_empty(bench: Bench) -> None:
    """Looking up no value, or one that nobody has, gives nothing."""
    bench.put(bench.parcel("p1"))
    expect(bench.look(lambda unit: bench.parcels(unit).find_where("merchant", [])), ())
    expect(bench.look(lambda unit: bench.parcels(unit).find_where("merchant", ["nobody"])), ())


@READING
def an_empty_text_is_a_value(bench: Bench) -> None:
    """A column that holds an empty text is found by it, and by nothing else."""
    bench.put(bench.parcel("p1", label=""), bench.parcel("p2"))
    found = bench.look(lambda unit: bench.parcels(unit).find_where("label", [""]), bench.acme)
    expect([parcel.id for parcel in found], [bench.id("p1")])
    expect(bench.look(lambda unit: bench.parcels(unit).count({"label": ""}), bench.acme), 1)


@READING
def none_matches_none(bench: Bench) -> None:
    """A None asked for matches the records without a value, and no others."""
    bench.put(bench.parcel("p1", label="x"), bench.parcel("p2"))
    where: dict[str, Column] = {"merchant": bench.acme.id, "label": None}
    expect([parcel.id for parcel in bench.look(lambda unit: bench.parcels(unit).page(where)).items], [bench.id("p2")])
    found = bench.look(lambda unit: bench.parcels(unit).find_where("label", [None, "x"]), bench.acme)
    expect([parcel.id for parcel in found], [bench.id("p1"), bench.id("p2")])


@READING
def int_columns_match_ints(bench: Bench) -> None:
    """A column of ints matches them, negative and large ones too."""
    bench.put(*[bench.parcel(f"p{position}", lot=lot) for position, lot in enumerate((-1, 0, 2**62))])
    for position, lot in enumerate((-1, 0, 2**62)):
        where: dict[str, Column] = {"merchant": bench.acme.id, "lot": lot}
        found = bench.look(lambda unit: bench.parcels(unit).page(where))
        expect([parcel.id for parcel in found.items], [bench.id(f"p{position}")])


@READING
def column_text_is_taken_literally(bench: Bench) -> None:
    """Quotes, wild cards, letters beyond ASCII and case in a column are matched as they are."""
    labels = ["o'clock", 'say "hi"', "100%", "a_b", "ünïcode 🧺", "Case", "case", "back\\slash", " padded "]
    bench.put(*[bench.parcel(f"p{position}", label=label) for position, label in enumerate(labels)])
    for position, label in enumerate(labels):
        where: dict[str, Column] = {"merchant": bench.acme.id, "label": label}
        found = bench.look(lambda unit: bench.parcels(unit).page(where))
        expect([parcel.id for parcel in found.items], [bench.id(f"p{position}")], label)


@READING
def enum_columns_match_members(bench: Bench) -> None:
    """A column that holds an enum matches its members and their values."""
    parcel = bench.parcel("p1")
    bench.put(parcel)
    for value in (parcel.size, parcel.size.value):
        where: dict[str, Column] = {"merchant": bench.acme.id, "size": value}
        expect(bench.look(lambda unit: bench.parcels(unit).count(where)), 1)


@READING
def unknown_columns_are_refused(bench: Bench) -> None:
    """A query for a column that the kind does not declare raises InvalidColumn, even for ones that fields have."""
    for name in ("nothing", "id", "note"):
        with bench.refusal(InvalidColumn):
            bench.look(lambda unit: bench.parcels(unit).page({name: "x"}))
        with bench.refusal(InvalidColumn):
            bench.look(lambda unit: bench.parcels(unit).find_where(name, ["x"]))
        with bench.refusal(InvalidColumn):
            bench.look(lambda unit: bench.parcels(unit).count({name: "x"}))


@READING
def column_values_must_fit(bench: Bench) -> None:
    """A query for a value that no column holds (a float, NUL, half a surrogate pair) raises InvalidColumn."""
    for value in (1.5, "a\0b", "\ud800", True, "x" * 10_000):
        with bench.refusal(InvalidColumn):
            bench.look(lambda unit: bench.parcels(unit).page({"label": value}))  # type: ignore[dict-item]  # on purpose


@READING
def pages_follow_each_other(bench: Bench) -> None:
    """Pages hold every match once, in the order of ids, and the last one says that it is the last."""
    stored = bench.put(*[bench.parcel(f"p{number:02}") for number in range(25)])
    seen: list[Parcel] = []
    after, sizes = None, []
    while True:
        page = bench.look(lambda unit: bench.parcels(unit).page({"merchant": bench.acme.id}, after=after, limit=10))
        seen += page.items
        sizes.append(len(page.items))
        after = page.next
        if after is None:
            break
    expect(tuple(seen), stored)
    expect(sizes, [10, 10, 5])


@READING
def a_full_last_page_is_the_last(bench: Bench) -> None:
    """A page that ends with the last match says so, although it is full."""
    bench.put(*[bench.parcel(f"p{number}") for number in range(4)])
    page = bench.look(lambda unit: bench.parcels(unit).page({"merchant": bench.acme.id}, limit=4))
    expect((len(page.items), page.next), (4, None))
    first = bench.look(lambda unit: bench.parcels(unit).page({"merchant": bench.acme.id}, limit=2))
    last = bench.look(lambda unit: bench.parcels(unit).page({"merchant": bench.acme.id}, after=first.next, limit=2))
    expect((len(last.items), last.next), (2, None))


@READING
def an_empty_page_is_the_last(bench: Bench) -> None:
    """A page without matches is empty, and the last."""
    page = bench.look(lambda unit: bench.parcels(unit).page({"merchant": bench.acme.id}))
    expect((page.items, page.next), ((), None))


@READING
def pages_match_every_column(bench: Bench) -> None:
    """A page holds only what matches every column asked."""
    bench.put(bench.parcel("p1", lot=1, label="x"), bench.parcel("p2", lot=1, label="y"), bench.parcel("p3", label="z"))
    where: dict[str, Column] = {"merchant": bench.acme.id, "lot": 1, "label": "y"}
    expect([parcel.id for parcel in bench.look(lambda unit: bench.parcels(unit).page(where)).items], [bench.id("p2")])
    expect(bench.look(lambda unit: bench.parcels(unit).count(where)), 1)


@READING
def ids_sort_by_code_point(bench: Bench) -> None:
    """Ids sort by code point in every store: digits, capitals, _, small letters; a prefix first."""
    names = ["a-10", "a-2", "a-B", "a-_", "a-a", "a-a.", "a-a1", "a-b"]
    bench.put(*[bench.parcel(name) for name in reversed(names)])
    page = bench.look(lambda unit: bench.parcels(unit).page({"merchant": bench.acme.id}))
    expect([parcel.id for parcel in page.items], sorted(bench.id(name) for name in names))


@READING
def a_page_needs_a_limit_above_zero(bench: Bench) -> None:
    """A limit below 1 is a caller's mistake."""
    for limit in (0, -1):
        with bench.refusal(ValueError):
            bench.look(lambda unit: bench.parcels(unit).page(limit=limit))


@READING
def pages_are_by_key_not_by_offset(bench: Bench) -> None:
    """What is added or removed before the end of a page neither repeats nor hides a record of the next."""
    stored = bench.put(*[bench.parcel(f"p{number}") for number in range(1, 7)])
    where = {"merchant": bench.acme.id}
    first = bench.look(lambda unit: bench.parcels(unit).page(where, limit=3))
    bench.put(bench.parcel("p0"))
    second = bench.look(lambda unit: bench.parcels(unit).page(where, after=first.next, limit=3))
    expect(second.items, stored[3:], "after an addition")
    for parcel in stored[:3]:
        bench.do(lambda unit: bench.parcels(unit).remove(parcel))
    again = bench.look(lambda unit: bench.parcels(unit).page(where, after=first.next, limit=3))
    expect(again.items, stored[3:], "after a removal")


@READING
def streams_pass_batches(bench: Bench) -> None:
    """A stream yields every match in the order of ids, however many batches it reads."""
    many = [bench.parcel(f"p{number:04}", merchant=bench.bolt.id) for number in range(1_203)]
    bench.do(lambda unit: bench.parcels(unit).add_many(many))
    found = bench.look(lambda unit: [parcel.id for parcel in bench.parcels(unit).stream({"merchant": bench.bolt.id})])
    expect(found, [parcel.id for parcel in many])


@READING
def count_counts_matches(bench: Bench) -> None:
    """Counting counts what matches."""
    bench.put(*[bench.parcel(f"p{number}", lot=number % 2) for number in range(7)])
    expect(bench.look(lambda unit: bench.parcels(unit).count({"merchant": bench.acme.id, "lot": 0})), 4)
    expect(bench.look(lambda unit: bench.parcels(unit).count({"merchant": "nobody"})), 0)


@READING
def queries_follow_changes(bench: Bench) -> None:
    """A record is found by the present value of a column, and no longer by an earlier one."""
    (stored,) = bench.put(bench.parcel("p1", lot=1))
    bench.do(lambda unit: bench.parcels(unit).save(attrs.evolve(stored, lot=2)))
    for lot, count in ((1, 0), (2, 1)):
        where: dict[str, Column] = {"merchant": bench.acme.id, "lot": lot}
        expect(bench.look(lambda unit: bench.parcels(unit).count(where)), count)
