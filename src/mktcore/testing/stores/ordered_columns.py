"""Clauses about ordered columns: ranges, both directions, and pages that go on where the one before ended."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import attrs

from mktcore.persistence import Scope
from mktcore.persistence.errors import InvalidColumn, InvalidCursor, InvalidOrder
from mktcore.persistence.kinds import Wanted
from mktcore.persistence.ranges import Above, AtLeast, AtMost, Below, Between, Range
from mktcore.testing.clauses import expect
from mktcore.testing.stores.samples import AT, ENTRIES, Entry
from mktcore.testing.stores.store_bench import Bench, StoreArea

__all__ = ["ORDERING"]

ORDERING = StoreArea("order")
_TICK = timedelta(microseconds=1)


def _put(bench: Bench, **fields: Mapping[str, Any]) -> None:
    """Store an entry of acme's for each name."""
    entries = [Entry(bench.id(name), bench.acme.id, **given) for name, given in fields.items()]
    bench.do(lambda unit: unit.repository(ENTRIES).add_many(entries))


def _put_values(bench: Bench, column: str, values: Mapping[str, object]) -> None:
    _put(bench, **{name: {column: value} for name, value in values.items()})


def _walk(
    bench: Bench, order: str | None, *, limit: int = 2, where: Mapping[str, Wanted] | None = None, **more: Any
) -> str:
    """Return the names of acme's entries as pages give them, with a bar between pages."""
    after, pages = None, []
    while True:
        page = bench.look(
            lambda unit: unit.repository(ENTRIES).page(
                {"merchant": bench.acme.id, **(where or {})}, order=order, after=after, limit=limit
            ),
            **more,
        )
        pages.append("".join(_name(bench, one) for one in page.items))
        after = page.next
        if after is None:
            return "|".join(pages)


def _name(bench: Bench, entry: Entry) -> str:
    return entry.id.removeprefix(bench.id(""))


@ORDERING
def pages_go_by_a_column(bench: Bench) -> None:
    """Pages go by an ordered column of any type, smallest first or, with a minus, largest first."""
    at = {"a": AT, "b": AT - _TICK, "c": AT + timedelta(days=900), "d": AT - timedelta(days=30_000)}
    _put(bench, **{name: {"rank": rank, "at": at[name], "title": title} for name, rank, title in _ROWS})
    for order, up in (("rank", "cd|ba"), ("at", "db|ac"), ("title", "db|ca")):
        expect(_walk(bench, order), up, order)
        expect(_walk(bench, f"-{order}"), up[::-1], f"-{order}")


_ROWS = (("a", 10, "z"), ("b", 9, "Zz"), ("c", -100, "a"), ("d", 0, ""))


@ORDERING
def equal_ones_go_by_their_ids(bench: Bench) -> None:
    """Records with one value in the column come by their ids, in the same direction, each once on whatever page."""
    _put_values(bench, "rank", {"e": 1, "a": 5, "c": 5, "b": 5, "d": 5, "f": 7})
    expect(_walk(bench, "rank"), "ea|bc|df")
    expect(_walk(bench, "-rank"), "fd|cb|ae")
    expect(_walk(bench, "rank", limit=1), "e|a|b|c|d|f")


@ORDERING
def records_without_a_value_come_last(bench: Bench) -> None:
    """A None in the column comes last in both directions, and pages pass the border without repeating or losing one."""
    for column, value in (("rank", 0), ("at", AT), ("title", "")):
        names = {f"{column}-{name}": None if name in "bd" else value for name in "abcde"}
        _put_values(bench, column, names)
        where: dict[str, Wanted] = {"merchant": bench.acme.id}
        for limit in (1, 2, 3, 4, 5):
            up = _walk(bench, column, where=where, limit=limit).replace("|", "")
            expect([name[-1] for name in up.split(f"{column}-")[1:]][:3], ["a", "c", "e"], f"{column} by {limit}")
            down = _walk(bench, f"-{column}", where=where, limit=limit).replace("|", "")
            expect(_last_of(down, column), ["e", "c", "a", "d", "b"], f"-{column} by {limit}")


