"""Clauses about users: a party's user reads and writes what its permissions reach, and authority all."""

from collections.abc import Callable
from typing import Any

import attrs

from mktcore.access import PermissionDenied
from mktcore.persistence import NotFound, Scope
from mktcore.stock import StockCount
from mktcore.testing.clauses import expect
from mktcore.testing.stores.samples import AT, NOTICES, STAMPS, SampleNotice, Stamp
from mktcore.testing.stores.store_bench import Bench, CheckedUnit, StoreArea

__all__ = ["USERS"]

USERS = StoreArea("user")
_READS: tuple[Callable[[CheckedUnit, Stamp], Any], ...] = (
    lambda unit, stamp: unit.repository(STAMPS).find(stamp.id),
    lambda unit, stamp: unit.repository(STAMPS).get(stamp.id),
    lambda unit, stamp: unit.repository(STAMPS).find_many([stamp.id]).get(stamp.id),
    lambda unit, stamp: unit.repository(STAMPS).find_where("merchant", [stamp.merchant])[0],
    lambda unit, stamp: unit.repository(STAMPS).page({"series": stamp.series}).items[0],
    lambda unit, stamp: next(iter(unit.repository(STAMPS).stream({"series": stamp.series}))),
)
"""Every way of reading a record."""


def _as_user(scope: Scope, *permissions: str) -> Scope:
    return attrs.evolve(scope, user="fay", permissions=frozenset(permissions))


def _put_stamp(bench: Bench) -> Stamp:
    return bench.do(
        lambda unit: unit.repository(STAMPS).add(
            Stamp(bench.id("m1"), bench.acme.id, "dear", series=bench.id("series"))
        )
    )


@USERS
def users_read_what_they_may(bench: Bench) -> None:
    """A user without the permission that a kind names is refused its repository, and is shown no empty list of it."""
    stamp = _put_stamp(bench)
    for scope in (_as_user(bench.acme), _as_user(bench.acme, "notices.write"), _as_user(bench.operator)):
        for read in _READS:
            with bench.refusal(PermissionDenied):
                bench.look(lambda unit: read(unit, stamp), scope)
        with bench.refusal(PermissionDenied):
            bench.look(lambda unit: unit.repository(STAMPS).count(), scope)
    allowed = _as_user(bench.acme, "stamps.read")
    expect(bench.look(lambda unit: unit.repository(STAMPS).get(stamp.id).id, allowed), stamp.id)
    expect(bench.look(lambda unit: unit.repository(STAMPS).count(), _as_user(bench.bolt, "stamps.read")), 0)


@USERS
def undeclared_kinds_are_for_no_user(bench: Bench) -> None:
    """A kind that says nothing of users is for parties that ask for themselves, and for none of their users."""
    (parcel,) = bench.put(bench.parcel("p1"))
    for scope in (_as_user(bench.acme, "parcels.read", "*"), _as_user(bench.operator, "*")):
        with bench.refusal(PermissionDenied):
            bench.look(lambda unit: bench.parcels(unit).find(parcel.id), scope)
    expect(bench.look(lambda unit: bench.parcels(unit).find(parcel.id), bench.acme), parcel)


@USERS
def users_write_what_they_may(bench: Bench) -> None:
    """A user writes records of its party with the permission that the kind names, and reads them without it."""
    clerk, editor = _as_user(bench.acme, "stamps.read"), _as_user(bench.acme, "notices.write")
    notice = SampleNotice(bench.id("n1"), bench.acme.id)
    with bench.refusal(NotFound):
        bench.do(lambda unit: unit.repository(NOTICES).add(notice), clerk)
    stored = bench.do(lambda unit: unit.repository(NOTICES).add(notice), editor)
    expect(bench.look(lambda unit: unit.repository(NOTICES).find(notice.id), clerk), stored)
    for scope in (clerk, _as_user(bench.operator), _as_user(bench.bolt, "notices.write")):
        with bench.refusal(NotFound):
            bench.do(lambda unit: unit.repository(NOTICES).save(attrs.evolve(stored, text="x")), scope)
        with bench.refusal(NotFound):
            bench.do(lambda unit: unit.repository(NOTICES).remove(stored), scope)
    saved = bench.do(lambda unit: unit.repository(NOTICES).save(attrs.evolve(stored, text="new")), editor)
    bench.do(lambda unit: unit.repository(NOTICES).remove(saved), editor)
    expect(bench.look(lambda unit: unit.repository(NOTICES).find(notice.id)), None)


