"""Clauses about kinds that show records to related buyers, that the operator alone writes, or that fix a column."""

import attrs

from mktcore.persistence import EVERY_MERCHANT, NotFound, Scope
from mktcore.persistence.errors import ColumnFixed
from mktcore.testing.clauses import expect
from mktcore.testing.stores.samples import SHELVES, STAMPS, SampleShelf, Stamp
from mktcore.testing.stores.store_bench import Bench, StoreArea

__all__ = ["RELATIONS"]

RELATIONS = StoreArea("relation")


def _put(bench: Bench) -> tuple[SampleShelf, SampleShelf, SampleShelf]:
    """Store a shelf of acme, one of bolt, and one of the operator's."""
    owners = (("s1", bench.acme.id), ("s2", bench.bolt.id), ("s3", None))
    shelves = [SampleShelf(bench.id(name), owner, bench.id("text")) for name, owner in owners]
    first, second, third = bench.do(lambda unit: [unit.repository(SHELVES).add(shelf) for shelf in shelves])
    return first, second, third


def _relate(bench: Bench, *merchants: str) -> Scope:
    return attrs.evolve(bench.ann, merchants=frozenset(merchants))


@RELATIONS
def related_buyers_read(bench: Bench) -> None:
    """A buyer reads what its related merchants and the operator show, by every way of reading, and nothing else."""
    mine, foreign, house = _put(bench)
    scope, ids = _relate(bench, bench.acme.id), [mine.id, foreign.id, house.id]
    expect(bench.look(lambda unit: sorted(unit.repository(SHELVES).find_many(ids)), scope), [mine.id, house.id])
    expect(bench.look(lambda unit: unit.repository(SHELVES).find(foreign.id), scope), None)
    text = {"text": bench.id("text")}
    expect(bench.look(lambda unit: unit.repository(SHELVES).count(text), scope), 2)
    expect(bench.look(lambda unit: unit.repository(SHELVES).page(text).items, scope), (mine, house))
    expect(bench.look(lambda unit: list(unit.repository(SHELVES).stream(text)), scope), [mine, house])
    for owners, seen in (([bench.acme.id], (mine,)), ([bench.bolt.id], ()), ([bench.bolt.id, bench.acme.id], (mine,))):
        expect(bench.look(lambda unit: unit.repository(SHELVES).find_where("merchant", owners), scope), seen)
        found = bench.look(lambda unit: unit.repository(SHELVES).count({"merchant": owners[0]}), scope)
        expect(found, int(owners[0] == bench.acme.id))


@RELATIONS
def nobody_is_related_unless_looked_up(bench: Bench) -> None:
    """A buyer whose relations nobody looked up reads nothing; one related to every merchant reads all."""
    shelves = _put(bench)
    text = {"text": bench.id("text")}
    for scope, seen in ((bench.ann, ()), (_relate(bench, *EVERY_MERCHANT), shelves)):
        expect(bench.look(lambda unit: unit.repository(SHELVES).page(text).items, scope), seen)
        expect(bench.look(lambda unit: unit.repository(SHELVES).count(text), scope), len(seen))


@RELATIONS
def related_buyers_do_not_write(bench: Bench) -> None:
    """What a buyer reads because it is related, it neither adds, saves nor removes."""
    mine, *_ = _put(bench)
    scope = _relate(bench, bench.acme.id)
    with bench.refusal(NotFound):
        bench.do(lambda unit: unit.repository(SHELVES).add(SampleShelf(bench.id("s4"), bench.acme.id)), scope)
    with bench.refusal(NotFound):
        bench.do(lambda unit: unit.repository(SHELVES).save(attrs.evolve(mine, text="x")), scope)
    with bench.refusal(NotFound):
        bench.do(lambda unit: unit.repository(SHELVES).remove(mine), scope)
    expect(bench.look(lambda unit: unit.repository(SHELVES).find(mine.id)), mine)


@RELATIONS
def named_parties_read_what_the_operator_writes(bench: Bench) -> None:
    """A kind that the operator alone writes is read by the merchant it names, and written by no merchant."""
    stamp = Stamp(bench.id("m1"), bench.acme.id)
    with bench.refusal(NotFound):
        bench.do(lambda unit: unit.repository(STAMPS).add(stamp), bench.acme)
    stored = bench.do(lambda unit: unit.repository(STAMPS).add(stamp))
    with bench.refusal(NotFound):
        bench.do(lambda unit: unit.repository(STAMPS).save(stored), bench.acme)
    with bench.refusal(NotFound):
        bench.do(lambda unit: unit.repository(STAMPS).remove(stored), bench.acme)
    for scope, seen in ((bench.acme, stored), (bench.bolt, None), (bench.ann, None)):
        expect(bench.look(lambda unit: unit.repository(STAMPS).find(stamp.id), scope), seen)


@RELATIONS
def a_fixed_column_stays(bench: Bench) -> None:
    """Saving a record with another value in a fixed column is refused, also for the operator, alone and in bulk."""
    mine, _, house = _put(bench)
    for changed in (attrs.evolve(mine, merchant=bench.bolt.id), attrs.evolve(mine, merchant=None)):
        with bench.refusal(ColumnFixed):
            bench.do(lambda unit: unit.repository(SHELVES).save(changed))
        with bench.refusal(ColumnFixed):
            bench.do(lambda unit: unit.repository(SHELVES).save_many([attrs.evolve(house, text="x"), changed]))
    with bench.refusal(ColumnFixed):
        bench.do(lambda unit: unit.repository(SHELVES).save(attrs.evolve(house, merchant=bench.acme.id)))
    saved = bench.do(lambda unit: unit.repository(SHELVES).save(attrs.evolve(mine, text="new")))
    found = bench.look(lambda unit: unit.repository(SHELVES).find_many([mine.id, house.id]))
    expect(found, {mine.id: saved, house.id: house})
