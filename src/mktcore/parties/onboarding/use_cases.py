"""Onboarding: a merchant is invited, comes in, meets what is asked of it, and its life takes its steps."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Protocol, TypeVar

import attrs

from mktcore.access import USERS, Permission, User, check_permission
from mktcore.clock import Clock
from mktcore.errors import InvalidValue, Notice
from mktcore.ids import IdFactory
from mktcore.parties.events import MembershipChanged, UserChanged
from mktcore.parties.onboarding.invitation import INVITATIONS, Invitation, accept_invitation
from mktcore.parties.onboarding.membership import (
    MEMBERSHIPS,
    Activity,
    Membership,
    check_activity,
    move_membership,
    start_membership,
)
from mktcore.parties.onboarding.requirements import (
    Requirement,
    RequirementsMissing,
    answer_requirement,
    compute_from_profile,
    find_missing,
)
from mktcore.parties.organisations.merchant import MERCHANTS, Merchant
from mktcore.parties.organisations.profile import PROFILES, MerchantProfile
from mktcore.persistence import (
    Committing,
    NotFound,
    Outbox,
    Party,
    Pause,
    Repositories,
    Scope,
    Store,
    UniqueViolation,
    put,
    run_unit,
)

__all__ = ["Onboarding", "OnboardingUnit"]

FIRST_ROLE = "merchant-admin"
_WITH_REASON = frozenset({"suspend", "block", "terminate", "send back"})
R = TypeVar("R")


class OnboardingUnit(Repositories, Outbox, Committing, Protocol):
    """What onboarding needs of a unit of work."""


Computed = Mapping[str, Callable[[OnboardingUnit, str], bool]]
"""Requirements met by what is stored in other contexts: a function of the unit and the merchant, by requirement."""


@attrs.frozen
class Onboarding:
    """The life of merchants.

    Attributes:
        store: Where they are kept.
        clock: Tells the time.
        ids: Makes the ids of invitations.
        requirements: What the marketplace asks.
        computed: How requirements that other contexts know of are computed.
        pause: Waits before a unit that lost against another transaction is tried again.
    """

    store: Store[OnboardingUnit]
    clock: Clock
    ids: IdFactory
    requirements: tuple[Requirement, ...]
    computed: Computed
    pause: Pause | None = None

    def invite(self, merchant: Merchant, address: str, *, expires_at: datetime, scope: Scope) -> Invitation:
        """Invite a merchant, which is stored as `invited`; inviting again, while it is, makes another invitation.

        Args:
            merchant: The new merchant.
            address: Whom the host sends the invitation to.
            expires_at: From when on it is worthless (aware).
            scope: The operator.

        Raises:
            PermissionDenied: The caller is not the operator, or its user may not.
            UniqueViolation: There is such a merchant, and it is no longer invited.
        """
        check_permission(scope, Permission.MERCHANTS)

        def write(unit: OnboardingUnit) -> Invitation:
            membership = unit.repository(MEMBERSHIPS).find(merchant.id)
            if membership is not None and membership.state != "invited":
                raise UniqueViolation("merchant", ("id",), (merchant.id,))
            if membership is None:
                unit.repository(MERCHANTS).add(merchant)
                new = start_membership(merchant.id, now=self.clock.now(), by=scope, state="invited")
                unit.repository(MEMBERSHIPS).add(new)
                self._tell(unit, new, "")
            invitation = Invitation(self.ids.new_id("invitation"), merchant.id, address, expires_at)
            return unit.repository(INVITATIONS).add(invitation)

        return self._do(scope, write)

    def accept(self, invitation: str, *, user: str, name: str = "") -> User:
        """Let whoever presents an invitation in: create the merchant's first user, and register the merchant.

        Args:
            invitation: Its id.
            user: Id of the new user.
            name: Its name.

        Raises:
            NotFound: There is no such invitation.
            InvitationExpired: It came too late.
            InvitationUsed: It was accepted before.
            EventRefused: The merchant is no longer `invited`.
            UniqueViolation: The user's id is taken.
        """

        def write(unit: OnboardingUnit) -> User:
            now = self.clock.now()
            found = accept_invitation(unit.repository(INVITATIONS).get(invitation), user, now)
            by = Scope.merchant(found.merchant, user=user)
            unit.repository(INVITATIONS).save(found)
            membership = unit.repository(MEMBERSHIPS).get(found.merchant)
            self._save(unit, move_membership(membership, "register", now=now, by=by), "register")
            new = User(user, Party.MERCHANT, found.merchant, name, roles=[FIRST_ROLE])
            told = UserChanged(subject=user, at=now, merchant=found.merchant, roles=new.roles, is_active=True)
            unit.publish([told])
            return unit.repository(USERS).add(new)

        return self._do(Scope.operator(), write)

    def save_profile(self, profile: MerchantProfile, *, scope: Scope) -> MerchantProfile:
        """Store a merchant's legal side, new or changed.

        Raises:
            NotFound: The caller is neither the operator nor this merchant, or there is no such merchant.
            PermissionDenied: The caller's user may not.
            ActivityRefused: The merchant may not do this in the present state of its life.
            StaleVersion: Somebody else changed it.
        """

        def write(unit: OnboardingUnit) -> MerchantProfile:
            membership = self._get(unit, profile.id, scope)
            if scope.party is Party.MERCHANT:
                check_activity(membership, Activity.ONBOARD, self.clock.now())
            return put(unit, PROFILES, profile)

        check_permission(scope, Permission.ONBOARDING)
        return self._do(scope, write)

    def find_profile(self, merchant: str, *, scope: Scope) -> MerchantProfile | None:
        """Return a merchant's legal side, for the operator and the merchant itself; None for anybody else."""
        check_permission(scope, Permission.ONBOARDING)
        with self.store.begin(scope) as unit:
            return unit.repository(PROFILES).find(merchant)

    def answer(self, merchant: str, requirement: str, how: str, *, scope: Scope, reason: str = "") -> Membership:
        """Answer for a requirement: the merchant attests it; the operator reviews it, or waives it with a reason.

        Args:
            merchant: Whose.
            requirement: Its id.
            how: "attested", "reviewed" or "waived".
            scope: Who answers.
            reason: Why.

        Raises:
            InvalidValue: It is not met in this way, or is waived without a reason.
            NotFound: There is no such requirement, or no such merchant for this caller.
            PermissionDenied: The caller may not answer_requirement in this way.
        """
        check_permission(scope, Permission.ONBOARDING if how == "attested" else Permission.MERCHANTS)
        found = next((one for one in self.requirements if one.id == requirement), None)
        if found is None:
            raise NotFound("requirement", requirement)

        def write(unit: OnboardingUnit) -> Membership:
            membership = self._get(unit, merchant, scope)
            changed = answer_requirement(membership, found, how, by=scope, now=self.clock.now(), reason=reason)
            return self._save(unit, changed, "")

        return self._do(scope, write)

    def find_missing(self, merchant: str, step: str, *, scope: Scope) -> tuple[Notice, ...]:
        """Return every requirement that a step of the merchant's life still waits for.

        Raises:
            NotFound: There is no such merchant for this caller.
            PermissionDenied: The caller's user may not.
        """
        check_permission(scope, Permission.ONBOARDING)
        with self.store.begin(scope.to_operator()) as unit:
            return self._find_missing(unit, self._get(unit, merchant, scope), step)

    def move(
        self, merchant: str, step: str, *, scope: Scope, reason: str = "", until: datetime | None = None
    ) -> Membership:
        """Take a step of a merchant's life: "ask for review", "approve", "activate", "suspend", "block", ...

        Args:
            merchant: Whose life.
            step: An event of `MERCHANT_LIFE`.
            scope: Who takes it; most are the operator's.
            reason: Why; needed to suspend, block, terminate or send back.
            until: For a suspension: when it ends by itself (aware).

        Raises:
            RequirementsMissing: The step waits for requirements; every one is listed.
            EventRefused: There is no such step from here, or it is not this party's.
            InvalidValue: It needs a reason, or a suspension is to end in the past.
            NotFound: There is no such merchant for this caller.
            PermissionDenied: The caller's user may not.
        """
        check_permission(scope, Permission.ONBOARDING if scope.party is Party.MERCHANT else Permission.MERCHANTS)
        if step in _WITH_REASON and not reason.strip():
            raise InvalidValue("Membership", "reason", reason, f"to {step} a merchant needs a reason")
        now = self.clock.now()
        if until is not None and (step != "suspend" or until <= now):
            raise InvalidValue("Membership", "until", until, "only a suspension ends by itself, and in the future")

        def write(unit: OnboardingUnit) -> Membership:
            membership = self._get(unit, merchant, scope)
            moved = move_membership(membership, step, now=now, by=scope, reason=reason, until=until)
            RequirementsMissing.raise_if(self._find_missing(unit, membership, step))
            return self._save(unit, moved, step)

        return self._do(scope, write)

    def _find_missing(self, unit: OnboardingUnit, membership: Membership, step: str) -> tuple[Notice, ...]:
        computed = compute_from_profile(unit.repository(PROFILES).find(membership.id))
        computed |= {name: compute(unit, membership.id) for name, compute in self.computed.items()}
        return find_missing(self.requirements, membership, computed, step)

    def _get(self, unit: OnboardingUnit, merchant: str, scope: Scope) -> Membership:
        if not scope.covers(merchant=merchant):
            raise NotFound("merchant", merchant)
        found = unit.repository(MEMBERSHIPS).find(merchant)
        if found is not None:
            return found
        unit.repository(MERCHANTS).get(merchant)
        return start_membership(merchant, now=self.clock.now(), by=scope)

    def _save(self, unit: OnboardingUnit, membership: Membership, step: str) -> Membership:
        self._tell(unit, membership, step)
        return put(unit, MEMBERSHIPS, membership)

    def _tell(self, unit: OnboardingUnit, membership: Membership, step: str) -> None:
        told = MembershipChanged(
            subject=membership.id,
            at=self.clock.now(),
            merchant=membership.id,
            state=membership.state,
            step=step,
            reason=membership.reason,
        )
        unit.publish([told])

    def _do(self, scope: Scope, write: Callable[[OnboardingUnit], R]) -> R:
        return run_unit(self.store, scope.to_operator(), write, pause=self.pause)
