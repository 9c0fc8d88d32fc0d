"""Users and their roles, and the scope that a user asks under."""

from collections.abc import Callable, Iterator
from datetime import datetime
from itertools import islice

import attrs

from mktcore.access.events import UserChanged
from mktcore.access.lists import RoleList, UserList
from mktcore.access.permissions import DEFAULT_ROLES, ROLES, Permission, Role, check_permission
from mktcore.access.user import USERS, User, check_user, find_permissions
from mktcore.extra import NO_EXTRA
from mktcore.persistence import NotFound, Party, Repositories, Scope, WritingUnit, put
from mktcore.persistence.referrers import MAX_TOLD, Referrer, check_unreferred
from mktcore.runtime import Runtime
from mktcore.telemetry import watched

__all__ = ["Access", "CheckLife", "FindMerchants"]

# Relations between parties stand above access: whoever composes the marketplace says how they are looked up.
FindMerchants = Callable[[Repositories, str], frozenset[str]]
"""Finds the merchants that a buyer can order from, under the operator's authority."""


CheckLife = Callable[[Repositories, Scope, datetime], None]
"""Lets a caller pass whose life on the marketplace lets it keep users now, under the operator's authority."""


@watched
@attrs.frozen
class Access:
    """Who acts for which party, and what that lets them do. What changes something takes the scope of who asks.

    Attributes:
        runtime: Where users and roles are kept, and what time it is.
        find_merchants: Finds whom a buyer can order from.
        check_life: Lets pass who may keep users in the present state of its life.
    """

    runtime: Runtime[WritingUnit]
    find_merchants: FindMerchants
    check_life: CheckLife

    @property
    def users(self) -> UserList:
        """The users of the caller's party, as a list; the operator's is of all."""
        return UserList(self.runtime)

    @property
    def roles(self) -> RoleList:
        """The roles that were stored, as a list; the operator's."""
        return RoleList(self.runtime)

    def as_user(self, user: str) -> Scope:
        """Return the scope of a user: its party, what its roles let it do, and whom a buyer can order from.

        Ask again when the user returns: what was granted meanwhile is not in a scope that was made before.

        Raises:
            NotFound: There is no such user, or it is inactive.
        """

        def read(unit: WritingUnit) -> Scope:
            found = unit.repository(USERS).find(user)
            # Whoever asks in the name of a user that was switched off learns no more than of one that never was.
            if found is None or not found.is_active:
                raise NotFound("user", user)
            held = find_permissions(found, _list_roles(unit))
            merchants = self.find_merchants(unit, found.party_id) if found.party is Party.BUYER else frozenset[str]()
            return Scope(found.party, found.party_id, found.id, permissions=held, merchants=merchants)

        # Nobody asks yet: who the user is decides under which scope everything after this is read.
        return self.runtime.read(Scope.operator(), read)

    def see_related(self, scope: Scope) -> Scope:
        """Return a buyer's scope that knows whom it can order from, and so sees what they show to related buyers."""
        if scope.party is not Party.BUYER:
            return scope
        merchants = self.runtime.read(Scope.operator(), lambda unit: self.find_merchants(unit, scope.id))
        return attrs.evolve(scope, merchants=merchants)

    def save_role(self, role: Role, *, scope: Scope) -> Role:
        """Store a role, new or changed; the operator's.

        Raises:
            PermissionDenied: The caller may not define roles.
            StaleVersion: Somebody else changed it.
        """
        check_permission(scope, Permission.ROLES)
        return self.runtime.run(scope.to_operator(), lambda unit: put(unit, ROLES, role))

    def find_roles(self, *, scope: Scope) -> tuple[Role, ...]:
        """Return the roles for users of the caller's kind of party; the operator sees all."""
        # The operator's authority: which roles are for which party is asked here.
        found = self.runtime.read(scope.to_operator(), _list_roles).values()
        return tuple(role for role in found if scope.party in {Party.OPERATOR, role.party})

    def save_user(self, user: User, *, scope: Scope) -> User:
        """Create a user of the caller's party, or change one; the operator may do it for any party.

        Raises:
            PermissionDenied, ActivityRefused: The caller may not write users.
            UserRefused: It would hold more than the caller does, or held more before.
            ExtraRefused: It writes host data that the caller is not shown.
            NotFound: It belongs to another party, or is changed and not there.
            UniqueViolation: It is new, and the id is taken, whoever has it.
            StaleVersion: Somebody else changed it.
        """
        check_permission(scope, Permission.USERS)

        def write(unit: WritingUnit) -> User:
            roles = _list_roles(unit)
            # A new one is not compared with what is there: whether an id is taken reads alike whoever has it.
            before = unit.repository(USERS).get(user.id) if user.version else None
            given = (user,) if before is None else (before, user)
            if any(not scope.covers_party(one.party, one.party_id) for one in given):
                raise NotFound(USERS.name, user.id)
            # What it held before counts too: otherwise a user could strip one that may do more than itself.
            for one in given:
                check_user(one, roles, scope)
            self.check_life(unit, scope, self.runtime.now())
            extra = user.extra.keep_hidden(NO_EXTRA if before is None else before.extra, scope.party)
            stored = put(unit, USERS, attrs.evolve(user, extra=extra))
            unit.publish([UserChanged.of(user, self.runtime.now())])
            return stored.view_for(scope)

        return self.runtime.run(scope.to_operator(), write)

    def remove_role(self, role: Role, *, scope: Scope) -> None:
        """Remove a role that no user has; a stored one in the place of one that ships gives it back. The operator's.

        It reads every user once: a user has any number of roles.

        Raises:
            PermissionDenied: The caller may not define roles.
            NotFound: It was removed, or ships and was never stored.
            StaleVersion: Somebody changed it meanwhile.
            StillReferred: Users have it.
        """
        check_permission(scope, Permission.ROLES)

        def write(unit: WritingUnit) -> None:
            if all(role.id != one.id for one in DEFAULT_ROLES):
                check_unreferred(ROLES, role.id, _find_holders(unit, role.id))
            unit.repository(ROLES).remove(role)

        self.runtime.run(scope.to_operator(), write)


def _find_holders(unit: Repositories, role: str) -> Iterator[Referrer]:
    holders = (user.id for user in unit.repository(USERS).stream() if role in user.roles)
    return (Referrer(USERS.name, user) for user in islice(holders, MAX_TOLD))


def _list_roles(unit: Repositories) -> dict[str, Role]:
    """Return the roles there are, by id: those that ship, each unless a stored one takes its place."""
    stored = {role.id: role for role in unit.repository(ROLES).stream()}
    return {role.id: role for role in DEFAULT_ROLES} | stored
