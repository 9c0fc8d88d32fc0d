"""How a merchant comes in, and where it is in its life on the marketplace."""

from mktcore.parties.onboarding.allowed_activities import ACTIVITIES, Activity, ActivityRefused, check_activity, may_do
from mktcore.parties.onboarding.events import MembershipChanged
from mktcore.parties.onboarding.invitation import INVITATIONS, Invitation, InvitationExpired, InvitationUsed
from mktcore.parties.onboarding.membership import MEMBERSHIPS, Membership
from mktcore.parties.onboarding.merchant_life import MERCHANT_LIFE
from mktcore.parties.onboarding.requirements import (
    DEFAULT_REQUIREMENTS,
    Requirement,
    RequirementProof,
    RequirementsMissing,
)
from mktcore.parties.onboarding.use_cases import Onboarding

__all__ = [
    "ACTIVITIES",
    "DEFAULT_REQUIREMENTS",
    "INVITATIONS",
    "MEMBERSHIPS",
    "MERCHANT_LIFE",
    "Activity",
    "ActivityRefused",
    "Invitation",
    "InvitationExpired",
    "InvitationUsed",
    "Membership",
    "MembershipChanged",
    "Onboarding",
    "Requirement",
    "RequirementProof",
    "RequirementsMissing",
    "check_activity",
    "may_do",
]
