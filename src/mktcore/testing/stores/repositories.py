"""Clauses about repositories: what is stored, and guarded by versions and unique columns."""

import attrs

from mktcore.ids import InvalidId
from mktcore.persistence import Kind, NotFound, StaleVersion, UniqueViolation
from mktcore.persistence.errors import AlreadyStored, UnknownKind
from mktcore.testing.clauses import expect
from mktcore.testing.stores.samples import PARCELS, Parcel
from mktcore.testing.stores.store_bench import Bench, StoreArea

__all__ = ["WRITING"]

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
    # More than two thousand, and no multiple of any batch.
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


@WRITING
def an_id_that_cannot_be_is_absent(bench: Bench) -> None:
    """Finding an id that no record can have (NUL, half a surrogate pair) gives nothing, like any other absent one."""
    for name in ("a\0b", "\ud800"):
        expect(bench.look(lambda unit: bench.parcels(unit).find(name)), None)
        expect(bench.look(lambda unit: bench.parcels(unit).find_many([name])), {})
