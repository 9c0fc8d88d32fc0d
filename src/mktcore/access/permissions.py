"""Permissions and roles: what a party's user may do."""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import ClassVar

import attrs

from mktcore.errors import ErrorCategory, InvalidValue, MktcoreError
from mktcore.ids import check_id
from mktcore.persistence import Kind, Party, Scope

__all__ = [
    "DEFAULT_ROLES",
    "PARTY_PERMISSIONS",
    "ROLES",
    "Permission",
    "PermissionDenied",
    "Role",
    "check_granted",
    "check_operator",
    "check_permission",
    "find_excess",
]


class Permission(StrEnum):
    """What this library asks for; a host may use any other text beside them."""

    USERS = "users.write"
    """Create and change users of one's own party."""
    READ_ORDERS = "orders.read"
    PLACE_ORDERS = "orders.place"
    """Simulate and place carts."""
    CHANGE_ORDERS = "orders.change"
    """Fire the buyer's and the operator's events of a marketplace order: ask to cancel, ask to return."""
    FULFIL_ORDERS = "orders.fulfil"
    """Fire the events of a merchant order: ship, deliver, cancel."""
    CATALOG = "catalog.write"
    OFFERS = "offers.write"
    PRICES = "prices.write"
    STOCK = "stock.write"
    PROMOTIONS = "promotions.write"
    FINANCE = "finance.read"
    """Read the books of one's own party: balances, commission, statements, payouts."""
    LEDGER = "ledger.write"
    """Post to the books, hold, set limits."""
    COMMISSIONS = "commissions.write"
    """Write the rules by which the marketplace takes commission."""
    AGREEMENTS = "agreements.read"
    ONBOARDING = "onboarding.write"
    """Hand in documents and identifiers, attest, ask for review."""
    RELATIONS = "relations.write"
    """Say which buyers can order from which merchants."""
    SELLING = "selling.write"
    """Opt in to products, and out."""
    MERCHANTS = "merchants.write"
    """Invite, review, approve, suspend, block merchants; sign agreements."""
    ROLES = "roles.write"
    MARKET = "market.write"
    """Load the marketplace, run its workers."""


_EVERYTHING = frozenset(str(permission) for permission in Permission)
_BUYER = frozenset(
    map(
        str,
        (
            Permission.USERS,
            Permission.READ_ORDERS,
            Permission.PLACE_ORDERS,
            Permission.CHANGE_ORDERS,
            Permission.FINANCE,
        ),
    )
)
_SELLS = (Permission.CATALOG, Permission.OFFERS, Permission.PRICES, Permission.STOCK, Permission.PROMOTIONS)
_INTEGRATION = frozenset(map(str, (Permission.READ_ORDERS, Permission.FULFIL_ORDERS, *_SELLS)))
_MERCHANT = _INTEGRATION | frozenset(
    map(
        str,
        (Permission.USERS, Permission.FINANCE, Permission.AGREEMENTS, Permission.ONBOARDING, Permission.SELLING),
    )
)

PARTY_PERMISSIONS: Mapping[Party, frozenset[str]] = {
    Party.OPERATOR: _EVERYTHING,
    Party.MERCHANT: _MERCHANT,
    Party.BUYER: _BUYER,
}
"""The most that this library lets a user of each kind of party hold, beside the host's own permissions."""


def _to_texts(texts: Iterable[str]) -> frozenset[str]:
    return frozenset(map(str, texts))


@attrs.frozen
class Role:
    """A named set of permissions for users of one kind of party.

    >>> packer = Role("packer", Party.MERCHANT, [Permission.READ_ORDERS, Permission.FULFIL_ORDERS])
    >>> sorted(packer.permissions)
    ['orders.fulfil', 'orders.read']

    Attributes:
        id: Its name.
        party: The kind of party whose users may have it.
        permissions: What its users may do.
        version: How often it was stored.

    Raises:
        InvalidValue: It holds a permission of this library that no user of such a party may have.
    """

    id: str
    party: Party
    permissions: frozenset[str] = attrs.field(converter=_to_texts)
    version: int = attrs.field(default=0, kw_only=True)

    def __attrs_post_init__(self) -> None:
        check_id("role", self.id)
        beyond = sorted(find_excess(self.permissions, self.party))
        if beyond:
            raise InvalidValue("Role", "permissions", beyond, f"only what a {self.party} may do")


