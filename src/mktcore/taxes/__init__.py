"""Which tax rates apply."""

from mktcore.taxes.tax_rule import TAX_RULES, TaxRule, find_tax_rates

__all__ = ["TAX_RULES", "TaxRule", "find_tax_rates"]
