"""Clauses about queries: what is found, paged, streamed and counted."""

import attrs

from mktcore.persistence.errors import InvalidColumn, InvalidLimit
from mktcore.persistence.kinds import Column
from mktcore.testing.clauses import expect
from mktcore.testing.stores.samples import Parcel
from mktcore.testing.stores.store_bench import Bench, StoreArea

__all__ = ["READING"]

READING = StoreArea("query")


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
    # Beyond the 32,766 parameters that a statement of SQLite may have.
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
def a_page_needs_a_limit(bench: Bench) -> None:
    """A limit below 1, beyond 1,000,000, or that is no int, raises InvalidLimit, never an error of a driver."""
    for limit in (0, -1, 2**63, 10**30, 1.5, True, "5", None):
        with bench.refusal(InvalidLimit):
            bench.look(lambda unit: bench.parcels(unit).page(limit=limit))  # type: ignore[arg-type]  # on purpose


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
    # No multiple of any batch, so that the last one is short.
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
