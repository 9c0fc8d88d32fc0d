"""The catalogue from CSV files: what they tell replaces what is known, what they do not tell stays, history is kept."""

from pathlib import Path

import attrs
import pytest

from mktcore.catalog import PRODUCTS, SKUS, Category, Product, Sku
from mktcore.goods import Measure
from mktcore.loading import LoadRefused
from mktcore.marketplace import Marketplace

CATEGORIES = "category,name,parent\nlenses,Lenses,photo\nphoto,Photo,\n"
PRODUCTS_CSV = (
    "product,name,brand,category,attributes,media\nmug,Mug,Solara,photo,material=clay; hand=right,a.jpg b.jpg\n"
)
SKUS_CSV = (
    "sku,name,tax_category,product,gtin,mpn,unit,unit_multiplier,weight,dimensions,attributes\n"
    "mug-red,Red mug,,mug,4548736133730,M-1,kg,0.35,350 g,10 x 10 x 9 cm,colour=red\n"
    "bag,Bag,,,,,,,,,\n"
)


def load(market: Marketplace, folder: Path, **files: str) -> str:
    folder.mkdir(exist_ok=True)
    for path in folder.iterdir():
        path.unlink()
    for name, text in files.items():
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")
    return str(market.load(folder))


def faults(market: Marketplace, folder: Path, **files: str) -> list[str]:
    with pytest.raises(LoadRefused) as refused:
        load(market, folder, **files)
    return [f"{problem.where}: {problem.message}" for problem in refused.value.problems]


def test_a_catalogue_is_loaded_with_its_history(market: Marketplace, tmp_path: Path) -> None:
    operator = market.as_operator()
    told = load(market, tmp_path / "f", categories=CATEGORIES, products=PRODUCTS_CSV, skus=SKUS_CSV)
    assert told == "category: 2 added, 0 changed; product: 1 added, 0 changed; sku: 2 added, 0 changed"
    assert (
        load(market, tmp_path / "f", categories=CATEGORIES, products=PRODUCTS_CSV, skus=SKUS_CSV) == "nothing changed"
    )
    assert market.catalog.get_tree().find_ancestors("lenses") == ("photo",)
    product = market.catalog.get_product("mug", scope=operator)
    assert (product.brand, product.attributes) == ("Solara", {"material": "clay", "hand": "right"})
    assert [media.reference for media in product.media] == ["a.jpg", "b.jpg"]
    sku = market.catalog.get_sku("mug-red", scope=operator)
    assert (str(sku.gtin), sku.mpn, sku.product, sku.content) == (
        "4548736133730",
        "M-1",
        "mug",
        Measure.parse("350 g"),
    )
    assert sku.weight == sku.content
    assert str(sku.dimensions and sku.dimensions.height) == "9 cm"
    products = market.catalog.page_history(PRODUCTS, "mug", scope=operator).items
    skus = market.catalog.page_history(SKUS, "bag", scope=operator).items
    for revision in (*products, *skus):
        assert (revision.number, revision.note, str(revision.by)) == (1, "loaded from a folder", "operator")
    assert len(products) == len(skus) == 1
    with market.store.begin(operator) as unit:
        assert len(unit.find_events("sku", "bag")) == 1


def test_what_a_file_does_not_tell_stays(market: Marketplace, tmp_path: Path) -> None:
    operator = market.as_operator()
    market.catalog.save_product(Product("mug", "Mug", "acme"), scope=operator)
    red = Sku("mug-red", "Mug", "Solara", product="mug", owner="acme", description="A mug", gtin="4548736133730")
    known = market.catalog.save_sku(red, scope=operator)
    load(market, tmp_path / "f", skus="sku,name,tax_category\nmug-red,Red mug,\n")
    stored = market.catalog.get_sku("mug-red", scope=operator)
    assert stored == attrs.evolve(known, name="Red mug", version=2)
    load(market, tmp_path / "f", skus="sku,name,tax_category,brand,gtin\nmug-red,Red mug,,,\n")
    assert market.catalog.get_sku("mug-red", scope=operator) == attrs.evolve(stored, brand="", gtin=None, version=3)


def test_every_fault_is_named(market: Marketplace, tmp_path: Path) -> None:
    skus = (
        "sku,name,tax_category,product,gtin,unit,unit_multiplier,weight,dimensions,attributes,media\n"
        f"s1,S,,none,4548736133731,parsec,0,1 l,1 x 2 cm,colour,{'x' * 2001}\n"
        "s2,S,,,,,x,5 parsec,1 x 2 x 3 kg,a=1;a=2,\n"
    )
    found = faults(market, tmp_path / "f", skus=skus)
    assert [fault.split(": ")[0] for fault in found] == [
        *(
            f"skus.csv:2:{column}"
            for column in ("attributes", "media", "unit", "unit_multiplier", "gtin", "dimensions")
        ),
        "skus.csv:2:product",
        *(f"skus.csv:3:{column}" for column in ("attributes", "unit_multiplier", "weight", "dimensions")),
    ]
    market.catalog.save_product(Product("mug", "Mug", "acme"), scope=market.as_operator())
    assert faults(market, tmp_path / "f", skus="sku,name,tax_category,product\nbag,Bag,,mug\n") == [
        "skus.csv:product: SKU bag and product mug have different owners"
    ]


def test_categories_of_a_folder_and_the_store_are_one_tree(market: Marketplace, tmp_path: Path) -> None:
    operator = market.as_operator()
    market.catalog.save_category(Category("photo", "Photo"), scope=operator)
    market.catalog.save_category(Category("lenses", "Lenses", "photo"), scope=operator)
    assert faults(market, tmp_path / "f", categories="category,name,parent\nphoto,Photo,lenses\n") == [
        "categories.csv:parent: category 'lenses' cannot lie beneath 'photo'"
    ]
    assert faults(market, tmp_path / "f", categories="category,name,parent\nzoom,,none\n") == [
        "categories.csv:parent: there is no category 'none'"
    ]
    load(market, tmp_path / "f", categories="category,name\nphoto,Pictures\nzoom,\n")
    tree = market.catalog.get_tree()
    assert tree.categories["photo"].name == "Pictures"
    assert tree.categories["zoom"].name == "zoom"
    load(market, tmp_path / "f", categories="category,name,parent\nlenses,Lenses,zoom\n")
    assert market.catalog.get_tree().find_ancestors("lenses") == ("zoom",)
