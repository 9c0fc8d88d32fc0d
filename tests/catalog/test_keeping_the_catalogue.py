"""Keeping the catalogue: who writes and sees what, what fits together, what is told."""

from decimal import Decimal
from fractions import Fraction
from typing import Any

import attrs
import pytest

from mktcore.access import PermissionDenied
from mktcore.catalog import (
    CATALOGS,
    SKUS,
    Assortment,
    Catalog,
    CatalogRefused,
    Category,
    CategoryTree,
    Choice,
    Product,
    Sku,
    Spec,
    gather_assortment,
)
from mktcore.catalog.assortment import CATALOG_ASSIGNMENTS
from mktcore.catalog.category import MAX_DEPTH, CategoryCycle, UnknownCategory
from mktcore.catalog.order_choices import check_choices
from mktcore.errors import InvalidValue, MktcoreError
from mktcore.goods import Dimensions, Gtin, InvalidGtin, Measure, Media, Unit
from mktcore.marketplace import Marketplace
from mktcore.money.amount import Money
from mktcore.parties import ActivityRefused, SellingRights
from mktcore.persistence import NotFound, Party, Scope, StaleVersion, UniqueViolation
from mktcore.persistence.errors import ColumnFixed


def buyer(*merchants: str) -> Scope:
    return Scope(Party.BUYER, "ann", merchants=frozenset(merchants))


def kinds_told(market: Marketplace, kind: str, subject: str) -> list[str]:
    with market.store.begin(market.as_operator()) as unit:
        return [type(found.event).__name__ for found in unit.find_events(kind, subject)]


def test_a_sku_says_all_that_is_known_of_it(market: Marketplace) -> None:
    operator = market.as_operator()
    sku = Sku(
        "cam",
        "Camera",
        "Solara",
        category="cameras",
        tax_category="standard",
        description="A camera",
        attributes={"mount": "E"},
        gtin="4548736133730",
        other_gtins=["73513537", Gtin.parse("4548736133730")],
        mpn="S-7",
        host_ids={"erp": "4711"},
        dimensions=Dimensions(*[Measure.parse(text) for text in ("13 cm", "10 cm", "8 cm")]),
        weight=Measure.parse("650 g"),
        unit=Unit.KILOGRAM,
        unit_multiplier=Decimal("0.65"),
        price=Money.of("1799.00", "EUR"),
        media=[Media("images/cam.jpg", text="From the front")],
    )
    assert [str(found) for found in sku.gtins] == ["4548736133730", "73513537"]
    assert sku.content == sku.weight
    assert sku.product_id == "cam"
    stored = market.catalog.save_sku(sku, scope=operator)
    assert market.catalog.get_sku("cam", scope=operator) == stored == attrs.evolve(sku, version=1)
    with market.store.begin(operator) as unit:
        assert unit.repository(SKUS).find_where("gtin", ["04548736133730"]) == (stored,)
    assert kinds_told(market, "sku", "cam") == ["SkuChanged"]


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        ({"gtin": "4548736133731"}, InvalidGtin),
        ({"weight": Measure.parse("1 l")}, InvalidValue),
        ({"unit_multiplier": 0}, InvalidValue),
        ({"unit_multiplier": Fraction(-1, 2)}, InvalidValue),
        ({"description": "x" * 20_001}, InvalidValue),
        ({"attributes": {" ": "x"}}, InvalidValue),
        ({"attributes": {"x": "x" * 2_001}}, InvalidValue),
        ({"attributes": dict.fromkeys(map(str, range(201)), "x")}, InvalidValue),
        ({"host_ids": {"": "x"}}, InvalidValue),
        ({"price": Money.of("-1.00", "EUR")}, InvalidValue),
    ],
)
def test_a_sku_checks_what_it_is_told(fields: dict[str, Any], error: type[MktcoreError]) -> None:
    with pytest.raises(error):
        Sku("cam", "Camera", **fields)


def test_nouns_refuse_what_makes_no_sense() -> None:
    for make in (
        lambda: Product("p", " "),
        lambda: Product("p", "P", specs=["s", "s"]),
        lambda: Spec("s", "S", []),
        lambda: Spec("s", "S", [Choice("a"), Choice("a")]),
        lambda: Catalog("c" * 56, "C"),
        lambda: Media(""),
        lambda: Dimensions(*[Measure.parse(text) for text in ("1 m", "1 m", "1 kg")]),
    ):
        with pytest.raises(InvalidValue):
            make()


