"""What parties store and publish."""

from mktcore.access import ROLES, USERS, Role, User
from mktcore.parties.agreements.agreement import AGREEMENTS, Agreement
from mktcore.parties.events import (
    AgreementSigned,
    MembershipChanged,
    RelationChanged,
    SellingRightsChanged,
    UserChanged,
)
from mktcore.parties.onboarding.invitation import INVITATIONS, Invitation
from mktcore.parties.onboarding.membership import MEMBERSHIPS, Membership
from mktcore.parties.organisations.buyer import BUYERS, Buyer
from mktcore.parties.organisations.merchant import MERCHANTS, Merchant
from mktcore.parties.organisations.profile import PROFILES, MerchantProfile
from mktcore.parties.relations.relation import RELATIONS, Relation
from mktcore.parties.selling_rights.rights import SELLING_RIGHTS, SellingRights
from mktcore.persistence.stored import Stored

__all__ = ["STORED"]

STORED = (
    Stored("parties.merchant", 1, Merchant, kind=MERCHANTS),
    Stored("parties.buyer", 1, Buyer, kind=BUYERS),
    Stored("parties.user", 1, User, kind=USERS),
    Stored("parties.role", 1, Role, kind=ROLES),
    Stored("parties.relation", 1, Relation, kind=RELATIONS),
    Stored("parties.membership", 1, Membership, kind=MEMBERSHIPS),
    Stored("parties.selling-rights", 1, SellingRights, kind=SELLING_RIGHTS),
    Stored("parties.agreement", 1, Agreement, kind=AGREEMENTS),
    Stored("parties.merchant-profile", 1, MerchantProfile, kind=PROFILES),
    Stored("parties.invitation", 1, Invitation, kind=INVITATIONS),
    Stored("parties.agreement-signed", 1, AgreementSigned),
    Stored("parties.user-changed", 1, UserChanged),
    Stored("parties.relation-changed", 1, RelationChanged),
    Stored("parties.membership-changed", 1, MembershipChanged),
    Stored("parties.selling-rights-changed", 1, SellingRightsChanged),
)
