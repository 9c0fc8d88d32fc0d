"""Clauses about units of work: all or nothing, and nobody sees half (invariant I16)."""

import time
from collections.abc import Callable
from contextlib import suppress

import attrs

from mktcore.persistence import NotFound, Retryable, StaleVersion, UniqueViolation
from mktcore.persistence.errors import UnitClosed
from mktcore.persistence.idempotency_records import IdempotencyRecord
from mktcore.testing.clauses import Violated, expect
from mktcore.testing.stores.samples import AT
from mktcore.testing.stores.store_bench import Bench, CheckedUnit, StoreArea

__all__ = ["TRANSACTIONS"]

TRANSACTIONS = StoreArea("unit")


class Stopped(Exception):
    """Leaves a unit in the middle."""


def _write_everything(bench: Bench, unit: CheckedUnit) -> None:
    bench.parcels(unit).add(bench.parcel("p1"))
    unit.publish([bench.moved("p1")])
    unit.record(
        IdempotencyRecord(str(bench.operator), key=bench.id("k"), operation="move", request={}, result="done", at=AT)
    )
    unit.stock.reserve([bench.request("r1", "item", 2)], expires_at=None, at=AT)
    unit.counters.claim(bench.id("c"), 3, 5)
    unit.inbox.take("consumer", bench.id("e"))


def _see_everything(bench: Bench) -> dict[str, bool]:
    def look(unit: CheckedUnit) -> dict[str, bool]:
        return {
            "record": bench.parcels(unit).find(bench.id("p1")) is not None,
            "event": bool(unit.find_events("testing_parcel", bench.id("p1"))),
            "idempotency": unit.find_record(str(bench.operator), bench.id("k")) is not None,
            "reservation": bool(unit.stock.find_reservations([bench.id("r1")])),
            "stock": unit.stock.find_levels([bench.id("item")])[bench.id("item")].reserved == 2,  # noqa: PLR2004 - as above
            "counter": unit.counters.count(bench.id("c")) == 3,  # noqa: PLR2004 - as above
            "inbox": not unit.inbox.take("consumer", bench.id("e")),
        }

    return bench.look(look)


@TRANSACTIONS
def leaving_without_commit_changes_nothing(bench: Bench) -> None:
    """A unit that is left without commit leaves nothing: no record, event, key, reservation, count, or inbox entry."""
    bench.stock(item=5)
    bench.look(lambda unit: _write_everything(bench, unit))
    expect([name for name, seen in _see_everything(bench).items() if seen], [])


@TRANSACTIONS
def an_error_changes_nothing(bench: Bench) -> None:
    """A unit that is left by an error leaves nothing, and the error passes unchanged."""
    bench.stock(item=5)
    with bench.refusal(Stopped), bench.store.begin(bench.operator) as unit:
        _write_everything(bench, unit)
        raise Stopped
    expect([name for name, seen in _see_everything(bench).items() if seen], [])


@TRANSACTIONS
def a_commit_stores_everything(bench: Bench) -> None:
    """A commit makes every part of the unit visible to others, together."""
    bench.stock(item=5)
    bench.do(lambda unit: _write_everything(bench, unit))
    expect([name for name, seen in _see_everything(bench).items() if not seen], [])


@TRANSACTIONS
def writes_are_invisible_before_the_commit(bench: Bench) -> None:
    """No other unit sees a part of a unit that is not committed: no dirty read."""
    bench.stock(item=5)
    with bench.store.begin(bench.operator) as unit:
        _write_everything(bench, unit)
        with bench.store.begin(bench.operator) as other:
            expect(bench.parcels(other).find(bench.id("p1")), None, "record")
            expect(bench.parcels(other).count({"merchant": bench.acme.id}), 0, "count")
            expect(other.find_events("testing_parcel", bench.id("p1")), (), "event")
            expect(other.find_record(str(bench.operator), bench.id("k")), None, "idempotency")
            expect(other.stock.find_reservations([bench.id("r1")]), {}, "reservation")
            expect(other.stock.find_levels([bench.id("item")])[bench.id("item")].reserved, 0, "stock")
            expect(other.counters.count(bench.id("c")), 0, "counter")
        unit.commit()
    expect(all(_see_everything(bench).values()), True)


@TRANSACTIONS
def changes_are_invisible_before_the_commit(bench: Bench) -> None:
    """Another unit sees the former value of a record that is being changed, and one that is being removed."""
    first, second = bench.put(bench.parcel("p1"), bench.parcel("p2"))
    with bench.store.begin(bench.operator) as unit:
        bench.parcels(unit).save(attrs.evolve(first, note="changed", lot=1))
        bench.parcels(unit).remove(second)
        with bench.store.begin(bench.operator) as other:
            expect(bench.parcels(other).find_many([first.id, second.id]), {first.id: first, second.id: second})


@TRANSACTIONS
def a_commit_is_final(bench: Bench) -> None:
    """A unit can be committed once; afterwards it refuses every call with UnitClosed."""
    with bench.store.begin(bench.operator) as unit:
        bench.parcels(unit).add(bench.parcel("p1"))
        unit.commit()
        uses: tuple[Callable[[], object], ...] = (
            unit.commit,
            lambda: bench.parcels(unit).find(bench.id("p1")),
            lambda: bench.parcels(unit).add(bench.parcel("p2")),
            lambda: unit.counters.claim(bench.id("c"), 1, 1),
        )
        for use in uses:
            with bench.refusal(UnitClosed):
                use()
    expect(bench.find("p2"), None)


