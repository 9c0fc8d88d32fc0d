"""Who may do what with whose things: users, roles, permissions, ownership, and the checks that use cases make."""

from mktcore.access.ownership_matrix import check_access, scope_rule
from mktcore.access.party_checks import check_buyer, check_named_user, check_party
from mktcore.access.permissions import (
    DEFAULT_ROLES,
    ROLES,
    Permission,
    PermissionDenied,
    Role,
    check_granted,
    check_operator,
    check_permission,
)
from mktcore.access.use_cases import Access
from mktcore.access.user import USERS, User, UserKind, UserRefused

__all__ = [
    "DEFAULT_ROLES",
    "ROLES",
    "USERS",
    "Access",
    "Permission",
    "PermissionDenied",
    "Role",
    "User",
    "UserKind",
    "UserRefused",
    "check_access",
    "check_buyer",
    "check_granted",
    "check_named_user",
    "check_operator",
    "check_party",
    "check_permission",
    "scope_rule",
]