@USERS
def parts_are_shown_by_party(bench: Bench) -> None:
    """What a kind hides from a party is hidden by every way of reading; the operator itself is shown it whole."""
    stamp = _put_stamp(bench)
    for scope in (bench.acme, _as_user(bench.acme, "stamps.read")):
        for read in _READS:
            expect(bench.look(lambda unit: read(unit, stamp), scope), attrs.evolve(stamp, note=None))
    for scope in (bench.operator, bench.acme.to_operator()):
        for read in _READS:
            expect(bench.look(lambda unit: read(unit, stamp), scope), stamp)


@USERS
def authority_is_no_user(bench: Bench) -> None:
    """What works under the operator's authority on behalf of a user reaches all, whatever the user may do."""
    for number, scope in enumerate((_as_user(bench.acme), _as_user(bench.operator))):
        authority = scope.to_operator()
        stamp = Stamp(bench.id(f"m{number}"), bench.bolt.id, "x")
        stored = bench.do(lambda unit: unit.repository(STAMPS).add(stamp), authority)
        expect(bench.look(lambda unit: unit.repository(STAMPS).get(stamp.id), authority), stored)
        expect(bench.do(lambda unit: unit.counters.claim(bench.id("c"), 1, 9), authority), True)


@USERS
def stock_and_books_are_for_those_who_may(bench: Bench) -> None:
    """A user reaches stock and the books with `stock.write` and `finance.read`, and what is the operator's never."""
    count = StockCount(bench.id("lamp"), bench.acme.id, 5)
    with bench.refusal(PermissionDenied):
        bench.do(lambda unit: unit.stock.set_on_hand([count], at=AT), _as_user(bench.acme, "finance.read"))
    bench.do(lambda unit: unit.stock.set_on_hand([count], at=AT), _as_user(bench.acme, "stock.write"))
    with bench.refusal(PermissionDenied):
        bench.look(lambda unit: unit.ledger.trial_balance(), _as_user(bench.acme, "stock.write"))
    bench.look(lambda unit: unit.ledger.trial_balance(), _as_user(bench.acme, "finance.read"))
    for scope in (bench.ann, _as_user(bench.operator, "finance.read", "stock.write")):
        with bench.refusal(NotFound):
            bench.do(lambda unit: unit.counters.claim(bench.id("c"), 1, 9), scope)
        with bench.refusal(NotFound):
            bench.do(lambda unit: unit.inbox.take("mail", bench.id("e1")), scope)
        with bench.refusal(NotFound):
            bench.do(lambda unit: unit.ledger.post([], at=AT), scope)


@USERS
def events_are_for_those_who_read_the_subject(bench: Bench) -> None:
    """A user reads the events of what it may read, and no others."""
    bench.do(lambda unit: unit.publish([bench.moved("p1", merchant=bench.acme.id)]))
    with bench.refusal(PermissionDenied):
        bench.look(lambda unit: unit.find_events("testing_parcel", bench.id("p1")), _as_user(bench.acme, "any"))
    # A reader of stamps that never moved: nothing happened, which is a true answer.
    expect(bench.look(lambda unit: unit.find_events("testing_stamp", "m1"), _as_user(bench.acme, "stamps.read")), ())


@USERS
def parties_publish_what_names_them(bench: Bench) -> None:
    """A party publishes events that name it; others, and the operator's, are refused and told to nobody."""
    bench.do(lambda unit: unit.publish([bench.moved("p1", merchant=bench.acme.id)]), bench.acme)
    for scope in (bench.acme, bench.ann, _as_user(bench.operator)):
        for names in ({"merchant": bench.bolt.id, "buyer": bench.bob.id}, {}):
            with bench.refusal(NotFound):
                bench.do(lambda unit: unit.publish([bench.moved("p1", **names)]), scope)
    expect([one.sequence for one in bench.look(lambda unit: unit.find_events("testing_parcel", bench.id("p1")))], [1])