@TRANSACTIONS
def a_left_unit_is_closed(bench: Bench) -> None:
    """A unit that was left refuses to be used or committed."""
    with bench.store.begin(bench.operator) as unit:
        bench.parcels(unit).add(bench.parcel("p1"))
    uses: tuple[Callable[[], object], ...] = (unit.commit, lambda: bench.parcels(unit).find(bench.id("p1")))
    for use in uses:
        with bench.refusal(UnitClosed):
            use()
    expect(bench.find("p1"), None)


@TRANSACTIONS
def publishing_after_the_end_is_refused(bench: Bench) -> None:
    """An event published after the commit, which nobody would ever write, is refused."""
    with bench.store.begin(bench.operator) as unit:
        unit.commit()
        with bench.refusal(UnitClosed):
            unit.publish([bench.moved("p1")])


@TRANSACTIONS
def an_empty_unit_commits(bench: Bench) -> None:
    """A unit that only read, or did nothing, commits."""
    bench.do(lambda _: None)
    bench.do(lambda unit: bench.parcels(unit).find(bench.id("p1")))


@TRANSACTIONS
def an_update_is_never_lost(bench: Bench) -> None:
    """Of two units that read the same version, the second to save is refused, at its commit at the latest."""
    bench.put(bench.parcel("p1"))
    with bench.store.begin(bench.operator) as slow:
        read = bench.parcels(slow).get(bench.id("p1"))
        fast = bench.do(lambda unit: bench.parcels(unit).save(attrs.evolve(read, note="fast")))
        # A store that waits for nobody finds out at the commit, and of no single record.
        with bench.refusal(StaleVersion, Retryable):
            bench.parcels(slow).save(attrs.evolve(read, note="slow"))
            slow.commit()
    expect(bench.find("p1"), fast)


@TRANSACTIONS
def a_removal_is_never_undone(bench: Bench) -> None:
    """A record that was removed after it was read cannot be saved."""
    bench.put(bench.parcel("p1"))
    with bench.store.begin(bench.operator) as slow:
        read = bench.parcels(slow).get(bench.id("p1"))
        bench.do(lambda unit: bench.parcels(unit).remove(read))
        with suppress(NotFound, StaleVersion, Retryable):  # each of them says that it was not saved
            bench.parcels(slow).save(attrs.evolve(read, note="slow"))
            slow.commit()
    expect(bench.find("p1"), None)


@TRANSACTIONS
def threads_lose_no_update(bench: Bench) -> None:
    """Eight threads that read, add one and save, each until it is committed, count exactly."""
    bench.put(bench.parcel("p1"))

    def add_one(unit: CheckedUnit) -> None:
        read = bench.parcels(unit).get(bench.id("p1"))
        time.sleep(0.001)  # lets another thread in, where the store lets it
        bench.parcels(unit).save(attrs.evolve(read, count=read.count + 1))

    bench.race(8, lambda _: [bench.retry(add_one) for _ in range(3)])
    found = bench.find("p1")
    expect(found and (found.count, found.version), (24, 25))


@TRANSACTIONS
def threads_add_an_id_once(bench: Bench) -> None:
    """Of eight threads that add the same id, one succeeds."""

    def add(number: int) -> bool:
        try:
            bench.retry(lambda unit: bench.parcels(unit).add(bench.parcel("p1", count=number)))
        except UniqueViolation:
            return False
        return True

    expect(bench.race(8, add).count(True), 1)


@TRANSACTIONS
def threads_take_a_unique_value_once(bench: Bench) -> None:
    """Of eight threads that add or save the same unique value, one succeeds."""
    stored = bench.put(*[bench.parcel(f"s{number}") for number in range(4)])

    def take(number: int) -> bool:
        try:
            if number < len(stored):
                changed = attrs.evolve(stored[number], label="x")
                bench.retry(lambda unit: bench.parcels(unit).save(changed))
            else:
                bench.retry(lambda unit: bench.parcels(unit).add(bench.parcel(f"a{number}", label="x")))
        except UniqueViolation:
            return False
        return True

    expect(bench.race(8, take).count(True), 1)


@TRANSACTIONS
def readers_do_not_wait_for_a_writer(bench: Bench) -> None:
    """A unit that only reads is not held up by one that is writing."""
    bench.put(bench.parcel("p1"))
    with bench.store.begin(bench.operator) as unit:
        bench.parcels(unit).add(bench.parcel("p2"))
        found = bench.race(
            1, lambda _: bench.look(lambda other: bench.parcels(other).count({"merchant": bench.acme.id}))
        )
        expect(found, [1])
        unit.commit()


@TRANSACTIONS
def a_page_is_of_one_moment(bench: Bench) -> None:
    """A query sees all of a committed unit or nothing of it, while others commit."""

    def move(unit: CheckedUnit) -> None:
        ordered = sorted(bench.parcels(unit).find_where("merchant", [bench.acme.id]), key=lambda parcel: parcel.id)
        bench.parcels(unit).save_many([attrs.evolve(parcel, count=parcel.count + 1) for parcel in ordered])

    bench.put(*[bench.parcel(f"p{number:02}") for number in range(20)])

    def run(number: int) -> None:
        for _ in range(6):
            if number == 0:
                bench.retry(move)
                continue
            page = bench.look(lambda unit: bench.parcels(unit).page({"merchant": bench.acme.id}))
            if len({parcel.count for parcel in page.items}) != 1:
                raise Violated("a page shows half of a committed unit")

    bench.race(4, run)
