"""The ownership matrix holds on every path to a record, on the stores that ship."""

from collections.abc import Iterator
from pathlib import Path as File
from typing import Any

import pytest

from access.access_cases import KINDS, RECORDS, Case, Path, Thing, find_leak, list_cases
from access.real_cases import ASSIGNED, PATHS, REAL_KINDS, WHOLES, find_real_leak, list_real_cases
from mktcore.access import check_access, ownership_matrix
from mktcore.access.ownership_matrix import (
    OWNERSHIP,
    Asker,
    Owned,
    RecordAction,
    UndeclaredAccess,
    find_asker,
    list_access,
    to_markdown,
)
from mktcore.adapters.memory import repository
from mktcore.persistence import NotFound, Party, Scope
from mktcore.persistence.errors import ColumnFixed
from mktcore.persistence.queries import check_conditions
from mktcore.promotions import PROMOTIONS
from persistence.opening import open_store

CASES = list(list_cases())
REAL_CASES = list(list_real_cases())
PAGE = File(__file__).parents[2] / "docs" / "access.md"


@pytest.fixture(scope="module", params=["memory", "sqlite"])
def store(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    opened = open_store(request.param, tmp_path_factory.mktemp("stores"), (*KINDS, *REAL_KINDS))
    yield opened
    if request.param != "memory":
        opened.close()


@pytest.mark.slow
@pytest.mark.parametrize("subject", Owned)
def test_the_matrix_holds(subject: Owned, store: Any) -> None:
    leaks = {str(case): find_leak(store, case) for case in CASES if case.subject is subject}
    assert leaks
    assert leaks == dict.fromkeys(leaks, "")


@pytest.mark.slow
@pytest.mark.parametrize("subject", sorted({case.subject for case in REAL_CASES}))
def test_the_matrix_governs_the_kinds_that_ship(subject: Owned, store: Any) -> None:
    leaks = {str(case): find_real_leak(store, case) for case in REAL_CASES if case.subject is subject}
    assert leaks
    assert leaks == dict.fromkeys(leaks, "")


def test_every_cell_of_the_kinds_that_ship_is_tried_on_every_path() -> None:
    cells = len(WHOLES) * (len(RecordAction) - 1) + len(ASSIGNED)  # what is assigned otherwise is assigned by an update
    assert len({str(case) for case in REAL_CASES}) == cells * len(Asker) * len(PATHS) == 660


def test_a_kind_that_forgets_its_writers_is_caught(monkeypatch: pytest.MonkeyPatch, tmp_path: File) -> None:
    broken = open_store("memory", tmp_path, REAL_KINDS)
    monkeypatch.setattr(type(PROMOTIONS), "filter_writes", lambda kind, _: {} if kind is PROMOTIONS else None)
    leaks = {case.asker for case in REAL_CASES if case.subject is Owned.PROMOTION and find_real_leak(broken, case)}
    assert leaks == {Asker.OTHER_MERCHANT, Asker.RELATED_BUYER, Asker.UNRELATED_BUYER}


def test_every_cell_is_tried_on_every_path() -> None:
    expected = len(Owned) * len(RecordAction) * len(Asker) * len(Path)
    print(f"{expected} access cases expected, {len(CASES)} generated")  # noqa: T201 - shown with `pytest -s`
    assert len({str(case) for case in CASES}) == len(CASES) == expected == 1050


@pytest.mark.slow
def test_a_store_that_forgets_the_scope_in_count_is_caught(monkeypatch: pytest.MonkeyPatch, tmp_path: File) -> None:
    def count(self: Any, where: Any = None) -> int:
        return sum(1 for _ in self._view.scan(check_conditions(self.kind, where)[0]))

    broken = open_store("memory", tmp_path, KINDS)
    monkeypatch.setattr(repository.MemoryRepository, "count", count)
    leaks = [case for case in CASES if find_leak(broken, case)]
    assert {(case.action, case.path) for case in leaks} == {(RecordAction.READ, Path.COUNT)}
    assert len(leaks) == sum(not allowed for _, action, _, allowed in list_access() if action is RecordAction.READ)


def test_an_undeclared_cell_lets_nobody_through(monkeypatch: pytest.MonkeyPatch) -> None:
    cells = {action: who for action, who in OWNERSHIP[Owned.SPEC].items() if action is not RecordAction.ASSIGN}
    monkeypatch.setattr(ownership_matrix, "OWNERSHIP", {**OWNERSHIP, Owned.SPEC: cells})
    with pytest.raises(UndeclaredAccess, match="may assign a spec"):
        check_access(Scope.operator(), RecordAction.ASSIGN, Owned.SPEC, id="s1", owner="acme")
    with pytest.raises(UndeclaredAccess):
        list_access()


@pytest.mark.parametrize("subject", Owned)
def test_the_check_by_hand_says_what_the_matrix_says(subject: Owned) -> None:
    for case in CASES:
        if case.subject is subject and case.path is Path.GET:
            check_by_hand(case)


def check_by_hand(case: Case) -> None:
    scopes = {
        Asker.OPERATOR: Scope.operator(),
        Asker.OWNER: Scope.merchant("acme"),
        Asker.OTHER_MERCHANT: Scope.merchant("bolt"),
        Asker.RELATED_BUYER: Scope(Party.BUYER, "ann", merchants=frozenset({"acme"})),
        Asker.UNRELATED_BUYER: Scope.buyer("bob"),
    }
    scope = scopes[case.asker]
    buyer = "ann" if case.subject in ownership_matrix.NAMES_ITS_BUYER else None
    assert find_asker(scope, "acme", buyer) is case.asker
    if case.allowed:
        check_access(scope, case.action, case.subject, id="x", owner="acme", buyer=buyer)
    else:
        with pytest.raises(NotFound):
            check_access(scope, case.action, case.subject, id="x", owner="acme", buyer=buyer)


def test_the_owner_is_set_at_creation_only(store: Any) -> None:
    kind = RECORDS[Owned.PRODUCT]
    with store.begin(Scope.operator()) as unit:
        stored = unit.repository(kind).add(Thing("fixed-1", "acme", None, "n"))
        unit.commit()
    for owner in ("bolt", None):
        with store.begin(Scope.operator()) as unit, pytest.raises(ColumnFixed, match="set at its creation only"):
            unit.repository(kind).save(Thing("fixed-1", owner, None, "n", version=stored.version))
    with store.begin(Scope.operator()) as unit:
        assert unit.repository(kind).save(Thing("fixed-1", "acme", None, "new", version=1)).version == 2


def test_a_buyer_sees_what_the_operator_owns_once_somebody_looked_whom_it_buys_from(store: Any) -> None:
    kind = RECORDS[Owned.CATALOG]
    with store.begin(Scope.operator()) as unit:
        unit.repository(kind).add(Thing("house", None, None, "n"))
        unit.repository(kind).add(Thing("acmes", "acme", None, "n"))
        unit.commit()
    seen = []
    for merchants in (frozenset[str](), frozenset({"bolt"}), frozenset({"acme"}), frozenset({"*"})):
        with store.begin(Scope(Party.BUYER, "ann", merchants=merchants)) as unit:
            seen.append(sorted(unit.repository(kind).find_many(["house", "acmes"])))
    assert seen == [[], ["house"], ["acmes", "house"], ["acmes", "house"]]


def test_the_documentation_prints_the_matrix() -> None:
    assert to_markdown() in PAGE.read_text(encoding="utf-8")
