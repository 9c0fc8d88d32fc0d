"""Every corruption of a store is found, with the invariant it breaks and the record it broke."""

from pathlib import Path
from typing import Any

import pytest

from mktcore.audit import verify_store
from mktcore.notice import Notice
from mktcore.persistence import Scope
from mktcore.persistence.idempotency_records import IdempotencyRecord
from mktcore.sql import SqlStore
from mktcore.stock import ReservationRequest, StockCount
from mktcore.testing.stores.samples import AT, ENTRIES, PARCELS, Entry, Parcel, ParcelMoved
from persistence.opening import STORES, open_store


def _fill(store: Any) -> None:
    with store.begin(Scope.operator()) as unit:
        unit.stock.set_on_hand([StockCount("i1", "acme", 9), StockCount("i2", "acme", 9)], at=AT)
        unit.stock.reserve([ReservationRequest(f"r{n}", "i1", 2) for n in (1, 2, 3)], expires_at=AT, at=AT)
        unit.stock.consume({"r1": 1}, at=AT)
        unit.stock.release(["r2"], at=AT)
        unit.publish([ParcelMoved(subject=name, at=AT, to="x") for name in ("s1", "s2", "s1", "s1")])
        unit.record(IdempotencyRecord("operator", "k1", "place", {"a": 1}, "done", AT))
        unit.commit()
    with store.begin(Scope.operator()) as unit:
        unit.stock.set_on_hand([StockCount("i1", "acme", 1)], at=AT)
        unit.repository(ENTRIES).add(Entry("e1", "acme", rank=1, at=AT, marks=("x", "y"), shelf="s"))
        unit.commit()
    store.subscriptions.subscribe("mail")
    with store.begin(Scope.operator()) as unit:
        unit.publish([ParcelMoved(subject="s3", at=AT, to="x")])
        unit.commit()
    store.queue.claim(claim="c1", now=AT, lease=AT - AT, limit=1)


@pytest.mark.parametrize("name", STORES)
def test_a_store_that_was_only_used_has_no_findings(name: str, tmp_path: Path) -> None:
    store = open_store(name, tmp_path)
    _fill(store)
    assert verify_store(store) == ()
    (delivery, *_) = store.queue.claim(claim="c2", now=AT, lease=AT - AT)
    store.queue.settle(delivery, 1, ready_at=AT)
    store.queue.prune(before=AT.replace(year=2027))
    assert verify_store(store) == ()
    if name != "memory":
        store.close()


@pytest.mark.parametrize(
    ("damage", "invariant", "where"),
    [
        ("UPDATE mktcore_stock SET reserved = 4 WHERE item = 'i1'", "I10", "stock_item i1"),
        ("UPDATE mktcore_reservation SET state = 'live' WHERE id = 'r2'", "I10", "stock_item i1"),
        ("DELETE FROM mktcore_reservation WHERE id = 'r3'", "I10", "stock_item i1"),
        ("DELETE FROM mktcore_event WHERE kind = 'stock_item'", "I14", "stock_item i1"),
        ("UPDATE mktcore_stock SET on_hand = 0, reserved = 5 WHERE item = 'i2'", "I10", "stock_item i2"),
        ("DELETE FROM mktcore_event WHERE subject = 's1' AND sequence = 2", "I14", "testing_parcel s1"),
        ("DELETE FROM mktcore_event WHERE subject = 's1' AND sequence = 3", "I14", "testing_parcel s1"),
        ("DELETE FROM mktcore_event WHERE subject = 's2'", "I14", "testing_parcel s2"),
        ("DELETE FROM mktcore_stream WHERE subject = 's2'", "I14", "testing_parcel s2"),
        ("UPDATE mktcore_stream SET published = 9 WHERE subject = 's1'", "I14", "testing_parcel s1"),
        ("UPDATE mktcore_event SET document = '{}' WHERE subject = 's1'", "I14", "event testing_parcel/s1/2"),
        ("UPDATE mktcore_event SET type = 'testing.gone.v1' WHERE subject = 's1'", "I14", "event testing_parcel/s1/3"),
        ('UPDATE mktcore_record SET result = \'{"$type":"gone.v1"}\'', "I13", "key k1 of operator"),
        ("UPDATE mktcore_record SET operation = ''", "I13", "key k1 of operator"),
        ("UPDATE mktcore_record SET at = 'noon'", "I13", "key k1 of operator"),
        ("UPDATE mktcore_reservation SET state = 'gone' WHERE id = 'r2'", "I10", "reservation r2"),
        ("UPDATE mktcore_reservation SET expires_at = 'noon' WHERE id = 'r2'", "I10", "reservation r2"),
        ("UPDATE mktcore_reservation SET merchant = 'bolt' WHERE id = 'r2'", "I18", "reservation r2"),
        ("DELETE FROM mktcore_stock WHERE item = 'i1'", "I10", "reservation r1"),
        (
            "UPDATE mktcore_event SET merchant = 'bolt' WHERE subject = 's2'",
            "I18",
            "event testing_parcel/s2/1.merchant",
        ),
        ("UPDATE mktcore_event SET at = 'noon' WHERE subject = 's2'", "I14", "event testing_parcel/s2/1.at"),
        ("UPDATE mktcore_stream SET pruned = 1 WHERE subject = 's1'", "I14", "testing_parcel s1"),
        ("UPDATE mktcore_position SET last = 9", "I14", "testing_parcel s3 for mail"),
        ("UPDATE mktcore_position SET published = 9", "I14", "testing_parcel s3 for mail"),
        ("DELETE FROM mktcore_subscriber", "I14", "testing_parcel s3 for mail"),
        ("DELETE FROM mktcore_testing_entry_mark WHERE mark = 'x'", "I16", "testing_entry e1.mark"),
        ("UPDATE mktcore_testing_entry_mark SET mark = 'z' WHERE mark = 'x'", "I16", "testing_entry e1.mark"),
        ("UPDATE mktcore_testing_entry_mark SET rank = 2 WHERE mark = 'x'", "I16", "testing_entry e1.mark"),
        ("UPDATE mktcore_testing_entry_mark SET merchant = 'bolt'", "I16", "testing_entry e1.mark"),
        ("UPDATE mktcore_testing_entry_mark SET shelf = NULL", "I16", "testing_entry e1.mark"),
        ("INSERT INTO mktcore_testing_entry_word VALUES ('e1', 'w', 'acme')", "I16", "testing_entry e1.word"),
        ("UPDATE mktcore_testing_entry_mark SET id = 'e2'", "I16", "testing_entry e2"),
    ],
)
def test_damage_is_found(damage: str, invariant: str, where: str, tmp_path: Path) -> None:
    store: SqlStore = open_store("sqlite", tmp_path)
    _fill(store)
    with store.engine.connect() as connection:
        connection.exec_driver_sql(damage)
        connection.commit()
    found = verify_store(store)
    assert (invariant, where) in {(finding.code, finding.where) for finding in found}
    assert all(str(finding).startswith(f"{finding.where}: ") for finding in found)
    store.close()


