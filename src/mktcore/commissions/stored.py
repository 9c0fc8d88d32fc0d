"""What commissions store, and the figures that are stored inside rules."""

from mktcore.commissions.commission_rule import COMMISSION_RULES, CommissionRule
from mktcore.commissions.events import CommissionRuleChanged
from mktcore.commissions.fee_terms import Fixed, Percentage, Tiers
from mktcore.persistence.stored import Stored

__all__ = ["STORED"]

STORED = (
    Stored("commissions.commission-rule", 1, CommissionRule, kind=COMMISSION_RULES),
    Stored("commissions.percentage", 1, Percentage),
    Stored("commissions.fixed", 1, Fixed),
    Stored("commissions.tiers", 1, Tiers),
    Stored("commissions.commission-rule-changed", 1, CommissionRuleChanged),
)
