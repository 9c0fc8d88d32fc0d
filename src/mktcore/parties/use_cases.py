"""Administering the parties: users and roles, relations, who takes all buyers, and the right to sell."""

from collections.abc import Callable, Iterator
from typing import Protocol, TypeVar

import attrs

from mktcore.access import DEFAULT_ROLES, ROLES, USERS, Permission, Role, User, check_permission
from mktcore.access.user import check_user, find_permissions
from mktcore.clock import Clock
from mktcore.errors import Notice
from mktcore.extra import NO_EXTRA
from mktcore.parties.events import MembershipChanged, RelationChanged, SellingRightsChanged, UserChanged
from mktcore.parties.onboarding.membership import MEMBERSHIPS, Activity, Membership, check_activity, start_membership
from mktcore.parties.organisations.buyer import BUYERS, Buyer
from mktcore.parties.organisations.merchant import MERCHANTS, Merchant
from mktcore.parties.relations.relation import RELATIONS, Relation, can_order, to_relation_id
from mktcore.parties.selling_rights.rights import SELLING_RIGHTS, SellingRights, opt_in, opt_out
from mktcore.persistence import (
    EVERY_MERCHANT,
    Committing,
    NotFound,
    Outbox,
    Page,
    Party,
    Pause,
    Repositories,
    Scope,
    Store,
    put,
    run_unit,
)

__all__ = ["AdministeringUnit", "MembershipChange", "Parties"]

R = TypeVar("R")


class AdministeringUnit(Repositories, Outbox, Committing, Protocol):
    """What administering needs of a unit of work."""


@attrs.frozen
class MembershipChange:
    """A membership after a change, and what of the change was ignored because the caller may not write it."""

    membership: Membership
    ignored: tuple[Notice, ...] = ()


