"""Commission rules as a list."""

from mktcore.access.record_list import RecordList
from mktcore.commissions.commission_rule import COMMISSION_RULES, CommissionRule

__all__ = ["CommissionRuleList"]


class CommissionRuleList(RecordList[CommissionRule]):
    """The rules by which commission is taken; the operator's. `state` is `active` or `archived`."""

    kind, filters = COMMISSION_RULES, ("merchant", "category", "group", "state")
