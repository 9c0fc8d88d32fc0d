"""What the marketplace takes of a sale."""

from mktcore.commissions.calculating import Commission, CommissionLine, calculate_commissions
from mktcore.commissions.rule import COMMISSION_RULES, CommissionBase, CommissionRule, Fixed, Percentage

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
