"""Clauses about scope: parties of another scope do not exist for it (invariant I18)."""

from collections.abc import Callable
from typing import Any

import attrs

from mktcore.money import Money
from mktcore.persistence import NotFound, Scope
from mktcore.persistence.idempotency_records import IdempotencyRecord
from mktcore.stock import Shortage, StockCount
from mktcore.stock.reservation import ReservationEnded, ReservationState
from mktcore.testing.clauses import expect
from mktcore.testing.stores.samples import AT, NOTICES, SETTINGS, Parcel, SampleNotice, Setting
from mktcore.testing.stores.store_bench import Bench, CheckedUnit, StoreArea

__all__ = ["SCOPES"]

SCOPES = StoreArea("scope")


def _put(bench: Bench) -> tuple[Parcel, Parcel]:
    """Store one parcel of acme for ann, and one of bolt for bob."""
    mine, foreign = bench.put(
        bench.parcel("p1", buyer=bench.ann.id, lot=1),
        bench.parcel("p2", merchant=bench.bolt.id, buyer=bench.bob.id, lot=1),
    )
    return mine, foreign


def _in_each(bench: Bench, look: Callable[[CheckedUnit], Any]) -> list[Any]:
    return [bench.look(look, scope) for scope in (bench.acme, bench.ann)]


@SCOPES
def get_and_find(bench: Bench) -> None:
    """A merchant and a buyer find their own record; another party's is absent, and getting it raises NotFound."""
    mine, foreign = _put(bench)
    expect(_in_each(bench, lambda unit: bench.parcels(unit).find(mine.id)), [mine, mine])
    expect(_in_each(bench, lambda unit: bench.parcels(unit).find(foreign.id)), [None, None])
    for scope in (bench.acme, bench.ann):
        with bench.refusal(NotFound):
            bench.look(lambda unit: bench.parcels(unit).get(foreign.id), scope)


@SCOPES
def errors_tell_nothing(bench: Bench) -> None:
    """The error about another party's record is that about one that does not exist."""
    _, foreign = _put(bench)
    texts = []
    for key in (foreign.id, bench.id("p9")):
        with bench.refusal(NotFound) as caught:
            bench.look(lambda unit: bench.parcels(unit).get(key), bench.acme)
        with bench.refusal(NotFound) as saving:
            absent = attrs.evolve(bench.parcel("p9", version=1), id=key)
            bench.look(lambda unit: bench.parcels(unit).save(absent), bench.acme)
        texts.append([str(error).replace(key, "ID") for error in caught.errors + saving.errors])
    expect(texts[0], texts[1])


@SCOPES
def find_many_checks_each(bench: Bench) -> None:
    """Finding many returns only the scope's own, whatever ids are asked."""
    mine, foreign = _put(bench)
    found = _in_each(bench, lambda unit: sorted(bench.parcels(unit).find_many([mine.id, foreign.id])))
    expect(found, [[mine.id], [mine.id]])


@SCOPES
def find_where_is_filtered(bench: Bench) -> None:
    """Looking up by column returns only the scope's own, also when the other party is asked for by name."""
    mine, foreign = _put(bench)
    expect(_in_each(bench, lambda unit: bench.parcels(unit).find_where("lot", [1])), [(mine,), (mine,)])
    expect(_in_each(bench, lambda unit: bench.parcels(unit).find_where("merchant", [foreign.merchant])), [(), ()])
    expect(_in_each(bench, lambda unit: bench.parcels(unit).find_where("buyer", [foreign.buyer])), [(), ()])


@SCOPES
def pages_are_filtered(bench: Bench) -> None:
    """A page holds only the scope's own, also when the other party is asked for by name."""
    mine, foreign = _put(bench)
    expect(_in_each(bench, lambda unit: bench.parcels(unit).page().items), [(mine,), (mine,)])
    expect(_in_each(bench, lambda unit: bench.parcels(unit).page({"merchant": foreign.merchant}).items), [(), ()])
    expect(_in_each(bench, lambda unit: bench.parcels(unit).page({"buyer": foreign.buyer}).items), [(), ()])


@SCOPES
def pages_do_not_tell_of_others(bench: Bench) -> None:
    """Neither the length of a page nor where the next one starts tells of records of others in between."""
    bench.put(*[bench.parcel(f"p{n}", merchant=(bench.acme, bench.bolt)[n % 2].id) for n in range(8)])
    page = bench.look(lambda unit: bench.parcels(unit).page(limit=2), bench.acme)
    expect(([parcel.id for parcel in page.items], page.next), ([bench.id("p0"), bench.id("p2")], bench.id("p2")))
    last = bench.look(lambda unit: bench.parcels(unit).page(after=bench.id("p2"), limit=2), bench.acme)
    expect(([parcel.id for parcel in last.items], last.next), ([bench.id("p4"), bench.id("p6")], None))


