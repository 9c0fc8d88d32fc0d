"""What a unit read is proved by one statement, which goes by what is stored and not by versions."""

from collections.abc import Callable, Iterator
from typing import Any

import attrs
import pytest

from mktcore.persistence import Scope
from mktcore.persistence.noted_reads import Existence, Lookup, NotedReads
from mktcore.sql import SqlStore
from mktcore.testing.stores.samples import PARCELS, Parcel
from persistence.opening import open_store

OPERATOR, ACME = Scope.operator(), Scope.merchant("acme")


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def store(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[SqlStore]:
    opened: SqlStore = open_store(request.param, tmp_path_factory.mktemp("noted"))
    yield opened
    opened.close()


@pytest.fixture
def parcel(store: SqlStore, request: pytest.FixtureRequest) -> Parcel:
    with store.begin(OPERATOR) as unit:
        stored = unit.repository(PARCELS).add(Parcel(f"p-{abs(hash(request.node.nodeid))}", "acme", label=None))
        unit.commit()
    return stored


def commit(store: SqlStore, work: Callable[[Any], object]) -> None:
    with store.begin(OPERATOR) as unit:
        work(unit.repository(PARCELS))
        unit.commit()


def remake(parcels: Any, parcel: Parcel) -> None:
    parcels.remove(parcel)
    parcels.add(attrs.evolve(parcel, lot=9, version=0))


MEANWHILE: dict[str, tuple[Callable[[Any, Parcel], object], bool]] = {
    "nothing": (lambda *_: None, True),
    "another record": (lambda parcels, parcel: parcels.add(Parcel(f"other-{parcel.id}", "bolt")), True),
    "saved": (lambda parcels, parcel: parcels.save(attrs.evolve(parcel, lot=9)), False),
    "removed": (lambda parcels, parcel: parcels.remove(parcel), False),
    "made anew at the same version": (remake, False),
    "one that was not there": (
        lambda parcels, parcel: parcels.add(Parcel(f"{parcel.id}-x", "acme", buyer="ann")),
        False,
    ),
}


@pytest.mark.parametrize("what", MEANWHILE)
@pytest.mark.parametrize("is_foreseen", [False, True])
def test_a_proof_fails_when_what_was_read_changed_and_only_then(
    store: SqlStore, parcel: Parcel, what: str, *, is_foreseen: bool
) -> None:
    change, holds = MEANWHILE[what]
    with store.begin(OPERATOR) as unit:
        notes, parcels = unit.note_reads(), unit.repository(PARCELS)
        if is_foreseen:
            notes.fetch([Lookup(PARCELS, "id", {parcel.id}), Existence(PARCELS, {"merchant": "acme", "lot": 9})])
        assert parcels.find(parcel.id) == parcel
        assert parcels.find_many([f"{parcel.id}-x"]) == {}
        commit(store, lambda others: change(others, parcel))
        assert notes.still_hold() is holds
    if what == "one that was not there":
        commit(store, lambda others: others.remove(others.get(f"{parcel.id}-x")))
    commit(store, lambda others: [others.remove(one) for one in others.find_many([parcel.id]).values()])


def test_an_existence_is_proved_too(store: SqlStore, parcel: Parcel) -> None:
    where = {"merchant": "acme", "label": f"new-{parcel.id}"}
    with store.begin(OPERATOR) as unit:
        notes = unit.note_reads()
        assert not unit.repository(PARCELS).has(where)
        commit(store, lambda others: others.save(attrs.evolve(parcel, label=f"new-{parcel.id}")))
        assert not notes.still_hold()


def test_a_page_cannot_be_proved(store: SqlStore, parcel: Parcel) -> None:
    with store.begin(OPERATOR) as unit:
        notes = unit.note_reads()
        assert unit.repository(PARCELS).page({"merchant": "acme"}).items
        assert not notes.still_hold()
    assert parcel.version == 1


def test_a_party_has_no_notes_that_could_be_proved(store: SqlStore) -> None:
    with store.begin(ACME) as unit:
        notes = unit.note_reads()
        assert type(notes) is NotedReads
        assert not notes.still_hold()
