"""What the marketplace takes of a sale."""

from mktcore.commissions.commission import Commission, CommissionLine, calculate_commissions
from mktcore.commissions.commission_rule import COMMISSION_RULES, CommissionBase, CommissionRule, Fixed, Percentage

__all__ = [
    "COMMISSION_RULES",
    "Commission",
    "CommissionBase",
    "CommissionLine",
    "CommissionRule",
    "Fixed",
    "Percentage",
    "calculate_commissions",
]