@SCOPES
def streams_are_filtered(bench: Bench) -> None:
    """A stream yields only the scope's own."""
    mine, _ = _put(bench)
    expect(_in_each(bench, lambda unit: list(bench.parcels(unit).stream())), [[mine], [mine]])


@SCOPES
def counts_are_filtered(bench: Bench) -> None:
    """Counting counts only the scope's own."""
    _, foreign = _put(bench)
    expect(_in_each(bench, lambda unit: bench.parcels(unit).count()), [1, 1])
    expect(_in_each(bench, lambda unit: bench.parcels(unit).count({"merchant": foreign.merchant})), [0, 0])


@SCOPES
def foreign_records_are_not_saved(bench: Bench) -> None:
    """Saving another party's record raises NotFound, even with the right version, and changes nothing."""
    _, foreign = _put(bench)
    for scope in (bench.acme, bench.ann):
        with bench.refusal(NotFound):
            bench.do(lambda unit: bench.parcels(unit).save(attrs.evolve(foreign, note="seized")), scope)
    expect(bench.find("p2"), foreign)


@SCOPES
def ownership_is_the_stored_one(bench: Bench) -> None:
    """A record that claims to be the caller's own, while the stored one is another's, is not saved or removed."""
    _, foreign = _put(bench)
    seized = attrs.evolve(foreign, merchant=bench.acme.id, buyer=bench.ann.id)
    for scope in (bench.acme, bench.ann):
        with bench.refusal(NotFound):
            bench.do(lambda unit: bench.parcels(unit).save(seized), scope)
        with bench.refusal(NotFound):
            bench.do(lambda unit: bench.parcels(unit).remove(seized), scope)
    expect(bench.find("p2"), foreign)


@SCOPES
def records_are_not_given_away(bench: Bench) -> None:
    """A party cannot save its record, or add one, as another party's."""
    mine, _ = _put(bench)
    with bench.refusal(NotFound):
        bench.do(lambda unit: bench.parcels(unit).save(attrs.evolve(mine, merchant=bench.bolt.id)), bench.acme)
    with bench.refusal(NotFound):
        bench.do(lambda unit: bench.parcels(unit).add(bench.parcel("p3", merchant=bench.bolt.id)), bench.acme)
    expect((bench.find("p1"), bench.find("p3")), (mine, None))


@SCOPES
def foreign_records_are_not_removed(bench: Bench) -> None:
    """Removing another party's record raises NotFound, and changes nothing."""
    _, foreign = _put(bench)
    for scope in (bench.acme, bench.ann):
        with bench.refusal(NotFound):
            bench.do(lambda unit: bench.parcels(unit).remove(foreign), scope)
    expect(bench.find("p2"), foreign)


@SCOPES
def bulk_writes_check_each(bench: Bench) -> None:
    """A bulk write with one record of another party writes none of them."""
    mine, foreign = _put(bench)
    changed = [attrs.evolve(parcel, note="changed") for parcel in (mine, foreign)]
    with bench.store.begin(bench.acme) as unit:
        with bench.refusal(NotFound):
            bench.parcels(unit).save_many(changed)
        with bench.refusal(NotFound):
            bench.parcels(unit).add_many([bench.parcel("p3"), bench.parcel("p4", merchant=bench.bolt.id)])
        unit.commit()
    expect((bench.find("p1"), bench.find("p2"), bench.find("p3")), (mine, foreign, None))


@SCOPES
def own_records_are_written(bench: Bench) -> None:
    """A merchant adds, saves and removes its own records."""
    stored = bench.do(lambda unit: bench.parcels(unit).add(bench.parcel("p1")), bench.acme)
    saved = bench.do(lambda unit: bench.parcels(unit).save(attrs.evolve(stored, note="mine")), bench.acme)
    expect(bench.find("p1"), saved)
    bench.do(lambda unit: bench.parcels(unit).remove(saved), bench.acme)
    expect(bench.find("p1"), None)


@SCOPES
def public_records_are_read_by_all(bench: Bench) -> None:
    """A public kind is read by every party."""
    notice = SampleNotice(bench.id("n1"), bench.acme.id)
    stored = bench.do(lambda unit: unit.repository(NOTICES).add(notice), bench.acme)
    for scope in (bench.acme, bench.bolt, bench.ann, bench.operator):
        expect(bench.look(lambda unit: unit.repository(NOTICES).find(notice.id), scope), stored)
        where = {"merchant": bench.acme.id}
        expect(bench.look(lambda unit: unit.repository(NOTICES).count(where), scope), 1)


