"""The files of a folder, one module each: whoever adds a file adds its module here, and a line below."""

from mktcore.loading.file_declaration import MarketFile
from mktcore.loading.files.categories import CATEGORIES_FILE
from mktcore.loading.files.channels import CHANNELS_FILE
from mktcore.loading.files.commission_rules import COMMISSION_RULES_FILE
from mktcore.loading.files.merchants import MERCHANTS_FILE
from mktcore.loading.files.offers import OFFERS_FILE
from mktcore.loading.files.pool_codes import POOL_CODES_FILE
from mktcore.loading.files.price_assignments import PRICE_ASSIGNMENTS_FILE
from mktcore.loading.files.price_breaks import PRICE_BREAKS_FILE
from mktcore.loading.files.price_schedules import PRICE_SCHEDULES_FILE
from mktcore.loading.files.products import PRODUCTS_FILE
from mktcore.loading.files.promotions import PROMOTIONS_FILE
from mktcore.loading.files.shipping_fees import SHIPPING_FEES_FILE
from mktcore.loading.files.skus import SKUS_FILE
from mktcore.loading.files.tax_rates import TAX_RATES_FILE

__all__ = ["FILES"]

FILES: tuple[MarketFile, ...] = (
    MERCHANTS_FILE,
    TAX_RATES_FILE,
    CATEGORIES_FILE,
    PRODUCTS_FILE,
    SKUS_FILE,
    OFFERS_FILE,
    PRICE_BREAKS_FILE,
    PRICE_SCHEDULES_FILE,
    PRICE_ASSIGNMENTS_FILE,
    PROMOTIONS_FILE,
    POOL_CODES_FILE,
    SHIPPING_FEES_FILE,
    COMMISSION_RULES_FILE,
    CHANNELS_FILE,
)
"""In the order in which they are read and stored: what a row refers to is defined before it."""
