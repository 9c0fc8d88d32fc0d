"""Kinds are declared as data, and a wrong declaration is refused at once; errors say what is wrong and what to do."""

import threading
from typing import Any

import attrs
import pytest

from mktcore.adapters.memory import MemoryStore
from mktcore.persistence import Kind, NotFound, Party, Retryable, Scope, StaleVersion, UniqueViolation, column
from mktcore.persistence.errors import (
    AlreadyStored,
    Busy,
    CommitUnknown,
    IdempotencyConflict,
    InProgress,
    InvalidColumn,
    KindNameTaken,
    NotClaimed,
    StoreError,
    UnitClosed,
    UnknownKind,
)
from mktcore.persistence.kinds import Several, index_kinds
from mktcore.testing import KINDS, ConformanceFailed, check_store
from mktcore.testing.clauses import Violated, expect
from mktcore.testing.stores import Bench
from mktcore.testing.stores.samples import PARCELS, Parcel


@pytest.mark.parametrize("name", ["Order", "order-line", "", "1st", "x" * 41])
def test_a_kind_needs_a_name_that_can_be_a_tables(name: str) -> None:
    with pytest.raises(ValueError, match="not a name"):
        Kind(name, Parcel)


@pytest.mark.parametrize("name", ["id", "version", "document", "type", "Merchant"])
def test_columns_have_names_of_their_own(name: str) -> None:
    with pytest.raises(ValueError, match="not a name"):
        Kind("order", Parcel, {name: column("merchant")})


def test_a_kind_declares_the_columns_it_names() -> None:
    for wrong in ({"merchant": "merchant"}, {"buyer": "buyer"}, {"unique": (("label",),)}):
        arguments: Any = wrong
        with pytest.raises(ValueError, match="does not declare"):
            Kind("order", Parcel, **arguments)


def test_columns_of_several_values_are_declared_like_others() -> None:
    def declare(**wrong: Any) -> Kind[Parcel]:
        several = Several(lambda parcel: parcel.tags, **wrong.pop("how", {}))
        return Kind("order", Parcel, {"merchant": column("merchant")}, **{"several": {"tag": several}, **wrong})

    for wrong in ({"how": {"order": "rank"}}, {"how": {"within": ("label",)}}, {"unique": (("tag",),)}):
        with pytest.raises(ValueError, match="does not declare"):
            declare(**wrong)
    for name in ("merchant", "id", "Tag"):
        with pytest.raises(ValueError, match="not a name"):
            declare(several={name: Several(lambda parcel: parcel.tags)})
    kind, same, other = declare(), Kind("order_tag", Parcel), Kind("order", Parcel)
    for kinds in ((kind, same), (same, kind), (kind, other)):
        with pytest.raises(KindNameTaken, match="order"):
            index_kinds(kinds)


def test_what_nobody_declared_nobody_may() -> None:
    plain: Kind[Parcel] = Kind("order", Parcel, {"merchant": column("merchant")}, merchant="merchant")
    acme, root = Scope.merchant("acme"), Scope.operator()
    fay, rita = (attrs.evolve(scope, user="u", permissions=frozenset({"*", "orders.read"})) for scope in (acme, root))
    assert [plain.filter_writes(scope) for scope in (root, acme, fay, rita)] == [{}, None, None, None]
    assert [plain.filter_reads(scope) for scope in (root, acme, fay, rita)] == [{}, {"merchant": "acme"}, None, None]
    assert [plain.find_refused(scope) for scope in (root, acme, fay, rita)] == [None, None, "", ""]
    declared = attrs.evolve(plain, reads="orders.read", writers=frozenset({Party.MERCHANT}), writes="orders.write")
    assert [declared.filter_reads(scope) for scope in (fay, rita)] == [{"merchant": "acme"}, {}]
    assert [declared.filter_writes(scope) for scope in (acme, fay, rita)] == [{"merchant": "acme"}, None, None]
    assert [plain.filter_writes(scope.to_operator()) for scope in (acme, fay, rita)] == [{}, {}, {}]


