"""Who may sell which product, and whose offers an order may take."""

from mktcore.parties.selling_rights.events import SellingRightsChanged
from mktcore.parties.selling_rights.orderable_offers import Eligibility, gather_eligibility
from mktcore.parties.selling_rights.rights import (
    SELLING_RIGHTS,
    NotOpenToMerchants,
    RuleOutcome,
    SellingRights,
    SellingRule,
    find_rule,
    weigh_rules,
)
from mktcore.parties.selling_rights.use_cases import RightsToSell

__all__ = [
    "SELLING_RIGHTS",
    "Eligibility",
    "NotOpenToMerchants",
    "RightsToSell",
    "RuleOutcome",
    "SellingRights",
    "SellingRightsChanged",
    "SellingRule",
    "find_rule",
    "gather_eligibility",
    "weigh_rules",
]
