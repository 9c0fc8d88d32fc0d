"""Clauses about marks: what is found under a text, at an instant, and never by one that it does not bear any more."""

from datetime import datetime, timedelta
from typing import Any

import attrs

from mktcore.errors import InvalidValue
from mktcore.periods import Period
from mktcore.persistence import Scope
from mktcore.persistence.errors import InvalidColumn
from mktcore.persistence.noted_reads import MarkLookup
from mktcore.testing.clauses import Violated, expect
from mktcore.testing.stores.samples import AT, NOTICES, PARCELS, Parcel
from mktcore.testing.stores.store_bench import Bench, CheckedUnit, StoreArea

__all__ = ["MARKS"]

MARKS = StoreArea("marks")
_MOMENT = timedelta(microseconds=1)


def _tagged(bench: Bench, name: str, *tags: str, **changes: Any) -> Parcel:
    return bench.parcel(name, tags=frozenset(bench.id(tag) for tag in tags), **changes)


def _find(bench: Bench, *tags: str, at: datetime = AT, scope: Scope | None = None) -> list[str]:
    marks = [bench.id(tag) for tag in tags]
    found = bench.look(lambda unit: bench.parcels(unit).find_marked(marks, at), scope)
    return [parcel.id.removeprefix(f"{bench.prefix}-") for parcel in found]


@MARKS
def any_mark_finds_a_record_once(bench: Bench) -> None:
    """Whoever has any of the marks is found once, in the order of ids; nothing else is, and by no mark nothing."""
    bench.put(
        _tagged(bench, "p3", "x"), _tagged(bench, "p1", "x", "y"), _tagged(bench, "p2"), _tagged(bench, "p4", "z")
    )
    expect(_find(bench, "x", "y", "x"), ["p1", "p3"])
    expect(_find(bench, "z", "absent"), ["p4"])
    expect(_find(bench, "absent"), [])
    expect(_find(bench), [])


@MARKS
def a_mark_holds_from_its_start_to_before_its_end(bench: Bench) -> None:
    """A record is found while the period of its mark lasts: with its start, without its end, to the microsecond."""
    day = timedelta(days=1)
    bench.put(
        _tagged(bench, "always", "x"),
        _tagged(bench, "ending", "x", valid=Period(None, AT)),
        _tagged(bench, "starting", "x", valid=Period(AT, None)),
        _tagged(bench, "within", "x", valid=Period(AT - day, AT + day)),
    )
    expect(_find(bench, "x"), ["always", "starting", "within"])
    expect(_find(bench, "x", at=AT - _MOMENT), ["always", "ending", "within"])
    expect(_find(bench, "x", at=AT - 2 * day), ["always", "ending"])
    expect(_find(bench, "x", at=AT + day), ["always", "starting"])


@MARKS
def a_saved_record_has_its_new_marks_only(bench: Bench) -> None:
    """What a record was marked with before it was saved, or removed, finds it no more; a unit sees its own writes."""
    (first, second) = bench.put(_tagged(bench, "p1", "x"), _tagged(bench, "p2", "x", "y"))
    old = [bench.id("x")]

    def change(unit: CheckedUnit) -> None:
        parcels = bench.parcels(unit)
        saved = parcels.save(attrs.evolve(first, tags=frozenset({bench.id("z")})))
        expect(parcels.find_marked(old, AT), (second,), "its own save")
        expect(parcels.find_marked([bench.id("z")], AT), (saved,), "its own mark")
        parcels.remove(second)
        parcels.add_many([_tagged(bench, "p3", "x")])
        expect([one.id for one in parcels.find_marked(old, AT)], [bench.id("p3")], "its own removal")

    bench.look(change)
    expect(_find(bench, "x", "z"), ["p1", "p2"], "undone")
    bench.do(change)
    expect((_find(bench, "x"), _find(bench, "y"), _find(bench, "z")), (["p3"], [], ["p1"]))
    (third,) = bench.look(lambda unit: bench.parcels(unit).find_marked(old, AT))
    over = attrs.evolve(third, valid=Period(None, AT))
    bench.do(lambda unit: bench.parcels(unit).save_many([over]))
    expect((_find(bench, "x"), _find(bench, "x", at=AT - _MOMENT)), ([], ["p3"]), "ended")