def test_who_sees_a_part_does_not_write_the_whole() -> None:
    with pytest.raises(ValueError, match="would save it without the rest"):
        Kind(
            "order",
            Parcel,
            {"merchant": column("merchant")},
            merchant="merchant",
            writers=frozenset({Party.MERCHANT}),
            view=lambda parcel, _: attrs.evolve(parcel, note=""),
        )


@pytest.mark.parametrize(
    "error",
    [
        NotFound("order", "o1"), StaleVersion("order", "o1", 3), UniqueViolation("order", ("number",), (5,)),
        Retryable("deadlock"), IdempotencyConflict("k1", ("cart",)), InProgress("k1"), AlreadyStored("order", "o1", 2),
        CommitUnknown("the server is gone"), UnknownKind("order"), InvalidColumn("order", "x", "there is none"),
        UnitClosed(), NotClaimed("budget", 5),
    ],
    ids=lambda error: error.code,
)  # fmt: skip
def test_every_error_names_its_operands_and_a_remedy(error: StoreError) -> None:
    told = str(error)
    assert all(str(value) in told for value in error.operands().values() if isinstance(value, str))
    assert error.remedy
    assert error.remedy in told


def test_scopes_name_who_asked() -> None:
    buyer = Scope.buyer("b1", user="u1")
    assert (str(buyer), str(buyer.to_operator()), buyer.to_operator().caller) == ("buyer:b1", "operator", buyer)
    assert Scope.operator().to_operator() == Scope.operator()


def test_a_check_reports_every_violated_clause_at_once() -> None:
    with pytest.raises(ConformanceFailed) as caught:
        check_store(lambda: MemoryStore([]), only=["repository.find-absent-is-none", "values"])
    assert len(caught.value.problems) > 10
    assert all("UnknownKind" in problem.message for problem in caught.value.problems)


def test_expectations_tell_what_was_found() -> None:
    with pytest.raises(Violated, match=r"expected 'x+\.\.\.|expected"):
        expect("x" * 1000, "y")
    bench = Bench(MemoryStore(KINDS))
    with pytest.raises(Violated, match="nothing was raised"), bench.refusal(ValueError):
        pass
    with pytest.raises(ZeroDivisionError):
        bench.race(2, lambda number: 1 // number)


def test_a_second_writer_of_a_thread_is_told_at_once_and_one_of_another_thread_after_a_while() -> None:
    store = MemoryStore(KINDS, wait_seconds=0.01)
    caught: list[Busy] = []

    def write() -> None:
        try:
            with store.begin(Scope.operator()) as unit:
                unit.repository(PARCELS).add(Parcel("p2", "acme"))
        except Busy as error:
            caught.append(error)

    with store.begin(Scope.operator()) as unit:
        unit.repository(PARCELS).add(Parcel("p1", "acme"))
        write()
        thread = threading.Thread(target=write)
        thread.start()
        thread.join()
    assert [(error.reason, error.waited) for error in caught] == [
        ("the turn to write did not become free", 0.0),
        ("the turn to write did not become free", 0.01),
    ]


def test_memory_forgets_the_past_that_nobody_reads() -> None:
    store = MemoryStore(KINDS)
    with store.begin(Scope.operator()) as reader:
        for turn in range(50):
            with store.begin(Scope.operator()) as unit:
                parcels = unit.repository(PARCELS)
                found = parcels.find("p1")
                parcels.save(found) if found else parcels.add(Parcel("p1", "acme", lot=turn))
                unit.commit()
        assert reader.repository(PARCELS).find("p1") is None
    with store.begin(Scope.operator()) as unit:
        unit.repository(PARCELS).remove(unit.repository(PARCELS).get("p1"))
        unit.repository(PARCELS).remove(unit.repository(PARCELS).add(Parcel("p3", "acme")))  # came and went in one unit
        unit.commit()
    with store.begin(Scope.operator()) as unit:
        unit.repository(PARCELS).add(Parcel("p2", "acme"))
        unit.commit()
    table = store._state.tables[PARCELS.name]
    assert {key: len(chain) for key, chain in table._chains.items()} == {"p2": 1}
    assert table._keys == ["p2"]
    assert set(table._indexes["merchant",]) == {("acme",)}
