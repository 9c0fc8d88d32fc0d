"""The marketplace's parties: who they are, what they own, whom they deal with, and who may do what."""

from mktcore.parties.access import check_buyer, check_party
from mktcore.parties.administering import AdministeringUnit, Changed, Parties
from mktcore.parties.buyer import BUYERS, Buyer, BuyerKind
from mktcore.parties.eligibility import Eligibility, gather_eligibility
from mktcore.parties.membership import MEMBERSHIPS, MERCHANT_LIFE, Activity, ActivityRefused, Membership
from mktcore.parties.merchant import MERCHANTS, Merchant
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
from mktcore.parties.relation import RELATIONS, NoRelation, Relation
from mktcore.parties.selling import SELLING_RIGHTS, SellingRights
from mktcore.parties.users import USERS, User, UserKind, UserRefused
from mktcore.unit_of_work import Party, Scope

__all__ = [
    "BUYERS",
    "DEFAULT_ROLES",
    "MEMBERSHIPS",
    "MERCHANTS",
    "MERCHANT_LIFE",
    "RELATIONS",
    "ROLES",
    "SELLING_RIGHTS",
    "USERS",
    "Action",
    "Activity",
    "ActivityRefused",
    "AdministeringUnit",
    "Asker",
    "Buyer",
    "BuyerKind",
    "Changed",
    "Eligibility",
    "Membership",
    "Merchant",
    "NoRelation",
    "Owned",
    "Parties",
    "Party",
    "Permission",
    "PermissionDenied",
    "Relation",
    "Role",
    "Scope",
    "SellingRights",
    "User",
    "UserKind",
    "UserRefused",
    "check_access",
    "check_buyer",
    "check_granted",
    "check_party",
    "check_permission",
    "gather_eligibility",
    "scope_rule",
]
