"""Clauses about idempotency records (invariant I13)."""

from datetime import UTC
from typing import Any

import attrs

from mktcore.persistence import Retryable
from mktcore.persistence.errors import IdempotencyConflict, InProgress
from mktcore.persistence.idempotency_records import IdempotencyRecord, check_same_request
from mktcore.testing.clauses import expect
from mktcore.testing.stores.samples import AT
from mktcore.testing.stores.store_bench import Bench, CheckedUnit, StoreArea

__all__ = ["IDEMPOTENCY"]

IDEMPOTENCY = StoreArea("idempotency")


def _record(bench: Bench, result: object = "done", **changes: Any) -> IdempotencyRecord:
    record = IdempotencyRecord(
        str(bench.operator), key=bench.id("k"), operation="place", request={"cart": "c1"}, result=result, at=AT
    )
    return attrs.evolve(record, **changes)


def _find(bench: Bench, unit: CheckedUnit) -> IdempotencyRecord | None:
    return unit.find_record(str(bench.operator), bench.id("k"))


@IDEMPOTENCY
def an_unused_key_is_none(bench: Bench) -> None:
    """A key that was never used is not found."""
    expect(bench.look(lambda unit: _find(bench, unit)), None)


@IDEMPOTENCY
def a_record_is_kept_whole(bench: Bench) -> None:
    """A record is found again with owner, key, operation, request, result and time, in its own unit and in others."""
    record = _record(bench)
    with bench.store.begin(bench.operator) as unit:
        unit.record(record)
        expect(_find(bench, unit), record)
        unit.commit()
    found = bench.look(lambda unit: _find(bench, unit))
    expect(found, record)
    expect(found and found.at.tzinfo, UTC)


@IDEMPOTENCY
def results_keep_their_type(bench: Bench) -> None:
    """A result that is a registered value, or a tuple of such, comes back equal."""
    result = (bench.parcel("p1", note="n", version=1), "text", 3, True)
    bench.do(lambda unit: unit.record(_record(bench, result)))
    found = bench.look(lambda unit: _find(bench, unit))
    expect(found and found.result, result)


@IDEMPOTENCY
def requests_keep_json_types(bench: Bench) -> None:
    """A request comes back so that 1, true, "1" and null still differ, and the same request is the same."""
    request = {"a": 1, "b": True, "c": "1", "d": None, "e": [1, {"f": []}]}
    bench.do(lambda unit: unit.record(_record(bench, request=request)))
    found = bench.look(lambda unit: _find(bench, unit))
    if found is None:
        expect(found, _record(bench))
        return
    check_same_request(found, "place", request)
    with bench.refusal(IdempotencyConflict) as caught:
        check_same_request(found, "place", {"a": True, "b": 1, "c": "1", "e": [1, {"f": []}]})
    expect([error.fields for error in caught.errors if isinstance(error, IdempotencyConflict)], [("a", "b", "d")])


@IDEMPOTENCY
def a_record_keeps_the_request_of_its_moment(bench: Bench) -> None:
    """A request that the caller changes afterwards is kept as it was recorded."""
    request: dict[str, object] = {"lines": ["l1"]}
    record = _record(bench, request=request)
    bench.do(lambda unit: unit.record(record))
    request["lines"] = []
    found = bench.look(lambda unit: _find(bench, unit))
    expect(found and found.request, {"lines": ["l1"]})


@IDEMPOTENCY
def several_are_recorded_and_found_at_once(bench: Bench) -> None:
    """Several records are kept at once, and found by key, in their own unit and in others; unused keys are left out."""
    owner, keys = str(bench.operator), [bench.id(name) for name in ("k3", "k1", "k2")]
    records = {key: _record(bench, f"done {key}", key=key) for key in keys}
    with bench.store.begin(bench.operator) as unit:
        unit.record_many(list(records.values()))
        expect(unit.find_records(owner, keys), records)
        unit.commit()
    expect(bench.look(lambda unit: unit.find_records(owner, [*keys, bench.id("k4")])), records)
    expect(bench.look(lambda unit: unit.find_records("buyer:other", keys)), {})
    expect(bench.look(lambda unit: unit.find_records(owner, [])), {})


