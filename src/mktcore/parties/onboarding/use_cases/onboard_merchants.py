"""Onboarding: a merchant is invited, comes in, meets what is asked of it, and its life takes its steps."""

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import partial

import attrs

from mktcore.access import USERS, Permission, User, check_permission
from mktcore.access.events import UserChanged
from mktcore.clock import to_utc
from mktcore.errors import InvalidValue
from mktcore.notice import Notice
from mktcore.parties.onboarding.allowed_activities import Activity, check_activity
from mktcore.parties.onboarding.events import MembershipChanged
from mktcore.parties.onboarding.invitation import INVITATIONS, Invitation, accept_invitation
from mktcore.parties.onboarding.lists import InvitationList
from mktcore.parties.onboarding.membership import MEMBERSHIPS, Membership, move_membership, start_membership
from mktcore.parties.onboarding.merchant_life import MERCHANT_LIFE
from mktcore.parties.onboarding.requirements import (
    Requirement,
    RequirementsMissing,
    answer_requirement,
    compute_from_profile,
    find_missing,
)
from mktcore.parties.onboarding.use_cases.merchant_memberships import get_membership
from mktcore.parties.organisations.legal_profile import PROFILES, MerchantProfile, find_shared_numbers
from mktcore.parties.organisations.lists import ProfileList
from mktcore.parties.organisations.merchant import MERCHANTS, Merchant
from mktcore.persistence import NotFound, Party, Repositories, Scope, UniqueViolation, WritingUnit, put
from mktcore.processes.allowed_events import AllowedEvents, try_event
from mktcore.runtime import Runtime
from mktcore.telemetry import watched

__all__ = ["Computed", "Onboarding"]

FIRST_ROLE = "merchant-admin"
# In the EU a marketplace has to state its reasons for these (Regulation 2019/1150, Article 4).
_WITH_REASON = frozenset({"suspend", "block", "terminate", "send back"})

Computed = Mapping[str, Callable[[Repositories, str], bool]]
"""Requirements met by what is stored in other contexts: a function of the unit and the merchant, by requirement."""


