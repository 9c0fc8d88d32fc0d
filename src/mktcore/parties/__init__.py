"""The marketplace's parties: who they are, what they own, whom they deal with, and who may do what."""

from mktcore.parties.agreements.agreement import AGREEMENTS, Agreement
from mktcore.parties.agreements.use_cases import Agreements
from mktcore.parties.onboarding.allowed_activities import Activity, ActivityRefused, check_activity
from mktcore.parties.onboarding.membership import MEMBERSHIPS, Membership
from mktcore.parties.onboarding.use_cases import Onboarding
from mktcore.parties.organisations.buyer import Buyer
from mktcore.parties.organisations.identifiers import Identifier
from mktcore.parties.organisations.legal_profile import MerchantProfile
from mktcore.parties.organisations.merchant import MERCHANTS, Merchant
from mktcore.parties.organisations.rating_formula import rate_merchant
from mktcore.parties.relations.relation import Relation
from mktcore.parties.selling_rights.orderable_offers import Eligibility, gather_eligibility
from mktcore.parties.selling_rights.rights import SellingRights
from mktcore.parties.use_cases import Parties

__all__ = [
    "AGREEMENTS",
    "MEMBERSHIPS",
    "MERCHANTS",
    "Activity",
    "ActivityRefused",
    "Agreement",
    "Agreements",
    "Buyer",
    "Eligibility",
    "Identifier",
    "Membership",
    "Merchant",
    "MerchantProfile",
    "Onboarding",
    "Parties",
    "Relation",
    "SellingRights",
    "check_activity",
    "gather_eligibility",
    "rate_merchant",
]
