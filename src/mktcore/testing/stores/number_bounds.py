"""Clauses about numbers that no database can hold: refused as what they are, never by an error of a driver."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import attrs

from mktcore.persistence import StaleVersion
from mktcore.persistence.errors import InvalidColumn, InvalidCursor, InvalidLimit
from mktcore.testing.clauses import expect
from mktcore.testing.stores.samples import AT, Parcel
from mktcore.testing.stores.store_bench import Bench, CheckedUnit, StoreArea

__all__ = ["NUMBERS"]

NUMBERS = StoreArea("number")
Uses = tuple[Callable[[CheckedUnit], object], ...]


def _list_limited(bench: Bench, limit: Any) -> Uses:
    return (
        lambda unit: unit.find_events("testing_parcel", bench.id("p1"), limit=limit),
        lambda unit: unit.stock.expire(now=AT, limit=limit),
        lambda unit: unit.ledger.expire(now=AT, limit=limit),
        lambda unit: unit.ledger.fold(limit=limit),
    )


@NUMBERS
def every_limit_is_checked(bench: Bench) -> None:
    """A limit below 1, beyond 1,000,000, or that is no int, raises InvalidLimit, whichever verb is given it."""
    queue, lease = bench.store.queue, timedelta(seconds=1)
    limits: tuple[Any, ...] = (0, -1, 2**63, 10**30, 1.5, True, "5", None)
    for limit in limits:
        for verb in _list_limited(bench, limit):
            with bench.refusal(InvalidLimit):
                bench.look(verb)
        with bench.refusal(InvalidLimit):
            queue.claim(claim=bench.id("c"), now=AT, lease=lease, limit=limit)
        with bench.refusal(InvalidLimit):
            queue.prune(before=AT, limit=limit)


@NUMBERS
def a_number_of_an_event_is_whole(bench: Bench) -> None:
    """Events after a number that none has are none, however large it is; what is no int raises InvalidCursor."""
    bench.do(lambda unit: unit.publish([bench.moved("p1")]))
    find = bench.look(
        lambda unit: [
            len(unit.find_events("testing_parcel", bench.id("p1"), after=n)) for n in (-1, -(2**70), 2**63, 10**30)
        ]
    )
    expect(find, [1, 1, 0, 0])
    for after in (1.5, "1", None, True):
        given: Any = after
        with bench.refusal(InvalidCursor):
            bench.look(lambda unit: unit.find_events("testing_parcel", bench.id("p1"), after=given))


def _list_asking(bench: Bench, lot: int) -> Uses:
    return (
        lambda unit: bench.parcels(unit).find_where("lot", [lot]),
        lambda unit: bench.parcels(unit).page({"lot": lot}),
        lambda unit: bench.parcels(unit).count({"lot": lot}),
        lambda unit: bench.parcels(unit).add(bench.parcel("p1", lot=lot)),
    )


@NUMBERS
def columns_hold_64_bits(bench: Bench) -> None:
    """An int that no column can hold is refused with InvalidColumn, where it is asked for and where it is stored."""
    for lot in (2**63, -(2**63), 10**30):
        for use in _list_asking(bench, lot):
            with bench.refusal(InvalidColumn):
                bench.look(use)
    kept = bench.put(bench.parcel("p1", lot=2**63 - 1))
    expect(bench.look(lambda unit: bench.parcels(unit).find_where("lot", [2**63 - 1])), tuple(kept))


def _list_guarded(bench: Bench, wrong: Parcel) -> Uses:
    return (
        lambda unit: bench.parcels(unit).save(wrong),
        lambda unit: bench.parcels(unit).save_many([wrong]),
        lambda unit: bench.parcels(unit).remove(wrong),
    )


@NUMBERS
def a_version_that_never_was_is_stale(bench: Bench) -> None:
    """A version that no record can have reached is stale, for saving and for removing."""
    (kept,) = bench.put(bench.parcel("p1"))
    versions: tuple[Any, ...] = (-1, 2**31 - 1, 2**31, 2**63 - 1, 2**63, 10**30, 1.5)
    for version in versions:
        for use in _list_guarded(bench, attrs.evolve(kept, version=version)):
            with bench.refusal(StaleVersion):
                bench.look(use)
    expect(bench.find("p1"), kept)