def _last_of(text: str, column: str) -> list[str]:
    return [name[0] for name in text.split(f"{column}-")[1:]]


@ORDERING
def ranges_hold_what_they_say(bench: Bench) -> None:
    """Between holds its start and not its end; AtLeast and AtMost hold their value, Above and Below do not."""
    values: tuple[tuple[str, tuple[Any, Any, Any]], ...] = (
        ("rank", (-1, 0, 1)),
        ("at", (AT - _TICK, AT, AT + _TICK)),
        ("title", ("A", "Aa", "a")),
    )
    _put(bench, a={}, b=_take(values, 0), c=_take(values, 1), d=_take(values, 2))
    for column, (low, middle, high) in values:
        expected: tuple[tuple[Range, str], ...] = (
            (Between(low, high), "bc"),
            (Between(middle, middle), ""),
            (Between(high, low), ""),
            (AtLeast(middle), "cd"),
            (Above(middle), "d"),
            (AtMost(middle), "bc"),
            (Below(middle), "b"),
        )
        for wanted, names in expected:
            where: dict[str, Wanted] = {column: wanted}
            expect(_walk(bench, column, where=where, limit=9), names, f"{column} {wanted}")
            expect(_walk(bench, f"-{column}", where=where, limit=9), names[::-1], f"-{column} {wanted}")


def _take(values: tuple[tuple[str, tuple[Any, Any, Any]], ...], position: int) -> dict[str, Any]:
    return {column: given[position] for column, given in values}


