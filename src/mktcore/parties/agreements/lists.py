"""Agreements as a list."""

from mktcore.access.record_list import RecordList
from mktcore.parties.agreements.agreement import AGREEMENTS, Agreement

__all__ = ["AgreementList"]


class AgreementList(RecordList[Agreement]):
    """The agreements: the operator's all, a merchant's own."""

    kind, filters = AGREEMENTS, ("merchant", "starts", "ends")