@SCOPES
def public_records_are_written_by_their_owner(bench: Bench) -> None:
    """A public kind is written by the owner of the record and the operator alone."""
    stored = bench.do(
        lambda unit: unit.repository(NOTICES).add(SampleNotice(bench.id("n1"), bench.acme.id)), bench.acme
    )
    for scope in (bench.bolt, bench.ann):
        for changed in (attrs.evolve(stored, text="x"), attrs.evolve(stored, merchant=scope.id)):
            with bench.refusal(NotFound):
                bench.do(lambda unit: unit.repository(NOTICES).save(changed), scope)
    bench.do(lambda unit: unit.repository(NOTICES).save(attrs.evolve(stored, text="by the operator")))


@SCOPES
def the_operators_records_are_its_own(bench: Bench) -> None:
    """A kind that names no party is seen and written by the operator alone."""
    stored = bench.do(lambda unit: unit.repository(SETTINGS).add(Setting(bench.id("s1"), bench.id("text"))))
    for scope in (bench.acme, bench.ann):
        expect(bench.look(lambda unit: unit.repository(SETTINGS).find(stored.id), scope), None)
        expect(bench.look(lambda unit: unit.repository(SETTINGS).count(), scope), 0)
        expect(bench.look(lambda unit: unit.repository(SETTINGS).find_where("text", [stored.text]), scope), ())
        with bench.refusal(NotFound):
            bench.do(lambda unit: unit.repository(SETTINGS).add(Setting(bench.id("s2"))), scope)
        with bench.refusal(NotFound):
            bench.do(lambda unit: unit.repository(SETTINGS).save(stored), scope)


@SCOPES
def the_operators_authority_reaches_all(bench: Bench) -> None:
    """Work under the operator's authority on behalf of a buyer sees every party's records."""
    mine, foreign = _put(bench)
    found = bench.look(
        lambda unit: sorted(bench.parcels(unit).find_many([mine.id, foreign.id])), bench.ann.to_operator()
    )
    expect(found, [mine.id, foreign.id])


@SCOPES
def a_merchant_is_no_buyer(bench: Bench) -> None:
    """A merchant and a buyer with the same id see their own sides only."""
    bench.put(bench.parcel("p1", buyer=bench.acme.id, merchant=bench.bolt.id), bench.parcel("p2"))
    expect(bench.look(lambda unit: [one.id for one in bench.parcels(unit).stream()], bench.acme), [bench.id("p2")])
    buyer = Scope.buyer(bench.acme.id)
    expect(bench.look(lambda unit: [one.id for one in bench.parcels(unit).stream()], buyer), [bench.id("p1")])


@SCOPES
def events_are_filtered(bench: Bench) -> None:
    """A party reads the events that name it, and no others; the operator reads all."""
    parties = [(bench.acme.id, bench.ann.id), (bench.bolt.id, bench.ann.id), (None, None), (bench.acme.id, None)]
    events = [bench.moved("p1", merchant=merchant, buyer=buyer) for merchant, buyer in parties]
    bench.do(lambda unit: unit.publish(events))
    seen = [
        [one.sequence for one in bench.look(lambda unit: unit.find_events("testing_parcel", bench.id("p1")), scope)]
        for scope in (bench.acme, bench.bolt, bench.ann, bench.bob, bench.operator)
    ]
    expect(seen, [[1, 4], [2], [1, 2], [], [1, 2, 3, 4]])


@SCOPES
def events_are_shown_by_party(bench: Bench) -> None:
    """A party reads of an event what the event shows to it; the operator and the queue are given it whole."""
    event = bench.moved("p1", fee=Money.from_minor(500, "EUR"), merchant=bench.acme.id, buyer=bench.ann.id)
    bench.drain()
    bench.do(lambda unit: unit.publish([event]))
    seen = [
        [one.event for one in bench.look(lambda unit: unit.find_events("testing_parcel", bench.id("p1")), scope)]
        for scope in (bench.acme, bench.operator, bench.ann)
    ]
    expect(seen, [[event], [event], [attrs.evolve(event, fee=None)]])
    expect([one.event for delivery in bench.claim() for one in delivery.envelopes], [event])


def _stock(bench: Bench) -> None:
    counts = [StockCount(bench.id("i1"), bench.acme.id, 5), StockCount(bench.id("i2"), bench.bolt.id, 5)]
    bench.do(lambda unit: unit.stock.set_on_hand(counts, at=AT))
    bench.reserve(bench.request("r1", "i1", 1), bench.request("r2", "i2", 1), expires_at=AT)