@attrs.frozen
class Parties:
    """Who there is, and who may deal with whom. Every call takes the scope of who asks, and checks its permission.

    Attributes:
        store: Where parties are kept.
        clock: Tells the time.
        pause: Waits before a unit that lost against another transaction is tried again.
    """

    store: Store[AdministeringUnit]
    clock: Clock
    pause: Pause | None = None

    def as_user(self, user: str) -> Scope:
        """Return the scope of a user: its party, what its roles let it do, and whom a buyer can order from.

        Ask again when the user returns: what was granted meanwhile is not in a scope that was made before.

        Raises:
            NotFound: There is no such user, or it is inactive.
        """
        with self.store.begin(Scope.operator()) as unit:
            found = unit.repository(USERS).find(user)
            if found is None or not found.is_active:
                raise NotFound("user", user)
            held = find_permissions(found, _find_roles(unit))
            merchants = _find_merchants(unit, found.party_id) if found.party is Party.BUYER else frozenset[str]()
        return Scope(found.party, found.party_id, found.id, permissions=held, merchants=merchants)

    def see_related(self, scope: Scope) -> Scope:
        """Return a buyer's scope that knows whom it can order from, and so sees what they show to related buyers."""
        if scope.party is not Party.BUYER:
            return scope
        with self.store.begin(Scope.operator()) as unit:
            return attrs.evolve(scope, merchants=_find_merchants(unit, scope.id))

    def save_role(self, role: Role, *, scope: Scope) -> Role:
        """Store a role, new or changed; the operator's.

        Raises:
            PermissionDenied: The caller may not define roles.
            StaleVersion: Somebody else changed it.
        """
        check_permission(scope, Permission.ROLES)
        return self._do(scope, lambda unit: put(unit, ROLES, role))

    def find_roles(self, *, scope: Scope) -> tuple[Role, ...]:
        """Return the roles for users of the caller's kind of party; the operator sees all."""
        with self.store.begin(scope) as unit:
            found = _find_roles(unit).values()
        return tuple(role for role in found if scope.party in {Party.OPERATOR, role.party})

    def save_user(self, user: User, *, scope: Scope) -> User:
        """Create a user of the caller's party, or change one; the operator may do it for any party.

        Raises:
            PermissionDenied: The caller may not write users.
            UserRefused: It would hold more than the caller does, or held more before.
            ExtraRefused: It writes host data that the caller is not shown.
            NotFound: It belongs to another party.
            StaleVersion: Somebody else changed it.
        """
        check_permission(scope, Permission.USERS)

        def save(unit: AdministeringUnit) -> User:
            roles, before = _find_roles(unit), unit.repository(USERS).find(user.id)
            for one in (user, *(() if before is None else (before,))):
                if scope.party is not Party.OPERATOR and (one.party, one.party_id) != (scope.party, scope.id):
                    raise NotFound("user", user.id)
                check_user(one, roles, scope)
            extra = user.extra.keep_hidden(NO_EXTRA if before is None else before.extra, scope.party)
            stored = put(unit, USERS, attrs.evolve(user, extra=extra))
            columns = {"merchant": USERS.columns["merchant"](user), "buyer": USERS.columns["buyer"](user)}
            whose = {name: None if value is None else str(value) for name, value in columns.items()}
            told = UserChanged(
                subject=user.id, at=self.clock.now(), roles=user.roles, is_active=user.is_active, **whose
            )
            unit.publish([told])
            return stored.view_for(scope)

        return self._do(scope, save)

    def page_users(self, *, scope: Scope, after: str | None = None, limit: int = 100) -> Page[User]:
        """Return a page of the users of the caller's party; the operator sees all."""
        check_permission(scope, Permission.USERS)
        with self.store.begin(scope) as unit:
            page = unit.repository(USERS).page(after=after, limit=limit)
        return Page(tuple(user.view_for(scope) for user in page.items), page.next)

    def save_buyer(self, buyer: Buyer, *, scope: Scope) -> Buyer:
        """Store a buyer's record, new or changed; the operator's.

        Raises:
            PermissionDenied: The caller may not.
        """
        check_permission(scope, Permission.RELATIONS)
        return self._do(scope, lambda unit: put(unit, BUYERS, buyer))

    def get_buyer(self, buyer: str, *, scope: Scope) -> Buyer:
        """Return a buyer's record, as the operator or the buyer itself may see it.

        Raises:
            NotFound: There is none for this caller.
        """
        with self.store.begin(scope) as unit:
            return unit.repository(BUYERS).get(buyer).view_for(scope)

    def get_merchant(self, merchant: str, *, scope: Scope) -> Merchant:
        """Return a merchant's record, as the caller may see it.

        Raises:
            NotFound: There is none.
        """
        with self.store.begin(scope) as unit:
            return unit.repository(MERCHANTS).get(merchant).view_for(scope)

    def relate(self, buyer: str, merchant: str, *, scope: Scope) -> Relation:
        """Let a buyer order from a merchant; relating twice is harmless.

        Raises:
            PermissionDenied: The caller is not the operator, or its user may not write relations.
            NotFound: There is no such merchant.
        """
        check_permission(scope, Permission.RELATIONS)

        def write(unit: AdministeringUnit) -> Relation:
            unit.repository(MERCHANTS).get(merchant)
            found = unit.repository(RELATIONS).find(to_relation_id(buyer, merchant))
            if found is not None:
                return found
            stored = unit.repository(RELATIONS).add(Relation.of(buyer, merchant))
            unit.publish([self._tell_relation(stored, is_related=True)])
            return stored

        return self._do(scope, write)

    def unrelate(self, buyer: str, merchant: str, *, scope: Scope) -> None:
        """End a relation; carts simulated and placed from now on are refused. Ending one that is not there is harmless.

        Raises:
            PermissionDenied: The caller is not the operator, or its user may not write relations.
        """
        check_permission(scope, Permission.RELATIONS)

        def write(unit: AdministeringUnit) -> None:
            found = unit.repository(RELATIONS).find(to_relation_id(buyer, merchant))
            if found is not None:
                unit.repository(RELATIONS).remove(found)
                unit.publish([self._tell_relation(found, is_related=False)])

        self._do(scope, write)

    def page_relations(
        self, *, scope: Scope, merchant: str | None = None, after: str | None = None, limit: int = 100
    ) -> Page[Relation]:
        """Return a page of relations: a merchant's own buyers, a buyer's own merchants, the operator's all."""
        with self.store.begin(scope) as unit:
            where = {} if merchant is None else {"merchant": merchant}
            return unit.repository(RELATIONS).page(where, after=after, limit=limit)

    def find_sellers(self, buyer: str, *, scope: Scope) -> tuple[Merchant, ...]:
        """Return the merchants that a buyer can order from, in the order of their ids.

        Raises:
            NotFound: The caller is neither the operator nor this buyer.
        """
        if not scope.covers(buyer=buyer):
            raise NotFound("buyer", buyer)
        with self.store.begin(scope.to_operator()) as unit:
            return tuple(merchant.view_for(scope) for merchant in _stream_sellers(unit, buyer))

    def check_activity(self, scope: Scope, activity: Activity) -> None:
        """Let the caller pass unless it is a merchant that may not do this in the present state of its life.

        Raises:
            ActivityRefused: It may not.
        """
        if scope.party is Party.MERCHANT:
            with self.store.begin(scope.to_operator()) as unit:
                membership = unit.repository(MEMBERSHIPS).find(scope.id)
            check_activity(membership, activity, self.clock.now())

    def change_membership(self, merchant: str, *, all_buyers_can_order: bool, scope: Scope) -> MembershipChange:
        """Say whether every buyer can order from a merchant. Only the operator writes it: others' writes are ignored.

        Returns:
            The membership as it stands, and what was ignored.

        Raises:
            NotFound: There is no such merchant, or it is not the caller.
        """

        def write(unit: AdministeringUnit) -> MembershipChange:
            found = self._get_membership(unit, merchant, scope)
            if found.all_buyers_can_order == all_buyers_can_order:
                return MembershipChange(found)
            if scope.party is not Party.OPERATOR:
                return MembershipChange(found, (_describe_ignored(),))
            check_permission(scope, Permission.RELATIONS)
            changed = attrs.evolve(found, all_buyers_can_order=all_buyers_can_order)
            told = MembershipChanged(subject=merchant, at=self.clock.now(), merchant=merchant, state=changed.state)
            unit.publish([told])
            return MembershipChange(put(unit, MEMBERSHIPS, changed))

        return self._do(scope, write)

    def get_membership(self, merchant: str, *, scope: Scope) -> Membership:
        """Return a merchant's membership, as the operator or the merchant itself may see it.

        Raises:
            NotFound: There is no such merchant, or it is not the caller.
        """
        with self.store.begin(scope.to_operator()) as unit:
            return self._get_membership(unit, merchant, scope)

    def save_selling_rights(self, rights: SellingRights, *, scope: Scope) -> SellingRights:
        """Say who may sell a product; the operator's to write.

        Raises:
            PermissionDenied: The caller is not the operator, or its user may not.
            ColumnFixed: The owner is not the one that was stored.
            StaleVersion: Somebody else changed it.
        """
        check_permission(scope, Permission.MERCHANTS)
        return self._do(scope, lambda unit: self._put_rights(unit, rights))

    def opt_in(self, product: str, *, scope: Scope, merchant: str | None = None) -> SellingRights:
        """Let a merchant sell a product: it opts in itself, or the operator names it and opts it in.

        Raises:
            NotOpenToMerchants: The product is a merchant's own, or the merchant opts in and it is not open to all.
            NotFound: The product has no selling rights, or the caller is a buyer.
            PermissionDenied: The caller's user may not.
        """
        return self._opt(product, scope, merchant, opt_in_not_out=True)

    def opt_out(self, product: str, *, scope: Scope, merchant: str | None = None) -> SellingRights:
        """Let a merchant sell a product no more; its offers stay, and are refused in new orders.

        Raises:
            NotFound: The product has no selling rights, or the caller is a buyer.
            PermissionDenied: The caller's user may not.
        """
        return self._opt(product, scope, merchant, opt_in_not_out=False)

    def _opt(self, product: str, scope: Scope, merchant: str | None, *, opt_in_not_out: bool) -> SellingRights:
        is_operator = scope.party is Party.OPERATOR
        if scope.party is Party.BUYER or (not is_operator and merchant not in {None, scope.id}):
            raise NotFound("product", product)
        check_permission(scope, Permission.SELLING)
        if is_operator and merchant is None:
            raise NotFound("merchant", "")
        who = scope.id if merchant is None else merchant

        def write(unit: AdministeringUnit) -> SellingRights:
            rights = unit.repository(SELLING_RIGHTS).find(product)
            if rights is None or (rights.owner is not None and not is_operator and rights.owner != who):
                raise NotFound("product", product)
            changed = opt_in(rights, who, by_operator=is_operator) if opt_in_not_out else opt_out(rights, who)
            return rights if changed == rights else self._put_rights(unit, changed)

        return _show_rights(self._do(scope, write), scope)

    def _put_rights(self, unit: AdministeringUnit, rights: SellingRights) -> SellingRights:
        unit.publish([SellingRightsChanged(subject=rights.id, at=self.clock.now(), merchant=rights.owner)])
        return put(unit, SELLING_RIGHTS, rights)

    def _get_membership(self, unit: AdministeringUnit, merchant: str, scope: Scope) -> Membership:
        if not scope.covers(merchant=merchant):
            raise NotFound("merchant", merchant)
        found = unit.repository(MEMBERSHIPS).find(merchant)
        if found is not None:
            return found
        unit.repository(MERCHANTS).get(merchant)
        return start_membership(merchant, now=self.clock.now(), by=scope)

    def _tell_relation(self, relation: Relation, *, is_related: bool) -> RelationChanged:
        return RelationChanged(
            subject=relation.id,
            at=self.clock.now(),
            merchant=relation.merchant,
            buyer=relation.buyer,
            is_related=is_related,
        )

    def _do(self, scope: Scope, write: Callable[[AdministeringUnit], R]) -> R:
        return run_unit(self.store, scope.to_operator(), write, pause=self.pause)


