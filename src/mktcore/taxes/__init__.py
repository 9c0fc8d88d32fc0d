"""Which tax rules apply: by category, destination, buyer and instant."""

from mktcore.taxes.buyer_tax import BUYER_TAXES, BuyerTax
from mktcore.taxes.tax_book import NO_TAXES, TaxBook, TaxedSale
from mktcore.taxes.tax_lint import lint_taxes
from mktcore.taxes.tax_rule import TAX_RULES, BuyerStatus, TaxRule
from mktcore.taxes.use_cases import Taxes

__all__ = [
    "BUYER_TAXES",
    "NO_TAXES",
    "TAX_RULES",
    "BuyerStatus",
    "BuyerTax",
    "TaxBook",
    "TaxRule",
    "TaxedSale",
    "Taxes",
    "lint_taxes",
]