@watched
@attrs.frozen
class Onboarding:
    """The life of merchants.

    Attributes:
        runtime: Where they are kept, what time it is, and how invitations are called.
        requirements: What the marketplace asks.
        computed: How requirements that other contexts know of are computed.
    """

    runtime: Runtime[WritingUnit]
    requirements: tuple[Requirement, ...]
    computed: Computed

    @property
    def invitations(self) -> InvitationList:
        """The invitations, as a list."""
        return InvitationList(self.runtime)

    @property
    def profiles(self) -> ProfileList:
        """The merchants' legal sides, as a list."""
        return ProfileList(self.runtime)

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

        def write(unit: WritingUnit) -> Invitation:
            membership = unit.repository(MEMBERSHIPS).find(merchant.id)
            # Again while nobody came in: the first invitation may be lost or have expired.
            if membership is not None and membership.state != "invited":
                raise UniqueViolation("merchant", ("id",), (merchant.id,))
            if membership is None:
                new = start_membership(merchant.id, now=self.runtime.now(), by=scope, state="invited")
                # Before the merchant: inviting the same one at once is told apart from inviting one that is there.
                unit.repository(MEMBERSHIPS).add(new)
                unit.repository(MERCHANTS).add(merchant)
                self._publish(unit, new, "")
            invitation = Invitation(self.runtime.ids.new_id("invitation"), merchant.id, address, expires_at=expires_at)
            return unit.repository(INVITATIONS).add(invitation)

        return self.runtime.run(scope.to_operator(), write, contested=[MEMBERSHIPS])

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

        def write(unit: WritingUnit) -> User:
            now = self.runtime.now()
            found = accept_invitation(unit.repository(INVITATIONS).get(invitation), user, now)
            by = Scope.merchant(found.merchant, user=user)
            unit.repository(INVITATIONS).save(found)
            membership = unit.repository(MEMBERSHIPS).get(found.merchant)
            self._save(unit, move_membership(membership, "register", now=now, by=by), "register")
            new = User(user, Party.MERCHANT, found.merchant, name=name, roles=[FIRST_ROLE])
            unit.publish([UserChanged.of(new, now)])
            # Added, never saved: an invitation must not take over a user that exists.
            return unit.repository(USERS).add(new)

        # Whoever presents an invitation has no scope yet: the invitation itself is what lets it in.
        return self.runtime.run(Scope.operator(), write)

    def revoke(self, invitation: str, *, scope: Scope) -> None:
        """Take an invitation back, whether or not it was accepted: nobody comes in by it any more; the operator's.

        Raises:
            PermissionDenied: The caller is not the operator, or its user may not.
            NotFound: There is no such invitation.
        """
        check_permission(scope, Permission.MERCHANTS)

        def write(unit: WritingUnit) -> None:
            unit.repository(INVITATIONS).remove(unit.repository(INVITATIONS).get(invitation))

        self.runtime.run(scope.to_operator(), write)

    def save_profile(self, profile: MerchantProfile, *, scope: Scope) -> MerchantProfile:
        """Store a merchant's legal side, new or changed.

        Raises:
            NotFound: The caller is neither the operator nor this merchant, or there is no such merchant.
            PermissionDenied: The caller's user may not.
            ActivityRefused: The merchant may not do this in the present state of its life.
            StaleVersion: Somebody else changed it.
        """

        def write(unit: WritingUnit) -> MerchantProfile:
            membership = self._get(unit, profile.id, scope)
            self._check_onboarding(membership, scope)
            return put(unit, PROFILES, profile)

        check_permission(scope, Permission.ONBOARDING)
        return self.runtime.run(scope.to_operator(), write)

    def find_profile(self, merchant: str, *, scope: Scope) -> MerchantProfile | None:
        """Return a merchant's legal side, for the operator and the merchant itself; None for anybody else."""
        check_permission(scope, Permission.ONBOARDING)
        return self.runtime.read(scope, lambda unit: unit.repository(PROFILES).find(merchant))

    def answer_requirement(
        self, merchant: str, requirement: str, how: str, *, scope: Scope, reason: str = ""
    ) -> Membership:
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
            PermissionDenied, ActivityRefused: The caller may not answer in this way.
        """
        check_permission(scope, Permission.ONBOARDING if how == "attested" else Permission.MERCHANTS)
        found = next((one for one in self.requirements if one.id == requirement), None)
        if found is None:
            raise NotFound("requirement", requirement)

        def write(unit: WritingUnit) -> Membership:
            membership = self._get(unit, merchant, scope)
            self._check_onboarding(membership, scope)
            changed = answer_requirement(membership, found, how, by=scope, now=self.runtime.now(), reason=reason)
            return self._save(unit, changed, "")

        return self.runtime.run(scope.to_operator(), write, contested=[MEMBERSHIPS]).view_for(scope)

    def find_missing(self, merchant: str, step: str, *, scope: Scope) -> tuple[Notice, ...]:
        """Return every requirement that a step of the merchant's life still waits for.

        Raises:
            NotFound: There is no such merchant for this caller.
            PermissionDenied: The caller's user may not.
        """
        check_permission(scope, Permission.ONBOARDING)

        def read(unit: WritingUnit) -> tuple[Notice, ...]:
            return self._find_missing(unit, self._get(unit, merchant, scope), step)

        return self.runtime.read(scope.to_operator(), read)

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
        _check_may_move(scope)
        if step in _WITH_REASON and not reason.strip():
            raise InvalidValue("Membership", "reason", reason, f"to {step} a merchant needs a reason")
        now = self.runtime.now()
        if until is not None and (step != "suspend" or to_utc(until) <= now):
            raise InvalidValue("Membership", "until", until, "only a suspension ends by itself, and in the future")

        def write(unit: WritingUnit) -> Membership:
            membership = self._get(unit, merchant, scope)
            # Not the instant of above: a life that began just now, or moved while this waited, goes on after that.
            at = self.runtime.now()
            moved = move_membership(membership, step, now=at, by=scope, reason=reason, until=until)
            # After the step itself: one that is impossible from here is refused as such, whatever is missing.
            RequirementsMissing.raise_if(self._find_missing(unit, membership, step))
            return self._save(unit, moved, step)

        return self.runtime.run(scope.to_operator(), write, contested=[MEMBERSHIPS]).view_for(scope)

    def allowed(self, merchant: str, *, scope: Scope) -> AllowedEvents:
        """Return which steps of a merchant's life the caller can take now, and why not the others.

        `facts` names a reason where `move` wants one. A step that waits for requirements tells all of them.

        Raises:
            NotFound: There is no such merchant for this caller.
        """
        now = self.runtime.now()

        def find(unit: WritingUnit) -> AllowedEvents:
            membership = self._get(unit, merchant, scope)

            def take(step: str) -> None:
                _check_may_move(scope)
                move_membership(membership, step, now=now, by=scope)
                RequirementsMissing.raise_if(self._find_missing(unit, membership, step))

            found = [try_event(event, partial(take, event.name)) for event in MERCHANT_LIFE.events]
            events = [attrs.evolve(one, facts=("reason",) if one.event in _WITH_REASON else ()) for one in found]
            return AllowedEvents(MEMBERSHIPS.name, merchant, asker=scope.to_party(), events=tuple(events))

        return self.runtime.read(scope.to_operator(), find)

    def _find_missing(self, unit: WritingUnit, membership: Membership, step: str) -> tuple[Notice, ...]:
        profile = unit.repository(PROFILES).find(membership.id)
        shared = find_shared_numbers(unit, profile)
        computed = compute_from_profile(profile, shared=shared)
        computed |= {name: compute(unit, membership.id) for name, compute in self.computed.items()}
        return find_missing(self.requirements, membership, computed, step=step, shared=shared)

    def _check_onboarding(self, membership: Membership, scope: Scope) -> None:
        if scope.party is Party.MERCHANT:
            check_activity(membership, Activity.ONBOARD, self.runtime.now())

    def _get(self, unit: Repositories, merchant: str, scope: Scope) -> Membership:
        return get_membership(unit, merchant, scope=scope, now=self.runtime.now())

    def _save(self, unit: WritingUnit, membership: Membership, step: str) -> Membership:
        self._publish(unit, membership, step)
        return put(unit, MEMBERSHIPS, membership)

    def _publish(self, unit: WritingUnit, membership: Membership, step: str) -> None:
        unit.publish([MembershipChanged.of(membership, self.runtime.now(), step=step)])


def _check_may_move(scope: Scope) -> None:
    check_permission(scope, Permission.ONBOARDING if scope.party is Party.MERCHANT else Permission.MERCHANTS)