def _find_roles(unit: AdministeringUnit) -> dict[str, Role]:
    stored = {role.id: role for role in unit.repository(ROLES).stream()}
    return {role.id: role for role in DEFAULT_ROLES} | stored


def _find_merchants(unit: AdministeringUnit, buyer: str) -> frozenset[str]:
    """Return whom a buyer can order from: every merchant by a star while all of them take all buyers."""
    if not unit.repository(MEMBERSHIPS).count({"takes": "related"}):
        return EVERY_MERCHANT
    return frozenset(merchant.id for merchant in _stream_sellers(unit, buyer))


def _stream_sellers(unit: AdministeringUnit, buyer: str) -> Iterator[Merchant]:
    related = frozenset(found.id for found in unit.repository(RELATIONS).find_where("buyer", [buyer]))
    after: str | None = ""
    while after is not None:
        page = unit.repository(MERCHANTS).page(after=after or None, limit=500)
        memberships = unit.repository(MEMBERSHIPS).find_many([merchant.id for merchant in page.items])
        for merchant in page.items:
            if can_order(buyer, merchant.id, memberships.get(merchant.id), related):
                yield merchant
        after = page.next


def _show_rights(rights: SellingRights, scope: Scope) -> SellingRights:
    """Return what the caller may see: a merchant learns of no other merchant that was let in."""
    if scope.party is Party.OPERATOR or rights.owner == scope.id:
        return rights
    own = frozenset({scope.id})
    default = rights.default_merchant if rights.default_merchant == scope.id else None
    return attrs.evolve(
        rights, default_merchant=default, admitted=rights.admitted & own, opted_in=rights.opted_in & own
    )


def _describe_ignored() -> Notice:
    field = "all_buyers_can_order"
    return Notice(
        "parties.write-ignored", field, f"{field} stays as it is: the operator alone writes it", "ask the operator"
    )