@SCOPES
def stock_is_filtered(bench: Bench) -> None:
    """A merchant sees its own items and reservations, a buyer none."""
    _stock(bench)
    for scope, items, reservations in ((bench.acme, ["i1"], ["r1"]), (bench.ann, [], [])):
        levels = bench.look(lambda unit: sorted(unit.stock.find_levels([bench.id("i1"), bench.id("i2")])), scope)
        expect(levels, [bench.id(name) for name in items])
        held = bench.look(lambda unit: sorted(unit.stock.find_reservations([bench.id("r1"), bench.id("r2")])), scope)
        expect(held, [bench.id(name) for name in reservations])


@SCOPES
def foreign_stock_is_not_counted(bench: Bench) -> None:
    """A merchant cannot count another's item, or an item in another's name; a buyer counts nothing."""
    _stock(bench)
    wrong = [
        (bench.acme, StockCount(bench.id("i2"), bench.acme.id, 9)),
        (bench.acme, StockCount(bench.id("i2"), bench.bolt.id, 9)),
        (bench.acme, StockCount(bench.id("i3"), bench.bolt.id, 9)),
        (bench.ann, StockCount(bench.id("i3"), bench.ann.id, 9)),
    ]
    for scope, count in wrong:
        with bench.refusal(NotFound):
            bench.do(lambda unit: unit.stock.set_on_hand([count], at=AT), scope)
    expect(bench.level("i2"), (5, 1, 4))


@SCOPES
def foreign_stock_is_not_reserved(bench: Bench) -> None:
    """For another scope an item has nothing available, as if it did not exist."""
    _stock(bench)
    for scope in (bench.bolt, bench.ann):
        short = bench.do(lambda unit: unit.stock.reserve([bench.request("r3", "i1", 1)], expires_at=None, at=AT), scope)
        expect(short, (Shortage(bench.id("i1"), 1, 0),))


@SCOPES
def foreign_reservations_are_not_ended(bench: Bench) -> None:
    """Releasing, extending, consuming and expiring leave reservations of others as they are."""
    _stock(bench)
    for scope in (bench.bolt, bench.ann):
        expect(bench.do(lambda unit: unit.stock.release([bench.id("r1")], at=AT), scope), ())
        expect(bench.do(lambda unit: unit.stock.extend([bench.id("r1")], expires_at=None), scope), ())
        with bench.refusal(ReservationEnded):
            bench.do(lambda unit: unit.stock.consume({bench.id("r1"): 1}, at=AT), scope)
        expired = bench.do(lambda unit: unit.stock.expire(now=AT), scope)
        expect(bench.id("r1") in expired, False)
    found = bench.look(lambda unit: unit.stock.find_reservations([bench.id("r1")]))[bench.id("r1")]
    expect((found.state, found.expires_at), (ReservationState.LIVE, AT))


@SCOPES
def counters_are_the_operators(bench: Bench) -> None:
    """A merchant and a buyer have no counters."""
    bench.do(lambda unit: unit.counters.claim(bench.id("c"), 1, 5))
    for scope in (bench.acme, bench.ann):
        for use in (
            lambda unit: unit.counters.claim(bench.id("c"), 1, 5),
            lambda unit: unit.counters.release(bench.id("c"), 1),
            lambda unit: unit.counters.count(bench.id("c")),
        ):
            with bench.refusal(NotFound):
                bench.do(use, scope)
    expect(bench.do(lambda unit: unit.counters.count(bench.id("c")), bench.ann.to_operator()), 1)


@SCOPES
def keys_are_found_under_authority(bench: Bench) -> None:
    """A party neither finds nor writes idempotency records, its own neither: whole answers are authority's to keep."""
    record = IdempotencyRecord(str(bench.ann), key=bench.id("k"), operation="place", request={}, result="done", at=AT)
    bench.do(lambda unit: unit.record(record), bench.ann.to_operator())
    user = attrs.evolve(bench.operator, user="fay", permissions=frozenset[str]())
    for scope in (bench.acme, bench.bob, bench.ann, user):
        expect(bench.look(lambda unit: unit.find_record(record.owner, record.key), scope), None)
        with bench.refusal(NotFound):
            bench.do(lambda unit: unit.record(attrs.evolve(record, key=bench.id("k2"))), scope)
        with bench.refusal(NotFound):
            bench.do(lambda unit: unit.finish_record(record), scope)
    for scope in (bench.operator, bench.ann.to_operator(), user.to_operator()):
        expect(bench.look(lambda unit: unit.find_record(record.owner, record.key), scope), record)
