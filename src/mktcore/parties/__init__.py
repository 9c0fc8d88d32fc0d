"""The marketplace's parties: who they are, what they own, whom they deal with, and who may do what."""

from typing import TYPE_CHECKING

from mktcore.lazy import load_lazily
from mktcore.parties.access import check_buyer, check_named_user, check_party
from mktcore.parties.administering import AdministeringUnit, Changed, Parties
from mktcore.parties.agreement import (
    AGREEMENTS,
    Agreement,
    AgreementOverlap,
    CommissionTerms,
    DeliveryTerms,
    PaymentTerms,
    Selection,
    SupportTerms,
)
from mktcore.parties.buyer import BUYERS, Buyer, BuyerKind
from mktcore.parties.eligibility import Eligibility, gather_eligibility
from mktcore.parties.identifiers import Identifier, IdentifierKind, InvalidIdentifier
from mktcore.parties.invitation import INVITATIONS, Invitation, InvitationExpired, InvitationUsed
from mktcore.parties.membership import MEMBERSHIPS, MERCHANT_LIFE, Activity, ActivityRefused, Membership
from mktcore.parties.merchant import MAX_MERCHANT_ID_LENGTH, MERCHANTS, Merchant
from mktcore.parties.onboarding import Onboarding, OnboardingUnit
from mktcore.parties.ownership import Action, Asker, Owned, check_access, scope_rule
from mktcore.parties.permissions import (
    DEFAULT_ROLES,
    ROLES,
    Permission,
    PermissionDenied,
    Role,
    check_granted,
    check_permission,
)
from mktcore.parties.profile import PROFILES, Document, MerchantProfile
from mktcore.parties.relation import RELATIONS, Relation
from mktcore.parties.requirements import DEFAULT_REQUIREMENTS, FIRST_OFFERS, How, Requirement, RequirementsMissing
from mktcore.parties.selling import SELLING_RIGHTS, SellingRights
from mktcore.parties.signing import Agreements, SigningUnit
from mktcore.parties.users import USERS, User, UserKind, UserRefused
from mktcore.unit_of_work import Party, Scope

if TYPE_CHECKING:
    from mktcore.parties.rating import Rating, RatingFormula, TrackRecord, rate_merchant

__all__ = [
    "AGREEMENTS",
    "BUYERS",
    "DEFAULT_REQUIREMENTS",
    "DEFAULT_ROLES",
    "FIRST_OFFERS",
    "INVITATIONS",
    "MAX_MERCHANT_ID_LENGTH",
    "MEMBERSHIPS",
    "MERCHANTS",
    "MERCHANT_LIFE",
    "PROFILES",
    "RELATIONS",
    "ROLES",
    "SELLING_RIGHTS",
    "USERS",
    "Action",
    "Activity",
    "ActivityRefused",
    "AdministeringUnit",
    "Agreement",
    "AgreementOverlap",
    "Agreements",
    "Asker",
    "Buyer",
    "BuyerKind",
    "Changed",
    "CommissionTerms",
    "DeliveryTerms",
    "Document",
    "Eligibility",
    "How",
    "Identifier",
    "IdentifierKind",
    "InvalidIdentifier",
    "Invitation",
    "InvitationExpired",
    "InvitationUsed",
    "Membership",
    "Merchant",
    "MerchantProfile",
    "Onboarding",
    "OnboardingUnit",
    "Owned",
    "Parties",
    "Party",
    "PaymentTerms",
    "Permission",
    "PermissionDenied",
    "Rating",
    "RatingFormula",
    "Relation",
    "Requirement",
    "RequirementsMissing",
    "Role",
    "Scope",
    "Selection",
    "SellingRights",
    "SigningUnit",
    "SupportTerms",
    "TrackRecord",
    "User",
    "UserKind",
    "UserRefused",
    "check_access",
    "check_buyer",
    "check_granted",
    "check_named_user",
    "check_party",
    "check_permission",
    "gather_eligibility",
    "rate_merchant",
    "scope_rule",
]

__getattr__ = load_lazily(
    __name__,
    {
        "Rating": "mktcore.parties.rating",
        "RatingFormula": "mktcore.parties.rating",
        "TrackRecord": "mktcore.parties.rating",
        "rate_merchant": "mktcore.parties.rating",
    },
)