@ORDERING
def ranges_are_paged(bench: Bench) -> None:
    """A range is paged in both directions, and ends where it ends."""
    _put_values(bench, "rank", {name: position // 2 for position, name in enumerate("abcdefgh")})
    where: dict[str, Wanted] = {"rank": Between(1, 3)}
    for order, pages in (("rank", "cd|ef"), ("-rank", "fe|dc"), (None, "cd|ef")):
        expect(_walk(bench, order, where=where), pages, str(order))
    expect(_walk(bench, "-rank", where=where, limit=3), "fed|c")


@ORDERING
def a_range_goes_by_its_column(bench: Bench) -> None:
    """Where a range is asked and no order, pages and streams go by the column of the range."""
    _put_values(bench, "rank", {"a": 3, "b": 2, "c": 1})
    where: dict[str, Wanted] = {"merchant": bench.acme.id, "rank": AtLeast(1)}
    expect(_walk(bench, None, where=where), "cb|a")
    found = bench.look(lambda unit: list(unit.repository(ENTRIES).stream(where)))
    expect("".join(_name(bench, one) for one in found), "cba")


@ORDERING
def streams_and_counts_take_ranges(bench: Bench) -> None:
    """Streams yield, and counts count, what lies in a range, however many batches it takes."""
    # No multiple of any batch, so that the last one is short.
    many = [Entry(bench.id(f"p{n:04}"), bench.acme.id, rank=-(n // 3)) for n in range(1_203)]
    bench.do(lambda unit: unit.repository(ENTRIES).add_many(many))
    where: dict[str, Wanted] = {"merchant": bench.acme.id, "rank": Between(-350, -50)}
    found = bench.look(lambda unit: [one.id for one in unit.repository(ENTRIES).stream(where, order="-rank")])
    expected = sorted((one for one in many if -350 <= (one.rank or 0) < -50), key=lambda one: (one.rank, one.id))  # noqa: PLR2004 - the range asked
    expect(found, [one.id for one in reversed(expected)])
    expect(bench.look(lambda unit: unit.repository(ENTRIES).count(where)), len(expected))


@ORDERING
def instants_are_compared_as_instants(bench: Bench) -> None:
    """Instants of several time zones, and from before 1970, sort and compare by when they are, to the microsecond."""
    zones = [timezone(timedelta(hours=hours)) for hours in (-11, 0, 14)]
    early = datetime(1903, 5, 1, tzinfo=UTC)
    given = {"d": AT.astimezone(zones[2]), "c": (AT - _TICK).astimezone(zones[0]), "b": early, "e": AT + _TICK}
    _put_values(bench, "at", given)
    expect(_walk(bench, "at"), "bc|de")
    for zone in zones:
        expect(_walk(bench, "at", where={"at": Between((AT - _TICK).astimezone(zone), AT + _TICK)}), "cd")
        expect(_walk(bench, None, where={"at": AT.astimezone(zone)}), "d")


@ORDERING
def ints_are_exact(bench: Bench) -> None:
    """Ints of 64 bits sort and compare as numbers, where a float would round them, or text begin with its digits."""
    numbers = {"a": -(2**63) + 1, "b": -10, "c": -9, "d": 9, "e": 10, "f": 2**53, "g": 2**53 + 1, "h": 2**63 - 1}
    _put_values(bench, "rank", dict(reversed(numbers.items())))
    expect(_walk(bench, "rank", limit=8), "abcdefgh")
    expect(_walk(bench, "rank", where={"rank": Above(2**53)}), "gh")
    expect(_walk(bench, None, where={"rank": 2**53 + 1}), "g")


@ORDERING
def text_sorts_by_code_point(bench: Bench) -> None:
    """Text sorts by code point in every store, beyond ASCII too; case, blanks and accents count."""
    # An accent apart from its letter is another text; by units of UTF-16 the last three would change places.
    texts = ["", " ", "Z", "Zz", "a", "e\u0301", "z", "é", "ü", "\uffff", "\U00010000", "🧺"]
    _put_values(bench, "title", {chr(ord("a") + n): text for n, text in reversed(list(enumerate(texts)))})
    expect(_walk(bench, "title", limit=12), "abcdefghijkl")
    expect(_walk(bench, "title", where={"title": Between("e", "\uffff")}, limit=12), "fghi")


@ORDERING
def other_conditions_hold_too(bench: Bench) -> None:
    """A page in order holds only what matches every condition, of columns that it goes within and of others."""
    rows = [("a", 1, "x"), ("b", 2, "y"), ("c", 3, "x"), ("d", 4, "x"), ("e", 5, "y")]
    _put(bench, **{name: {"rank": rank, "shelf": bench.id(shelf), "title": shelf} for name, rank, shelf in rows})
    for where in ({"shelf": bench.id("x")}, {"title": "x"}, {"title": "x", "shelf": bench.id("x")}):
        asked: dict[str, Wanted] = {**where}
        expect(_walk(bench, "-rank", where=asked), "dc|a")
        expect(_walk(bench, "rank", where={**asked, "rank": AtLeast(2)}), "cd")
    expect(_walk(bench, "title", where={"rank": Above(1)}), "cd|be")
    expect(_walk(bench, "rank", where={"rank": Above(1), "title": Below("y")}), "cd")


@ORDERING
def equality_is_of_the_columns_type(bench: Bench) -> None:
    """An ordered column is found by its value, and by None, like any other."""
    _put_values(bench, "at", {"a": AT, "b": AT + _TICK, "c": None})
    for value, names in ((AT, "a"), (None, "c")):
        expect(_walk(bench, None, where={"at": value}), names)
        expect(_walk(bench, "-at", where={"at": value}), names)
    found = bench.look(lambda unit: unit.repository(ENTRIES).find_where("at", [AT, None, AT]), bench.acme)
    expect([_name(bench, one) for one in found], ["a", "c"])
    expect(bench.look(lambda unit: unit.repository(ENTRIES).count({"at": AT}), bench.acme), 1)


@ORDERING
def scopes_hold_in_order(bench: Bench) -> None:
    """Records of another party are absent from pages in order, counts of ranges, and what a cursor tells."""
    mine = [Entry(bench.id(name), bench.acme.id, rank=rank) for name, rank in (("a", 1), ("c", 3), ("e", 5))]
    foreign = [Entry(bench.id(name), bench.bolt.id, rank=rank) for name, rank in (("b", 2), ("d", 4), ("f", 6))]
    bench.do(lambda unit: unit.repository(ENTRIES).add_many([*mine, *foreign]))
    expect(_walk_all(bench, bench.acme, "rank"), "ac|e")
    expect(_walk_all(bench, bench.bolt, "-rank"), "fd|b")
    expect(bench.look(lambda unit: unit.repository(ENTRIES).count({"rank": AtLeast(3)}), bench.acme), 2)
    expect(_walk_all(bench, bench.ann, "rank"), "")
    crossed: dict[str, Wanted] = {"merchant": bench.bolt.id}
    expect(bench.look(lambda unit: unit.repository(ENTRIES).page(crossed, order="rank"), bench.acme).items, ())


def _walk_all(bench: Bench, scope: Scope, order: str) -> str:
    after, pages = None, []
    while True:
        page = bench.look(lambda unit: unit.repository(ENTRIES).page(order=order, after=after, limit=2), scope)
        pages.append("".join(_name(bench, one) for one in page.items))
        after = page.next
        if after is None:
            return "|".join(pages)


@ORDERING
def own_writes_are_in_their_place(bench: Bench) -> None:
    """A unit's own additions, changes and removals are in their place of its pages, and nowhere else before."""
    _put_values(bench, "rank", {"a": 1, "b": 2, "c": 3, "d": None})
    with bench.store.begin(bench.operator) as unit:
        entries = unit.repository(ENTRIES)
        entries.add(Entry(bench.id("e"), bench.acme.id, rank=2))
        entries.save(attrs.evolve(entries.get(bench.id("a")), rank=9))
        entries.save(attrs.evolve(entries.get(bench.id("d")), rank=0))
        entries.remove(entries.get(bench.id("c")))
        entries.add(Entry(bench.id("f"), bench.acme.id))
        where: dict[str, Wanted] = {"merchant": bench.acme.id}
        for order, names in (("rank", "dbeaf"), ("-rank", "aebdf")):
            expect("".join(_name(bench, one) for one in entries.page(where, order=order).items), names, order)
        expect(entries.count({**where, "rank": Between(1, 9)}), 2)
    expect(_walk(bench, "rank", limit=4), "abcd")


@ORDERING
def records_move_when_they_are_saved(bench: Bench) -> None:
    """A saved record is found at its present place, and no longer at an earlier one."""
    _put_values(bench, "rank", {"a": 1, "b": 2, "c": 3})
    for rank, names in ((5, "bca"), (None, "bca"), (0, "abc")):
        bench.do(
            lambda unit: unit.repository(ENTRIES).save(
                attrs.evolve(unit.repository(ENTRIES).get(bench.id("a")), rank=rank)
            )
        )
        expect(_walk(bench, "rank", limit=3), names)
        expect(_walk(bench, "rank", where={"rank": Between(0, 2)}), "a" if rank == 0 else "")


@ORDERING
def pages_go_on_when_their_last_record_is_gone(bench: Bench) -> None:
    """A page goes on behind its last record, also when that was removed, moved or joined by others meanwhile."""
    _put_values(bench, "rank", {"a": 1, "b": 2, "c": 2, "d": 3})
    where: dict[str, Wanted] = {"merchant": bench.acme.id}
    first = bench.look(lambda unit: unit.repository(ENTRIES).page(where, order="rank", limit=2))
    bench.do(lambda unit: unit.repository(ENTRIES).remove(unit.repository(ENTRIES).get(bench.id("b"))))
    _put_values(bench, "rank", {"ab": 1, "bb": 2})
    rest = bench.look(lambda unit: unit.repository(ENTRIES).page(where, order="rank", after=first.next))
    expect([_name(bench, one) for one in rest.items], ["bb", "c", "d"])


@ORDERING
def foreign_cursors_are_refused(bench: Bench) -> None:
    """A cursor of another order, another direction or the ids raises InvalidCursor, and so does an id in an order."""
    _put_values(bench, "rank", {"a": 1, "b": 2})
    where: dict[str, Wanted] = {"merchant": bench.acme.id}
    orders = (None, "rank", "-rank", "at", "title")
    cursors = {
        order: bench.look(lambda unit: unit.repository(ENTRIES).page(where, order=order, limit=1)).next
        for order in orders
    }
    for order in orders:
        for other in set(orders) - {order}:
            with bench.refusal(InvalidCursor):
                bench.look(lambda unit: unit.repository(ENTRIES).page(where, order=order, after=cursors[other]))


@ORDERING
def mangled_cursors_are_refused(bench: Bench) -> None:
    """A cursor that was cut, changed or made up raises InvalidCursor, never an error of the store's own."""
    _put_values(bench, "rank", {"a": 1, "b": 2})
    where: dict[str, Wanted] = {"merchant": bench.acme.id}
    good = bench.look(lambda unit: unit.repository(ENTRIES).page(where, order="rank", limit=1)).next or ""
    changed = good[:12] + ("A" if good[12] != "A" else "B") + good[13:]
    for wrong in (good[:-3], good[1:], changed, f"{good}AAAA", "~", "~é", "\0", "\ud800", "x" * 9_999, 5, b"x"):
        with bench.refusal(InvalidCursor):
            bench.look(lambda unit: unit.repository(ENTRIES).page(where, order="rank", after=wrong))  # type: ignore[arg-type]  # on purpose
    for wrong in ("a b", "\0", "\ud800", "x" * 9_999, good):
        with bench.refusal(InvalidCursor):
            bench.look(lambda unit: unit.repository(ENTRIES).page(where, after=wrong))


@ORDERING
def unknown_orders_are_refused(bench: Bench) -> None:
    """An order that the kind does not declare raises InvalidOrder, columns that are only compared too."""
    for order in ("nothing", "merchant", "", "-", "--rank", "rank ", "rank desc", "RANK", 5):
        with bench.refusal(InvalidOrder):
            bench.look(lambda unit: unit.repository(ENTRIES).page(order=order))  # type: ignore[arg-type]  # on purpose


@ORDERING
def ranges_need_an_ordered_column(bench: Bench) -> None:
    """A range of a column that is only compared, or of none, raises InvalidColumn, in pages, streams and counts."""
    for name in ("merchant", "shelf", "id", "nothing"):
        where: dict[str, Wanted] = {name: AtLeast("x")}
        for look in (
            lambda unit: unit.repository(ENTRIES).page(where),
            lambda unit: list(unit.repository(ENTRIES).stream(where)),
            lambda unit: unit.repository(ENTRIES).count(where),
        ):
            with bench.refusal(InvalidColumn):
                bench.look(look)


@ORDERING
def values_must_be_of_the_columns_type(bench: Bench) -> None:
    """A value or an end of another type than the column's, or beyond what it holds, raises InvalidColumn."""
    wrong: dict[str, tuple[Any, ...]] = {
        "rank": (1.5, "1", True, AT, 2**63),
        "at": (1, "2026-05-01", AT.replace(tzinfo=None), AT.date()),
        "title": (1, AT, "a\0b", "\ud800", "x" * 1_000),
    }
    for name, values in wrong.items():
        for value in values:
            for where in ({name: value}, {name: AtLeast(value)}, {name: Between(value, value)}, {name: Below(value)}):
                with bench.refusal(InvalidColumn):
                    bench.look(lambda unit: unit.repository(ENTRIES).page(where))
        with bench.refusal(InvalidColumn):
            empty: Any = None
            bench.look(lambda unit: unit.repository(ENTRIES).page({name: AtLeast(empty)}))


@ORDERING
def records_must_fit_their_columns(bench: Bench) -> None:
    """A record whose ordered column cannot hold its value raises InvalidColumn, and is not stored."""
    for field in ({"rank": 2**63}, {"title": "x" * 1_000}, {"at": AT.replace(tzinfo=None)}):
        given: dict[str, Any] = field
        with bench.refusal(InvalidColumn):
            _put(bench, a=given)
    expect(_walk(bench, None), "")