def find_excess(permissions: Iterable[str], party: Party) -> frozenset[str]:
    """Return the permissions of this library that no user of such a party may have."""
    return (frozenset(permissions) & _EVERYTHING) - PARTY_PERMISSIONS[party]


DEFAULT_ROLES = (
    Role("operator-admin", Party.OPERATOR, _EVERYTHING),
    Role("operator-support", Party.OPERATOR, [Permission.READ_ORDERS, Permission.CHANGE_ORDERS]),
    Role("merchant-admin", Party.MERCHANT, _MERCHANT),
    Role("merchant-fulfilment", Party.MERCHANT, [Permission.READ_ORDERS, Permission.FULFIL_ORDERS, Permission.STOCK]),
    Role("merchant-finance", Party.MERCHANT, [Permission.READ_ORDERS, Permission.FINANCE, Permission.AGREEMENTS]),
    Role("buyer-admin", Party.BUYER, _BUYER),
    Role("buyer-purchaser", Party.BUYER, [Permission.READ_ORDERS, Permission.PLACE_ORDERS]),
    Role("integration", Party.MERCHANT, _INTEGRATION),
)
"""The roles there are when nobody stored any; a stored role of the same id takes the place of one of these."""

ROLES = Kind("role", Role, columns={"party": lambda role: role.party}, reads=Permission.ROLES)
"""The operator's; a party is told of the roles for its own users."""


@attrs.define(eq=False, slots=False)
class PermissionDenied(MktcoreError):
    """A user asked for what its roles do not let it do. It says nothing of any record."""

    error_category: ClassVar[ErrorCategory] = ErrorCategory.FORBIDDEN
    code: ClassVar[str] = "parties.permission-denied"
    remedy: ClassVar[str] = "ask an administrator of the party for a role that has the permission"
    party: str
    user: str | None
    permission: str

    def describe(self) -> str:
        """Name the user and the permission."""
        who = f"user {self.user} of {self.party}" if self.user else self.party
        return f"{who} may not do {self.permission}"


def check_granted(scope: Scope, permission: str) -> None:
    """Let a user pass who holds the permission, and any party that asks for itself.

    For what the rules of records and processes keep from other kinds of party anyway.

    Raises:
        PermissionDenied: The caller's user does not hold it.
    """
    if not scope.allows(permission):
        raise PermissionDenied(str(scope.caller), scope.caller.user, str(permission))


def check_permission(scope: Scope, permission: str) -> None:
    """Let a caller pass who holds the permission.

    >>> check_permission(Scope.merchant("acme"), Permission.FULFIL_ORDERS)
    >>> clerk = Scope(Party.MERCHANT, "acme", "u1", permissions=frozenset({"orders.read"}))
    >>> check_permission(clerk, Permission.FULFIL_ORDERS)
    Traceback (most recent call last):
    mktcore.access.permissions.PermissionDenied: user u1 of merchant:acme may not do orders.fulfil (ask an ...)

    Raises:
        PermissionDenied: The caller's user does not hold it, or no user of its kind of party may.
    """
    caller = scope.caller
    held = caller.permissions
    if held is None:
        held = PARTY_PERMISSIONS[caller.party]
        # A party asks for itself: it holds what its kind may, and whatever permissions the host made up.
        if permission in held or permission not in _EVERYTHING:
            return
    if permission not in held:
        raise PermissionDenied(str(caller), caller.user, str(permission))


def check_operator(scope: Scope, permission: str) -> None:
    """Let the operator's user pass who holds a permission that merchants may hold too: what is done is the operator's.

    Raises:
        PermissionDenied: The caller's user does not hold it, or the caller is another party.
    """
    check_permission(scope, permission)
    if scope.party is not Party.OPERATOR:
        raise PermissionDenied(str(scope.caller), scope.caller.user, str(permission))
