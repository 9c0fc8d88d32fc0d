"""What lists hold beside what calls answer: links, ratings, codes, and the stock behind an offer."""

from mktcore.access import Permission
from mktcore.catalog.assortment import CATALOG_PRODUCTS, CatalogProduct
from mktcore.offers.buybox.stored_rating import MERCHANT_RATINGS, MerchantRating
from mktcore.offers.offer_stock import StockOfOffer
from mktcore.promotions.pool_code import POOL_CODES, PoolCode
from mktcore.views.form import Form, field
from mktcore.views.plain_fields import plain_fields
from mktcore.views.record_access import Owners, show_owned, show_record
from mktcore.views.selling_forms import STOCK_LEVEL
from mktcore.views.shapes import WHOLE, Mapped

__all__ = ["CATALOG_PRODUCT", "MERCHANT_RATING", "POOL_CODE", "STOCK_OF_OFFER"]

CATALOG_PRODUCT = Form(
    "CatalogProduct",
    CatalogProduct,
    plain_fields(CatalogProduct, "id", "catalog", "product", "owner"),
    show=show_record(CATALOG_PRODUCTS),
)
MERCHANT_RATING = Form(
    "MerchantRating", MerchantRating, plain_fields(MerchantRating, "id", "score"), show=show_record(MERCHANT_RATINGS)
)
POOL_CODE = Form("PoolCode", PoolCode, plain_fields(PoolCode, "pool", "code", "owner"), show=show_record(POOL_CODES))


def _find_merchant(stock: StockOfOffer) -> Owners:
    return {"merchant": stock.merchant}


STOCK_OF_OFFER = Form(
    "StockOfOffer",
    StockOfOffer,
    (
        *plain_fields(StockOfOffer, "id", "merchant", "sku"),
        field("available", WHOLE, "Pieces that can be promised, at all places together."),
        field("places", Mapped(STOCK_LEVEL), "The stock by place; under an empty text where there is one place."),
    ),
    show=show_owned("stock", lambda stock: stock.id, owners=_find_merchant, permission=Permission.STOCK),
)
