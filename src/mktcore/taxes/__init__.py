"""Which tax rates apply."""

from mktcore.taxes.tax_lint import lint_taxes
from mktcore.taxes.tax_rule import TAX_RULES, TaxRule, find_tax_rates
from mktcore.taxes.use_cases import Taxes

__all__ = ["TAX_RULES", "TaxRule", "Taxes", "find_tax_rates", "lint_taxes"]
