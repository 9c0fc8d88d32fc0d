"""What a merchant's membership says: the state of its life, and whether every buyer can order from it."""

from datetime import datetime

import attrs

from mktcore.access import Permission, check_permission
from mktcore.notice import Notice
from mktcore.parties.onboarding.allowed_activities import Activity
from mktcore.parties.onboarding.check_merchant_activity import check_caller
from mktcore.parties.onboarding.events import MembershipChanged
from mktcore.parties.onboarding.lists import MembershipList
from mktcore.parties.onboarding.membership import MEMBERSHIPS, Membership, start_membership
from mktcore.parties.organisations.merchant import MERCHANTS
from mktcore.persistence import NotFound, Party, Repositories, Scope, WritingUnit, put
from mktcore.runtime import Runtime
from mktcore.telemetry import watched

__all__ = ["MembershipOutcome", "Memberships", "get_membership"]


@attrs.frozen
class MembershipOutcome:
    """A membership after a change, and what of the change was ignored because the caller may not write it."""

    membership: Membership
    ignored: tuple[Notice, ...] = ()


# Without slots, because `Parties` is made of several classes like this one, each with the same field.
@watched
@attrs.frozen(slots=False)
class Memberships:
    """The memberships of merchants; the steps of their lives are `Onboarding`'s."""

    runtime: Runtime[WritingUnit]

    @property
    def memberships(self) -> MembershipList:
        """Where merchants stand in their lives, as a list."""
        return MembershipList(self.runtime)

    def get_membership(self, merchant: str, *, scope: Scope) -> Membership:
        """Return a merchant's membership, as the operator or the merchant itself may see it.

        Raises:
            NotFound: There is no such merchant, or it is not the caller.
        """
        now = self.runtime.now()
        found = self.runtime.read(
            scope.to_operator(), lambda unit: get_membership(unit, merchant, scope=scope, now=now)
        )
        return found.view_for(scope)

    def change_membership(self, merchant: str, *, all_buyers_can_order: bool, scope: Scope) -> MembershipOutcome:
        """Say whether every buyer can order from a merchant. Only the operator writes it: others' writes are ignored.

        Returns:
            The membership as it stands, and what was ignored.

        Raises:
            NotFound: There is no such merchant, or it is not the caller.
        """

        def write(unit: WritingUnit) -> MembershipOutcome:
            now = self.runtime.now()
            found = get_membership(unit, merchant, scope=scope, now=now)
            if found.all_buyers_can_order == all_buyers_can_order:
                return MembershipOutcome(found.view_for(scope))
            # Ignored and not refused: a merchant that sends its whole record back need not leave this field out.
            if scope.party is not Party.OPERATOR:
                return MembershipOutcome(found.view_for(scope), (_describe_ignored(),))
            check_permission(scope, Permission.RELATIONS)
            changed = attrs.evolve(found, all_buyers_can_order=all_buyers_can_order)
            unit.publish([MembershipChanged(subject=merchant, at=now, merchant=merchant, state=changed.state)])
            return MembershipOutcome(put(unit, MEMBERSHIPS, changed))

        # A merchant of before memberships gets its record by the first change: two may be the first.
        return self.runtime.run(scope.to_operator(), write, contested=[MEMBERSHIPS])

    def check_activity(self, scope: Scope, activity: Activity) -> None:
        """Let the caller pass unless it is a merchant that may not do this in the present state of its life.

        Raises:
            ActivityRefused: It may not.
        """
        now = self.runtime.now()
        # Only a merchant has such a life: anybody else is spared the read.
        if scope.party is Party.MERCHANT:
            self.runtime.read(scope.to_operator(), lambda unit: check_caller(unit, scope, activity, now=now))


def get_membership(unit: Repositories, merchant: str, *, scope: Scope, now: datetime) -> Membership:
    """Return a merchant's membership; a new one, not stored yet, for a merchant that was there before anybody kept one.

    Args:
        unit: Under the operator's authority.
        merchant: Whose.
        scope: Who asks.
        now: The instant (aware).

    Raises:
        NotFound: There is no such merchant, or it is not the caller.
    """
    if not scope.covers(merchant=merchant):
        raise NotFound("merchant", merchant)
    found = unit.repository(MEMBERSHIPS).find(merchant)
    if found is not None:
        return found
    # Being asked about makes nobody a member: a merchant that is not there is not found.
    unit.repository(MERCHANTS).get(merchant)
    return start_membership(merchant, now=now, by=scope)


def _describe_ignored() -> Notice:
    field = "all_buyers_can_order"
    return Notice(
        "parties.write-ignored",
        field,
        f"{field} stays as it is: the operator alone writes it",
        remedy="ask the operator",
    )
