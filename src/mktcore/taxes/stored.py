"""What taxes store."""

from mktcore.persistence.stored import Stored
from mktcore.taxes.buyer_tax import BUYER_TAXES, BuyerTax
from mktcore.taxes.tax_rule import TAX_RULES, TaxRule

__all__ = ["STORED"]

STORED = (
    Stored("taxes.tax-rule", 1, TaxRule, kind=TAX_RULES),
    Stored("taxes.buyer-tax", 1, BuyerTax, kind=BUYER_TAXES),
)
