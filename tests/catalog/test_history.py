"""History: what each record was after each change, by whom and why; at any instant; and back again."""

from datetime import UTC, datetime, timedelta

import attrs
import pytest

from mktcore.access import PermissionDenied
from mktcore.catalog import (
    CATALOGS,
    CATEGORIES,
    PRODUCTS,
    SKUS,
    SPECS,
    CatalogRefused,
    Category,
    Choice,
    Product,
    Sku,
    Spec,
    compare_values,
)
from mktcore.catalog.category import CategoryCycle
from mktcore.catalog.revision import REVISIONS, NoSuchRevision, RecordChange
from mktcore.errors import InvalidValue
from mktcore.marketplace import Marketplace
from mktcore.persistence import NotFound
from mktcore.testing.fakes import ManualClock
from persistence.opening import STORES

pytestmark = pytest.mark.parametrize("market", STORES, indirect=True)
START = datetime(2026, 7, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


def test_every_change_is_kept_with_its_author(market: Marketplace, clock: ManualClock) -> None:
    ann, acme = market.as_merchant("acme", user="ann"), market.as_merchant("acme")
    first = market.catalog.save_product(Product("mug", "Mug", "acme"), scope=ann, note="new season")
    clock.advance(HOUR)
    second = market.catalog.save_product(
        attrs.evolve(first, name="Cup", brand="Solara"), scope=market.as_operator(user="olga")
    )
    found = market.catalog.page_history(PRODUCTS, "mug", scope=market.as_operator()).items
    assert [(one.number, one.change, str(one.by), one.by and one.by.user, one.at, one.note) for one in found] == [
        (1, RecordChange.CREATED, "merchant:acme", "ann", START, "new season"),
        (2, RecordChange.CHANGED, "operator", "olga", START + HOUR, ""),
    ]
    assert [one.value for one in found] == [first, second]
    assert [(one.field, one.before, one.after) for one in compare_values(first, second)] == [
        ("name", "Mug", "Cup"),
        ("brand", "", "Solara"),
    ]
    seen = market.catalog.page_history(PRODUCTS, "mug", scope=acme).items
    assert [one.by and one.by.user for one in seen] == ["ann", None]
    for stranger in (market.as_merchant("bolt"), market.as_buyer("bob")):
        for record in ("mug", "no-such"):  # told alike, and never as an empty history
            with pytest.raises(NotFound, match=f"no product '{record}'"):
                market.catalog.page_history(PRODUCTS, record, scope=stranger)
    page = market.catalog.page_history(PRODUCTS, "mug", scope=acme, limit=1)
    assert [one.number for one in market.catalog.page_history(PRODUCTS, "mug", scope=acme, after=page.next).items] == [
        2
    ]


def test_a_refused_change_leaves_no_history(market: Marketplace) -> None:
    with pytest.raises(CatalogRefused):
        market.catalog.save_sku(Sku("mug", "Mug", product="none"), scope=market.as_operator())
    assert market.catalog.page_history(SKUS, "mug", scope=market.as_operator()).items == ()


def test_a_record_is_shown_as_it_was(market: Marketplace, clock: ManualClock) -> None:
    operator = market.as_operator()
    sku = market.catalog.save_sku(Sku("mug", "0"), scope=operator)
    for number in range(1, 13):
        clock.advance(HOUR)
        sku = market.catalog.save_sku(attrs.evolve(sku, name=str(number)), scope=operator)

    def name_at(hours: float) -> str | None:
        found = market.catalog.find_as_of(SKUS, "mug", START + hours * HOUR, scope=operator)
        return None if found is None else found.name

    assert [name_at(hours) for hours in range(-1, 14)] == [None, *map(str, range(13)), "12"]
    assert [name_at(hours + 0.5) for hours in range(-1, 14)] == [None, *map(str, range(13)), "12"]
    bolt = market.as_merchant("bolt")
    assert market.catalog.find_as_of(SKUS, "mug", START, scope=bolt) is None


def test_a_clock_that_goes_back_does_not_reorder_history(market: Marketplace, clock: ManualClock) -> None:
    operator = market.as_operator()
    first = market.catalog.save_sku(Sku("mug", "Mug"), scope=operator)
    clock.advance(-HOUR)
    market.catalog.save_sku(attrs.evolve(first, name="Cup"), scope=operator)
    found = market.catalog.page_history(SKUS, "mug", scope=operator).items
    assert [one.at for one in found] == [START, START]
    assert market.catalog.find_as_of(SKUS, "mug", START - HOUR, scope=operator) is None


def test_a_roll_back_is_a_change_of_its_own(market: Marketplace, clock: ManualClock) -> None:
    operator = market.as_operator()
    first = market.catalog.save_product(Product("mug", "Mug", "acme"), scope=operator)
    second = market.catalog.save_product(attrs.evolve(first, name="Cup"), scope=operator)
    clock.advance(HOUR)
    acme = market.as_merchant("acme")
    restored = market.catalog.roll_back(PRODUCTS, "mug", to=1, scope=acme, note="the name was right")
    assert restored == attrs.evolve(first, version=3)
    assert market.catalog.get_product("mug", scope=acme) == restored
    last = market.catalog.page_history(PRODUCTS, "mug", scope=acme).items[-1]
    assert (last.number, last.change, last.restored, last.note) == (3, RecordChange.RESTORED, 1, "the name was right")
    again = market.catalog.roll_back(PRODUCTS, "mug", to=2, scope=acme)
    assert again == attrs.evolve(second, version=4)
    with market.store.begin(operator) as unit:
        assert [found.event.subject for found in unit.find_events("product", "mug")] == ["mug"] * 4


def test_a_roll_back_is_checked_like_any_change(market: Marketplace) -> None:
    operator, bolt = market.as_operator(), market.as_merchant("bolt")
    market.catalog.save_product(Product("mug", "Mug", "acme"), scope=operator)
    for number in (0, -1, 2, 10**9):
        with pytest.raises(NoSuchRevision, match=f"the history of product 'mug' has no revision {number} "):
            market.catalog.roll_back(PRODUCTS, "mug", to=number, scope=operator)
    with market.store.begin(operator) as unit:
        unit.repository(PRODUCTS).add(Product("bare", "Never changed since its history is kept"))
        unit.commit()
    with pytest.raises(NotFound):
        market.catalog.roll_back(PRODUCTS, "bare", to=1, scope=operator)
    for record, scope in (("mug", bolt), ("none", operator)):
        with pytest.raises(NotFound):
            market.catalog.roll_back(PRODUCTS, record, to=1, scope=scope)
    with pytest.raises(InvalidValue, match="products, SKUs, specs or categories"):
        market.catalog.roll_back(CATALOGS, "mug", to=1, scope=operator)

    a = market.catalog.save_category(Category("a", "A", None), scope=operator)
    market.catalog.save_category(Category("b", "B", "a"), scope=operator)
    b = market.catalog.save_category(
        attrs.evolve(market.catalog.get_tree().categories["b"], parent=None), scope=operator
    )
    market.catalog.save_category(attrs.evolve(a, parent="b"), scope=operator)
    with pytest.raises(CategoryCycle):
        market.catalog.roll_back(CATEGORIES, "b", to=1, scope=operator)
    with pytest.raises(PermissionDenied):
        market.catalog.roll_back(CATEGORIES, "b", to=1, scope=bolt)
    assert market.catalog.roll_back(CATEGORIES, "a", to=1, scope=operator).parent is None
    assert market.catalog.roll_back(CATEGORIES, "b", to=1, scope=operator) == attrs.evolve(b, parent="a", version=3)

    market.catalog.save_spec(Spec("s", "S", [Choice("x")]), scope=operator)
    market.catalog.save_spec(Spec("s", "T", [Choice("y")], version=1), scope=operator)
    assert market.catalog.roll_back(SPECS, "s", to=1, scope=operator) == Spec("s", "S", [Choice("x")], version=3)


def test_what_was_stored_before_its_history_is_in_it(market: Marketplace) -> None:
    operator = market.as_operator()
    with market.store.begin(operator) as unit:
        unit.repository(SKUS).add(Sku("mug", "Mug"))
        unit.commit()
    market.catalog.save_sku(Sku("mug", "Cup", version=1), scope=operator)
    with market.store.begin(operator) as unit:
        unit.repository(SKUS).save(Sku("mug", "Beaker", version=2))
        unit.commit()
    market.catalog.save_sku(Sku("mug", "Jug", version=3), scope=operator)
    found = market.catalog.page_history(SKUS, "mug", scope=operator).items
    assert [(one.number, one.change, one.by is None) for one in found] == [
        (1, RecordChange.FOUND, True),
        (2, RecordChange.CHANGED, False),
        (3, RecordChange.FOUND, True),
        (4, RecordChange.CHANGED, False),
    ]
    assert market.catalog.roll_back(SKUS, "mug", to=3, scope=operator).name == "Beaker"


def test_nobody_writes_history_but_the_marketplace(market: Marketplace) -> None:
    acme = market.as_merchant("acme")
    market.catalog.save_product(Product("mug", "Mug", "acme"), scope=acme)
    [revision] = market.catalog.page_history(PRODUCTS, "mug", scope=acme).items
    with market.store.begin(acme) as unit:
        for forged in (attrs.evolve(revision, note="forged"), attrs.evolve(revision, id="product/x/2", version=0)):
            repository = unit.repository(REVISIONS)
            with pytest.raises(NotFound):
                (repository.save if forged.version else repository.add)(forged)