@IDEMPOTENCY
def of_several_one_used_key_is_retryable(bench: Bench) -> None:
    """Of several records one whose key another unit used raises Retryable, and none of them is kept."""
    bench.do(lambda unit: unit.record(_record(bench)))
    with bench.refusal(Retryable):
        bench.do(lambda unit: unit.record_many([_record(bench, key=bench.id("k0")), _record(bench, "second")]))
    expect(bench.look(lambda unit: unit.find_record(str(bench.operator), bench.id("k0"))), None)
    expect(bench.look(lambda unit: _find(bench, unit)), _record(bench))


@IDEMPOTENCY
def owners_have_their_own_keys(bench: Bench) -> None:
    """The same key of another owner is another key."""
    bench.do(lambda unit: unit.record(_record(bench)))
    bench.do(lambda unit: unit.record(_record(bench, "other", owner="buyer:other")))
    found = bench.look(lambda unit: unit.find_record("buyer:other", bench.id("k")))
    expect(found and found.result, "other")
    expect(getattr(bench.look(lambda unit: _find(bench, unit)), "result", None), "done")


@IDEMPOTENCY
def a_used_key_is_retryable(bench: Bench) -> None:
    """Recording a key that another unit recorded raises Retryable, and what it holds stays."""
    bench.do(lambda unit: unit.record(_record(bench)))
    for result in ("second", None):
        with bench.refusal(Retryable):
            bench.do(lambda unit: unit.record(_record(bench, result)))
    expect(bench.look(lambda unit: _find(bench, unit)), _record(bench))


@IDEMPOTENCY
def a_unit_that_lost_cannot_commit(bench: Bench) -> None:
    """A unit that met a used key cannot be committed: what it wrote before is undone."""
    bench.do(lambda unit: unit.record(_record(bench)))
    with bench.store.begin(bench.operator) as unit:
        bench.parcels(unit).add(bench.parcel("p1"))
        with bench.refusal(Retryable):
            unit.record(_record(bench, "second"))
        with bench.refusal(Retryable):
            unit.commit()
    expect(bench.find("p1"), None)


@IDEMPOTENCY
def progress_is_seen(bench: Bench) -> None:
    """A record without result is found as in progress by others."""
    bench.do(lambda unit: unit.record(_record(bench, None)))
    found = bench.look(lambda unit: _find(bench, unit))
    expect(found, _record(bench, None))
    with bench.refusal(InProgress):
        check_same_request(_record(bench, None), "place", {"cart": "c1"})


@IDEMPOTENCY
def progress_is_not_overtaken(bench: Bench) -> None:
    """Recording a key that is in progress raises Retryable, and it stays in progress."""
    bench.do(lambda unit: unit.record(_record(bench, None)))
    for result in ("second", None):
        with bench.refusal(Retryable):
            bench.do(lambda unit: unit.record(_record(bench, result)))
    expect(bench.look(lambda unit: _find(bench, unit)), _record(bench, None))


@IDEMPOTENCY
def progress_is_finished_once(bench: Bench) -> None:
    """Finishing freezes the result; finishing again raises Retryable and leaves it."""
    bench.do(lambda unit: unit.record(_record(bench, None)))
    bench.do(lambda unit: unit.finish_record(_record(bench)))
    with bench.refusal(Retryable):
        bench.do(lambda unit: unit.finish_record(_record(bench, "second")))
    expect(bench.look(lambda unit: _find(bench, unit)), _record(bench))


@IDEMPOTENCY
def nothing_begun_is_finished(bench: Bench) -> None:
    """Finishing a key that is not in progress raises Retryable."""
    with bench.refusal(Retryable):
        bench.do(lambda unit: unit.finish_record(_record(bench)))
    expect(bench.look(lambda unit: _find(bench, unit)), None)


@IDEMPOTENCY
def threads_share_one_result(bench: Bench) -> None:
    """Eight threads with one key do the work once, and all get its result."""

    def place(number: int) -> object:
        def work(unit: CheckedUnit) -> object:
            known = _find(bench, unit)
            if known is not None:
                return known.result
            unit.counters.claim(bench.id("work"), 1, 100)
            unit.record(_record(bench, f"by {number}"))
            return f"by {number}"

        return bench.retry(work)

    expect(len(set(bench.race(8, place))), 1)
    expect(bench.look(lambda unit: unit.counters.count(bench.id("work"))), 1)
