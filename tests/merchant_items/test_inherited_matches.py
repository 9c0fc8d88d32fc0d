"""A variant is compared by what its product says of it."""

from mktcore.catalog import Product, Sku
from mktcore.catalog.inherited_goods import GoodsNatures
from mktcore.merchant_items.merchant_item import MerchantItem
from mktcore.merchant_items.sku_matcher import Matcher, to_match_record

CAMERAS = Product("alpha", "Sony Alpha", brand="Sony", category="photo", attributes={"mount": "E"}, tax_category="std")
SKU = Sku("a7-4", "Alpha 7 IV body", product="alpha", attributes={"colour": "black"}, mpn="ILCE-7M4")
NATURES = GoodsNatures({"alpha": CAMERAS})
ITEM = MerchantItem("acme", "A-17", "Alpha 7 IV body", brand="Sony", mpn="ILCE-7M4")


def test_what_a_product_says_is_compared() -> None:
    bare, full = Matcher([SKU]), Matcher([SKU], natures=NATURES)
    assert full.find(ITEM)[0].score > bare.find(ITEM)[0].score
    assert full.score(ITEM, SKU) == full.find(ITEM)[0]
    record = to_match_record(NATURES.fill_in(SKU))
    assert (record.brand, record.category) == ("Sony", "photo")
    assert dict(record.attributes) == {"mount": "E", "colour": "black"}


def test_a_sku_that_says_it_itself_stays_as_it_is() -> None:
    own = Sku("x", "X", "Own", product="alpha", category="bags", tax_category="low")
    filled = NATURES.fill_in(own)
    assert (filled.brand, filled.category, filled.tax_category) == ("Own", "bags", "low")
    assert NATURES.fill_in(Sku("y", "Y", product="gone")) == Sku("y", "Y", product="gone")