@MARKS
def marks_find_what_the_scope_reads(bench: Bench) -> None:
    """Another party's record is found by no mark, however it is marked."""
    bench.put(_tagged(bench, "p1", "x"), _tagged(bench, "p2", "x", merchant=bench.bolt.id))
    expect(_find(bench, "x", scope=bench.acme), ["p1"])
    expect(_find(bench, "x", scope=bench.bolt), ["p2"])
    expect(_find(bench, "x", scope=bench.ann), [])


@MARKS
def marks_are_taken_literally(bench: Bench) -> None:
    """Quotes, wild cards, blanks, letters beyond ASCII and case in a mark are as they are, 500 characters too."""
    texts = ["o'clock", 'say "hi"', "100%", "a_b", "ünïcode 🧺", "Case", "case", "back\\slash", " padded ", "x" * 450]
    bench.put(*[_tagged(bench, f"p{position}", text) for position, text in enumerate(texts)])
    for position, text in enumerate(texts):
        expect(_find(bench, text), [f"p{position}"], text)
    expect(_find(bench, "nul\0", "half \ud800"), [], "what no store holds")


@MARKS
def what_has_no_marks_is_not_looked_for(bench: Bench) -> None:
    """A kind without marks refuses to be looked for by one, and a mark that no store can hold is refused."""
    with bench.refusal(InvalidColumn):
        bench.look(lambda unit: unit.repository(NOTICES).find_marked(["x"], AT))
    for text in ("", "nul\0", "x" * 501):
        with bench.refusal(InvalidValue):
            bench.put(bench.parcel("p1", tags=frozenset({text})))
        expect(bench.find("p1"), None, text)


@MARKS
def marks_foreseen_are_found(bench: Bench) -> None:
    """A look-up by marks that was made beforehand finds what it finds without, and this unit's own writes."""
    first, second = bench.put(_tagged(bench, "p1", "x"), _tagged(bench, "p2", "y"))
    x, y = bench.id("x"), bench.id("y")

    def look(unit: CheckedUnit) -> None:
        parcels = bench.parcels(unit)
        unit.note_reads().fetch([MarkLookup(PARCELS, frozenset({x, y}), AT), MarkLookup(PARCELS, frozenset(), AT)])
        expect(parcels.find_marked([y, x], AT), (first, second))
        expect(parcels.find_marked([x], AT), (first,))
        saved = parcels.save(attrs.evolve(first, tags=frozenset()))
        expect(parcels.find_marked([x, y], AT), (second,))
        expect(parcels.find(saved.id), saved)

    bench.look(look)


@MARKS
def marks_that_changed_meanwhile_are_not_proved(bench: Bench) -> None:
    """Reads of before and after a record gained, lost or outlived a mark are never proved to be of one instant."""
    x = bench.id("x")
    changes: dict[str, dict[str, Any]] = {
        "gained": {"tags": frozenset({x})},
        "lost": {"tags": frozenset()},
        "ended": {"valid": Period(None, AT)},
    }
    for number, (name, changed) in enumerate(changes.items()):
        tags = () if name == "gained" else ("x",)
        early, late = bench.put(_tagged(bench, f"early-{number}", *tags), _tagged(bench, f"late-{number}"))
        with bench.store.begin(bench.operator) as unit:
            notes = unit.note_reads()
            before = bench.parcels(unit).find_marked([x], AT)
            with bench.store.begin(bench.operator) as other:
                bench.parcels(other).save(attrs.evolve(early, **changed))
                other.commit()
            with bench.store.begin(bench.operator) as other:
                bench.parcels(other).save(attrs.evolve(late, lot=8))
                other.commit()
            seen = bench.parcels(unit).find_many([late.id])[late.id]
            if seen.version > late.version and notes.still_hold():
                raise Violated(f"{name}: {before} and {seen} never were at once")