def test_choices_are_checked_against_the_specs() -> None:
    strap = Spec("strap", "Strap", [Choice("black"), Choice("red")], required=True)
    gifts = Spec("gifts", "Gifts", [Choice("card"), Choice("bow")], several=True)
    both = [strap, gifts]
    assert list(check_choices(both, ["red", "card", "bow"])) == []
    assert list(check_choices([], [])) == []
    for specs, chosen, codes in (
        (both, [], ["catalog.choice-missing"]),
        (both, ["red", "black"], ["catalog.too-many-choices"]),
        (both, ["card", "gold"], ["catalog.choice-missing", "catalog.unknown-choice"]),
        ([], ["gold"], ["catalog.unknown-choice"]),
    ):
        assert [problem.code for problem in check_choices(specs, chosen)] == codes


def test_a_tree_tells_who_lies_in_whom() -> None:
    tree = CategoryTree([Category("photo", "Photo"), Category("zoom", "Zoom", "photo")])
    assert tree.lies_in("zoom", "photo")
    assert tree.lies_in("none", "none")
    assert not tree.lies_in("photo", "zoom")


def test_a_gtin_that_is_empty_is_none() -> None:
    assert Sku("cam", "Camera", gtin="").gtin is None
    assert Sku("cam", "Camera", gtin=None).gtins == ()


def test_the_matrix_governs_products_and_skus(market: Marketplace) -> None:
    operator, acme, bolt = market.as_operator(), market.as_merchant("acme"), market.as_merchant("bolt")
    mine = market.catalog.save_product(Product("mug", "Mug", "acme"), scope=acme)
    house = market.catalog.save_product(Product("lamp", "Lamp"), scope=operator)
    market.catalog.save_sku(Sku("mug-red", "Red mug", product="mug", owner="acme"), scope=acme)
    market.catalog.save_sku(Sku("lamp-1", "Lamp", product="lamp"), scope=operator)

    seen = {
        str(scope.party) + "/".join(scope.merchants): [
            found.id for found in market.catalog.products.page(scope=scope).items
        ]
        for scope in (operator, acme, bolt, buyer(), buyer("bolt"), buyer("acme"), buyer("*"))
    }
    assert seen == {
        "operator": ["lamp", "mug"],
        "merchant": [],
        "buyer": [],
        "buyerbolt": ["lamp"],
        "buyeracme": ["lamp", "mug"],
        "buyer*": ["lamp", "mug"],
    }
    assert market.catalog.products.page(scope=acme).items == (mine,)
    assert [found.id for found in market.catalog.find_skus("mug", scope=buyer("acme"))] == ["mug-red"]
    assert market.catalog.find_skus("mug", scope=bolt) == ()
    for scope in (bolt, buyer("bolt")):
        with pytest.raises(NotFound):
            market.catalog.get_product("mug", scope=scope)
    for wrong in (attrs.evolve(mine, name="Stolen"), attrs.evolve(house, name="Stolen"), Product("new", "New", "acme")):
        with pytest.raises(NotFound):
            market.catalog.save_product(wrong, scope=bolt)
    with pytest.raises(PermissionDenied):
        market.catalog.save_product(Product("new", "New"), scope=buyer("*"))
    with pytest.raises(ColumnFixed):
        market.catalog.save_product(attrs.evolve(mine, owner="bolt"), scope=operator)
    assert market.catalog.save_product(attrs.evolve(mine, name="Cup"), scope=operator).version == 2


def test_a_merchant_sees_the_skus_it_may_sell(market: Marketplace) -> None:
    operator, acme, bolt = market.as_operator(), market.as_merchant("acme"), market.as_merchant("bolt")
    for name in ("camera", "tripod"):
        market.catalog.save_sku(Sku(name, name.title()), scope=operator)
    market.catalog.save_sku(Sku("mug", "Mug", owner="acme"), scope=acme)
    market.parties.save_selling_rights(SellingRights("tripod", default_merchant="bolt"), scope=operator)
    assert [sku.id for sku in market.catalog.page_sellable(scope=acme).items] == ["camera"]
    assert [sku.id for sku in market.catalog.page_sellable(scope=bolt).items] == ["camera", "tripod"]
    assert [sku.id for sku in market.catalog.page_sellable(scope=operator).items] == ["camera", "tripod"]
    assert [sku.id for sku in market.catalog.skus.page(scope=acme).items] == ["mug"]
    assert market.catalog.get_sku("camera", scope=acme).name == "Camera"
    assert market.catalog.get_sku("mug", scope=acme).owner == "acme"
    for sku, scope in (("tripod", acme), ("mug", bolt), ("camera", buyer()), ("none", acme), ("none", operator)):
        with pytest.raises(NotFound, match=f"there is no sku '{sku}'"):
            market.catalog.get_sku(sku, scope=scope)
    with pytest.raises(NotFound):
        market.catalog.page_sellable(scope=buyer("*"))


