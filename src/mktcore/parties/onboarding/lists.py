"""Memberships and invitations as lists."""

from mktcore.access.record_list import RecordList
from mktcore.parties.onboarding.invitation import INVITATIONS, Invitation
from mktcore.parties.onboarding.membership import MEMBERSHIPS, Membership

__all__ = ["InvitationList", "MembershipList"]


class MembershipList(RecordList[Membership]):
    """Where the merchants stand in their lives: the operator's all, a merchant's own."""

    kind, filters = MEMBERSHIPS, ("merchant", "state")


class InvitationList(RecordList[Invitation]):
    """The invitations; the operator's."""

    kind, filters = INVITATIONS, ("for_merchant",)
