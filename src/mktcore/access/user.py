"""Users: the persons and integrations that act for a party."""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import ClassVar

import attrs

from mktcore.access.permissions import PARTY_PERMISSIONS, Permission, Role, find_excess
from mktcore.access.show_extra import show_extra
from mktcore.errors import InvalidValue, Refused
from mktcore.extra import NO_EXTRA, Extra
from mktcore.ids import check_id
from mktcore.notice import Notice
from mktcore.persistence import Kind, Party, Scope

__all__ = ["USERS", "User", "UserKind", "UserRefused", "check_user", "find_permissions"]


class UserKind(StrEnum):
    """Who acts."""

    PERSON = "person"
    INTEGRATION = "integration"
    """A program with API credentials of its own, scoped to one party."""


def _to_texts(texts: Iterable[str]) -> frozenset[str]:
    return frozenset(map(str, texts))


@attrs.frozen
class User:
    """A person or integration acting for the operator, a merchant or a buyer.

    Who it is (password, key, single sign-on) is the host's to check; what it may do is said here.

    Attributes:
        id: Its id, unlike that of any user of any party.
        party: The kind of party it acts for.
        party_id: Which one; empty for the operator.
        name: As colleagues see it.
        kind: A person, or an integration.
        roles: Ids of roles of its kind of party.
        permissions: What it may do beside its roles.
        is_active: Whether it may do anything at all.
        version: How often it was stored.
        extra: The host's own data.
    """

    id: str
    party: Party
    party_id: str = ""
    name: str = attrs.field(default="", kw_only=True)
    kind: UserKind = attrs.field(default=UserKind.PERSON, kw_only=True)
    roles: frozenset[str] = attrs.field(default=frozenset(), converter=_to_texts, kw_only=True)
    permissions: frozenset[str] = attrs.field(default=frozenset(), converter=_to_texts, kw_only=True)
    is_active: bool = attrs.field(default=True, kw_only=True)
    version: int = attrs.field(default=0, kw_only=True)
    extra: Extra = attrs.field(default=NO_EXTRA, kw_only=True)

    def __attrs_post_init__(self) -> None:
        check_id("user", self.id)
        if bool(self.party_id) is (self.party is Party.OPERATOR):
            raise InvalidValue("User", "party_id", self.party_id, "the party's id, and none for the operator")

    def view_for(self, scope: Scope) -> "User":
        """Return what the caller may see of the host's data."""
        owners = {
            Party.OPERATOR: {},
            Party.MERCHANT: {"merchant": self.party_id},
            Party.BUYER: {"buyer": self.party_id},
        }
        return attrs.evolve(self, extra=show_extra(self.extra, scope, **owners[self.party]))


USERS = Kind(
    "user_account",
    User,
    columns={
        # The operator's users belong to no party: neither merchants nor buyers read them.
        "merchant": lambda user: user.party_id if user.party is Party.MERCHANT else None,
        "buyer": lambda user: user.party_id if user.party is Party.BUYER else None,
        "party": lambda user: user.party,
        "state": lambda user: "active" if user.is_active else "inactive",
    },
    together=(
        ("merchant", "state"),
        ("buyer", "state"),
        ("party", "state"),
        ("merchant", "party"),
        ("buyer", "party"),
        ("merchant", "party", "state"),
        ("buyer", "party", "state"),
    ),
    merchant="merchant",
    buyer="buyer",
    fixed=("merchant", "buyer"),
    reads=Permission.USERS,
    view=User.view_for,
)
"""Users are written by `Access.save_user`, which lets nobody grant what it does not hold: no party writes them here."""


@attrs.define(eq=False, slots=False)
class UserRefused(Refused):
    """A user that its creator may not create or change so; every reason is listed."""

    code: ClassVar[str] = "parties.user-refused"


def find_permissions(user: User, roles: Mapping[str, Role]) -> frozenset[str]:
    """Return all that a user may do: what its roles let it, and its own permissions. An inactive user: nothing.

    Args:
        user: The user.
        roles: The roles there are, by id; one that is missing grants nothing.
    """
    if not user.is_active:
        return frozenset()
    # A role that was stored anew for another kind of party grants nothing any more.
    granted = [roles[name].permissions for name in user.roles if name in roles and roles[name].party is user.party]
    return user.permissions.union(*granted)


def check_user(user: User, roles: Mapping[str, Role], by: Scope) -> None:
    """Let a user pass who may do no more than the one who creates or changes it.

    >>> acme = Scope.merchant("acme")
    >>> check_user(User("u1", Party.MERCHANT, "acme", permissions=["orders.read"]), {}, acme)

    Raises:
        UserRefused: It is to hold more than its creator, a role that is not there or not for its party, or more than
            any user of its kind of party may.
    """
    UserRefused.raise_if([*_check_roles(user, roles), *_check_excess(user, roles, by)])


def _check_roles(user: User, roles: Mapping[str, Role]) -> Iterable[Notice]:
    fitting = sorted(name for name, role in roles.items() if role.party is user.party)
    for name in sorted(user.roles):
        if name not in fitting:
            remedy = f"define the role, or choose one of: {', '.join(fitting)}"
            message = f"there is no role {name!r} for users of a {user.party}"
            yield Notice("parties.unknown-role", "roles", message, remedy=remedy, operands={"role": name})


def _check_excess(user: User, roles: Mapping[str, Role], by: Scope) -> Iterable[Notice]:
    # Active or not: what it may hold is judged when it is granted, not on the day it is switched on.
    wanted = find_permissions(attrs.evolve(user, is_active=True), roles)
    for permission in sorted(find_excess(wanted, user.party)):
        message = f"no user of a {user.party} may do {permission}"
        yield Notice(
            "parties.beyond-party", "permissions", message, remedy="leave it out", operands={"permission": permission}
        )
    caller = by.caller
    # The operator itself can grant what it does not hold as a user, or nobody could be the first administrator.
    if caller.permissions is None and caller.party is Party.OPERATOR:
        return
    held = PARTY_PERMISSIONS[caller.party] if caller.permissions is None else caller.permissions
    for permission in sorted(wanted - held - find_excess(wanted, user.party)):
        message = f"whoever may not do {permission} cannot grant it"
        remedy = "leave it out, or let somebody who may do it create the user"
        yield Notice(
            "parties.beyond-creator", "permissions", message, remedy=remedy, operands={"permission": permission}
        )