@pytest.mark.parametrize(
    "damage",
    [
        "DELETE FROM mktcore_mark WHERE id = 'p1'",
        "UPDATE mktcore_mark SET text = 'y' WHERE id = 'p1'",
        "UPDATE mktcore_mark SET ends = 'noon' WHERE id = 'p1'",
        "UPDATE mktcore_mark SET starts = '2026-05-01T00:00:00+00:00' WHERE id = 'p1'",
        "UPDATE mktcore_mark SET id = 'gone' WHERE id = 'p1'",
        "UPDATE mktcore_testing_parcel SET document = replace(document, '\"x\"', '\"y\"') WHERE id = 'p1'",
    ],
)
def test_what_is_not_found_under_what_it_says_is_told(damage: str, tmp_path: Path) -> None:
    store: SqlStore = open_store("sqlite", tmp_path)
    with store.begin(Scope.operator()) as unit:
        unit.repository(PARCELS).add_many([Parcel(f"p{n}", "acme", tags=frozenset({"x"})) for n in range(3)])
        unit.commit()
    assert verify_store(store) == ()
    with store.engine.begin() as connection:
        connection.exec_driver_sql(damage)
    assert ("I16", "testing_parcel p1.marks") in {(finding.code, finding.where) for finding in verify_store(store)}
    store.close()


def test_one_unreadable_record_hides_no_other(tmp_path: Path) -> None:
    store: SqlStore = open_store("sqlite", tmp_path)
    _fill(store)
    with store.engine.connect() as connection:
        connection.exec_driver_sql("UPDATE mktcore_event SET document = 'none' WHERE subject = 's1' AND sequence < 3")
        connection.exec_driver_sql("UPDATE mktcore_stock SET reserved = 4 WHERE item = 'i1'")
        connection.commit()
    assert {(finding.code, finding.where) for finding in verify_store(store)} == {
        ("I14", "event testing_parcel/s1/1"),
        ("I14", "event testing_parcel/s1/2"),
        ("I10", "stock_item i1"),
    }
    store.close()


def test_deleted_events_are_told_from_pruned_ones(tmp_path: Path) -> None:
    store: SqlStore = open_store("sqlite", tmp_path)
    _fill(store)
    for delivery in store.queue.claim(claim="c2", now=AT, lease=AT - AT):
        store.queue.settle(delivery, len(delivery.envelopes), ready_at=AT)
    with store.engine.connect() as connection:
        connection.exec_driver_sql("DELETE FROM mktcore_event WHERE subject = 's1' AND sequence = 1")
        connection.commit()
    (finding,) = verify_store(store)
    assert finding.message == "2 events are there, 3 should be: 1 to 3"
    store.close()


def test_a_check_that_fails_is_a_finding(tmp_path: Path) -> None:
    def fail() -> list[Notice]:
        raise ZeroDivisionError("by hand")

    (finding,) = verify_store(open_store("memory", tmp_path), [fail])
    assert finding.message == "it cannot be checked: ZeroDivisionError: by hand"


def test_further_checks_add_their_findings(tmp_path: Path) -> None:
    broken = Notice("I1", "order o1", "the parts sum to 9.99 EUR, the whole is 10.00 EUR")
    assert verify_store(open_store("memory", tmp_path), [lambda: [broken], tuple]) == (broken,)
