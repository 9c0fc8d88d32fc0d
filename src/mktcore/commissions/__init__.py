"""What the marketplace takes of a sale."""

from mktcore.commissions.commission import Commission
from mktcore.commissions.commission_book import calculate_commissions
from mktcore.commissions.commission_reversal import CommissionReversal, reverse_commission
from mktcore.commissions.commission_rule import COMMISSION_RULES, CommissionOn, CommissionRule, Reversal
from mktcore.commissions.commissionable_line import CommissionLine
from mktcore.commissions.fee_tax import FeeTaxPolicy
from mktcore.commissions.fee_terms import CommissionBase, Fixed, Per, Percentage, Tier, TierBy, Tiers
from mktcore.commissions.sale_filter import AmountBand, SaleFilter

__all__ = [
    "COMMISSION_RULES",
    "AmountBand",
    "Commission",
    "CommissionBase",
    "CommissionLine",
    "CommissionOn",
    "CommissionReversal",
    "CommissionRule",
    "FeeTaxPolicy",
    "Fixed",
    "Per",
    "Percentage",
    "Reversal",
    "SaleFilter",
    "Tier",
    "TierBy",
    "Tiers",
    "calculate_commissions",
    "reverse_commission",
]