def test_nobody_else_sells_what_a_merchant_owns(market: Marketplace) -> None:
    market.catalog.save_sku(Sku("mug", "Mug", owner="acme"), scope=market.as_merchant("acme"))
    with pytest.raises(MktcoreError, match="bolt cannot opt in"):
        market.parties.opt_in("mug", scope=market.as_operator(), merchant="bolt")


def test_a_merchant_that_may_not_edit_saves_nothing(market: Marketplace) -> None:
    operator = market.as_operator()
    market.onboarding.move("acme", "block", scope=operator, reason="fraud")
    with pytest.raises(ActivityRefused):
        market.catalog.save_product(Product("mug", "Mug", "acme"), scope=market.as_merchant("acme"))
    assert market.catalog.save_product(Product("mug", "Mug", "acme"), scope=operator).version == 1


def test_references_lead_somewhere(market: Marketplace) -> None:
    operator, acme = market.as_operator(), market.as_merchant("acme")
    market.catalog.save_spec(Spec("house", "Wrapping", [Choice("gift")]), scope=operator)
    market.catalog.save_spec(Spec("bolts", "Colour", [Choice("red")], owner="bolt"), scope=operator)
    with pytest.raises(CatalogRefused) as refused:
        market.catalog.save_product(Product("mug", "Mug", "acme", specs=["bolts", "house", "none"]), scope=acme)
    assert [problem.where for problem in refused.value.problems] == ["specs[0]", "specs[2]"]
    market.catalog.save_product(Product("mug", "Mug", "acme", specs=["house"]), scope=acme)
    for sku in (Sku("a", "A", product="none"), Sku("b", "B", product="mug")):
        with pytest.raises(CatalogRefused, match="of the operator"):
            market.catalog.save_sku(sku, scope=operator)
    with pytest.raises(UniqueViolation):
        market.catalog.save_product(Product("mug", "Mug", "acme"), scope=acme)


def test_an_update_is_never_lost(market: Marketplace) -> None:
    first = market.catalog.save_product(Product("mug", "Mug"), scope=market.as_operator())
    market.catalog.save_product(attrs.evolve(first, name="Cup"), scope=market.as_operator())
    with pytest.raises(StaleVersion):
        market.catalog.save_product(attrs.evolve(first, name="Beaker"), scope=market.as_operator())


def test_categories_are_a_tree_of_the_operators(market: Marketplace) -> None:
    operator = market.as_operator()
    photo = market.catalog.save_category(Category("photo", "Photo"), scope=operator)
    lenses = market.catalog.save_category(Category("lenses", "Lenses", "photo"), scope=operator)
    market.catalog.save_category(Category("zoom", "Zoom", "lenses"), scope=operator)
    for wrong, error in (
        (attrs.evolve(photo, parent="zoom"), CategoryCycle),
        (attrs.evolve(photo, parent="photo"), CategoryCycle),
        (Category("new", "New", "none"), UnknownCategory),
    ):
        with pytest.raises(error):
            market.catalog.save_category(wrong, scope=operator)
    moved = market.catalog.save_category(attrs.evolve(lenses, parent=None), scope=operator)
    market.catalog.save_category(attrs.evolve(photo, parent="zoom"), scope=operator)
    market.catalog.save_category(attrs.evolve(moved, name="Glass"), scope=operator)
    tree = market.catalog.get_tree()
    assert tree.find_ancestors("photo") == ("zoom", "lenses")
    assert tree.find_descendants("lenses") == {"zoom", "photo"}
    assert tree.find_roots() == ("lenses",)
    for scope in (market.as_merchant("acme"), buyer("*")):
        with pytest.raises(PermissionDenied):
            market.catalog.save_category(Category("mine", "Mine"), scope=scope)
    assert kinds_told(market, "category", "lenses") == ["CategoryChanged"] * 3


