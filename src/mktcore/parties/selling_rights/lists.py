"""Rights to sell as a list."""

from mktcore.access.record_list import RecordList
from mktcore.parties.selling_rights.rights import SELLING_RIGHTS, SellingRights

__all__ = ["SellingRightsList"]


class SellingRightsList(RecordList[SellingRights]):
    """Who may sell what: the operator's all, a merchant's of what it owns."""

    kind, filters = SELLING_RIGHTS, ("owner",)
