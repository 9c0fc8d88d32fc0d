"""Clauses about noted reads: what is foreseen is found all the same, and what changed meanwhile is never proved."""

from collections.abc import Callable
from datetime import timedelta

import attrs

from mktcore.persistence.noted_reads import Existence, Lookup
from mktcore.persistence.references_to_ended import Ended
from mktcore.testing.clauses import Violated, expect
from mktcore.testing.stores.samples import AT, ENTRIES, PARCELS, Entry, Parcel
from mktcore.testing.stores.store_bench import Bench, CheckedUnit, StoreArea

__all__ = ["NOTED_READS"]

NOTED_READS = StoreArea("reads")


@NOTED_READS
def has_tells_whether_there_is_a_record(bench: Bench) -> None:
    """Whether some record has values in its columns is told, as the scope sees it, this unit's own writes included."""
    bench.put(bench.parcel("p1", label="x"))
    for scope, label, there in ((bench.operator, "x", True), (bench.operator, "y", False), (bench.bolt, "x", False)):
        with bench.store.begin(scope) as unit:
            expect(bench.parcels(unit).has({"merchant": bench.acme.id, "label": label}), there, label)

    def write(unit: CheckedUnit) -> bool:
        bench.parcels(unit).add(bench.parcel("p2", label="z"))
        return bench.parcels(unit).has({"merchant": bench.acme.id, "label": "z"})

    expect(bench.look(write), True, "its own")


@NOTED_READS
def what_was_foreseen_is_found(bench: Bench) -> None:
    """Look-ups that were made beforehand find what they find without, in whole and in part, and nothing else."""
    p1, p2, p3 = bench.put(bench.parcel("p1", label="x"), bench.parcel("p2"), bench.parcel("p3", lot=3))

    def look(unit: CheckedUnit) -> None:
        parcels, absent = bench.parcels(unit), bench.id("p9")
        unit.note_reads().fetch(
            [
                Lookup(PARCELS, "id", {p1.id, p2.id, absent}),
                Lookup(PARCELS, "merchant", {bench.acme.id, bench.bolt.id}),
                Existence(PARCELS, {"merchant": bench.acme.id, "label": "x"}),
            ]
        )
        expect(parcels.find_many([p1.id, p2.id, absent]), {p1.id: p1, p2.id: p2})
        expect(parcels.find_many([p2.id, p3.id]), {p2.id: p2, p3.id: p3})
        expect(parcels.find(absent), None)
        expect(parcels.find_where("merchant", [bench.acme.id]), (p1, p2, p3))
        expect(parcels.find_where("merchant", [bench.bolt.id]), ())
        expect(parcels.has({"merchant": bench.acme.id, "label": "x"}), True)
        expect(parcels.has({"merchant": bench.acme.id, "label": "y"}), False)

    bench.look(look)


@NOTED_READS
def what_lasts_is_found_whoever_else_has_ended(bench: Bench) -> None:
    """Records that name one which has not ended, or none, are all found by column; others where nobody can tell."""
    moment = {"early": AT - timedelta(microseconds=1), "now": AT, "late": AT + timedelta(microseconds=1)}
    ends = [bench.id(name) for name in moment]
    entries = [Entry(bench.id(name), bench.acme.id, at=at) for name, at in moment.items()]
    parcels = [bench.parcel(f"of-{name}", label=bench.id(name)) for name in (*moment, "nobody")]
    bench.do(lambda unit: unit.repository(ENTRIES).add_many(entries))
    bench.put(*parcels, bench.parcel("of-none"))
    over = Ended("label", ENTRIES, ends="at", at=AT)
    asked = Lookup(PARCELS, "merchant", frozenset({bench.acme.id}), unless_over=over)

    def look(unit: CheckedUnit) -> None:
        lasting = [ends[2], bench.id("nobody"), None]
        for note in ("asked for", "foreseen"):
            found = [one.label for one in bench.parcels(unit).find_lasting("merchant", [bench.acme.id], over)]
            expect([label for label in found if label not in ends[:2]], lasting, note)
            unit.note_reads().fetch([asked])

    bench.look(look)


@NOTED_READS
def own_writes_are_found_after_foreseeing(bench: Bench) -> None:
    """What a unit wrote is found as it wrote it, whatever look-ups were made beforehand."""
    (p1,) = bench.put(bench.parcel("p1"))

    def write(unit: CheckedUnit) -> None:
        parcels, ids = bench.parcels(unit), [p1.id, bench.id("p2")]
        where = {"merchant": bench.acme.id, "label": "mine"}
        unit.note_reads().fetch([Lookup(PARCELS, "id", set(ids)), Existence(PARCELS, where)])
        expect(parcels.find_many(ids), {p1.id: p1})
        saved, added = parcels.save(attrs.evolve(p1, lot=7)), parcels.add(bench.parcel("p2", label="mine"))
        expect(parcels.find_many(ids), {p1.id: saved, added.id: added})
        expect(parcels.has(where), True)

    bench.look(write)


def _remake(bench: Bench, unit: CheckedUnit, parcel: Parcel) -> None:
    bench.parcels(unit).remove(parcel)
    bench.parcels(unit).add(attrs.evolve(parcel, lot=7, version=0))


@NOTED_READS
def what_never_was_at_once_is_not_proved(bench: Bench) -> None:
    """Reads of before and after another unit's commit are never proved to hold, whatever that unit changed."""
    changes: dict[str, Callable[[CheckedUnit, Parcel], object]] = {
        "saved": lambda unit, parcel: bench.parcels(unit).save(attrs.evolve(parcel, lot=7)),
        "removed": lambda unit, parcel: bench.parcels(unit).remove(parcel),
        "made anew": lambda unit, parcel: _remake(bench, unit, parcel),
        "one more": lambda unit, _: bench.parcels(unit).add(bench.parcel("more", label="more")),
    }
    for number, (name, change) in enumerate(changes.items()):
        early, late = bench.put(bench.parcel(f"early-{number}"), bench.parcel(f"late-{number}"))
        with bench.store.begin(bench.operator) as unit:
            notes = unit.note_reads()
            before = (
                bench.parcels(unit).find_many([early.id]),
                bench.parcels(unit).find_where("merchant", [bench.acme.id]),
            )
            with bench.store.begin(bench.operator) as other:
                change(other, early)
                other.commit()
            with bench.store.begin(bench.operator) as other:
                bench.parcels(other).save(attrs.evolve(late, lot=8))
                other.commit()
            seen = bench.parcels(unit).find_many([late.id])[late.id]
            if seen.version > late.version and notes.still_hold():
                raise Violated(f"{name}: {before} and {seen} never were at once")