def test_two_moves_at_once_make_no_circle(market: Marketplace) -> None:
    operator = market.as_operator()
    for name in ("a", "b"):
        market.catalog.save_category(Category(name, name), scope=operator)
    one = attrs.evolve(market.catalog.get_tree().categories["a"], parent="b")
    other = attrs.evolve(market.catalog.get_tree().categories["b"], parent="a")
    market.catalog.save_category(one, scope=operator)
    with pytest.raises(CategoryCycle):
        market.catalog.save_category(other, scope=operator)
    market.catalog.save_category(attrs.evolve(market.catalog.get_tree().categories["a"], parent=None), scope=operator)
    assert market.catalog.save_category(other, scope=operator).parent == "a"


def test_trees_that_are_none_are_refused() -> None:
    circle = [Category("a", "A", "b"), Category("b", "B", "c"), Category("c", "C", "b")]
    with pytest.raises(CategoryCycle):
        CategoryTree(circle)
    with pytest.raises(UnknownCategory):
        CategoryTree(circle[:1])
    chain = [Category("c0", "C"), *[Category(f"c{level}", "C", f"c{level - 1}") for level in range(1, MAX_DEPTH + 1)]]
    assert len(CategoryTree(chain[:-1]).find_ancestors(f"c{MAX_DEPTH - 1}")) == MAX_DEPTH - 1
    for categories in (chain, chain[::-1]):
        with pytest.raises(CategoryCycle):
            CategoryTree(categories)
    tree = CategoryTree([])
    assert tree.find_ancestors("x") == ()
    assert tree.find_descendants("x") == frozenset()


def test_catalogs_decide_what_a_buyer_is_shown(market: Marketplace) -> None:
    operator, acme, bolt = market.as_operator(), market.as_merchant("acme"), market.as_merchant("bolt")
    market.catalog.save_product(Product("mug", "Mug", "acme"), scope=acme)
    market.catalog.save_sku(Sku("bag", "Bag", owner="acme"), scope=acme)
    market.catalog.save_sku(Sku("mug-red", "Mug", product="mug", owner="acme"), scope=acme)
    market.catalog.save_catalog(Catalog("vip", "For VIPs", "acme"), scope=acme)
    market.catalog.add_products("vip", ["mug", "bag", "mug"], scope=acme)
    market.catalog.add_products("vip", ["mug"], scope=operator)

    def show(name: str | None) -> list[str]:
        with market.store.begin(operator) as unit:
            found = gather_assortment(unit, name, ["mug", "bag", "other"])
        return [product for product in ("mug", "bag", "other") if found.shows(product)]

    assert show("ann") == show(None) == ["other"]
    market.catalog.assign("vip", buyer="ann", scope=acme)
    market.catalog.assign("vip", buyer="ann", scope=acme)
    assert (show("ann"), show("bob")) == (["mug", "bag", "other"], ["other"])
    market.catalog.assign("vip", buyer=None, scope=operator)
    assert show("bob") == show(None) == ["mug", "bag", "other"]
    market.catalog.unassign("vip", buyer=None, scope=acme)
    market.catalog.unassign("vip", buyer="bob", scope=acme)
    market.catalog.remove_products("vip", ["bag", "other"], scope=acme)
    assert show("bob") == ["bag", "other"]
    with market.store.begin(operator) as unit:
        assert gather_assortment(unit, "ann", ["other"]) == Assortment()

    for wrong in ("mug-red", "none"):
        with pytest.raises(NotFound):
            market.catalog.add_products("vip", [wrong], scope=acme)
    for scope in (bolt, buyer("*")):
        with pytest.raises((NotFound, PermissionDenied)):
            market.catalog.add_products("vip", ["mug"], scope=scope)
        with pytest.raises((NotFound, PermissionDenied)):
            market.catalog.assign("vip", buyer="ann", scope=scope)
    market.catalog.save_catalog(Catalog("bolts", "Bolt's", "bolt"), scope=bolt)
    with pytest.raises(NotFound):
        market.catalog.add_products("bolts", ["mug"], scope=bolt)
    assert kinds_told(market, "catalog", "vip") == ["CatalogChanged"] * 7


def test_a_buyer_sees_a_catalog_but_not_to_whom_else_it_goes(market: Marketplace) -> None:
    operator = market.as_operator()
    market.catalog.save_catalog(Catalog("vip", "For VIPs", "acme"), scope=operator)
    for name in ("ann", "bob"):
        market.catalog.assign("vip", buyer=name, scope=operator)
    with market.store.begin(buyer("acme")) as unit:
        assert unit.repository(CATALOGS).count() == 1
        assert [link.buyer for link in unit.repository(CATALOG_ASSIGNMENTS).page().items] == ["ann"]
