"""What a merchant may do in each state of its life, and the refusal of the rest."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import ClassVar

import attrs

from mktcore.errors import ErrorCategory, MktcoreError
from mktcore.parties.onboarding.membership import Membership

__all__ = ["ACTIVITIES", "Activity", "ActivityRefused", "check_activity", "may_do"]


class Activity(StrEnum):
    """What a merchant does on the marketplace."""

    ONBOARD = "onboard"
    """Hand in identifiers and documents, attest, ask for review."""
    EDIT = "edit"
    """Prepare items, offers and prices; nobody can buy them yet."""
    SELL = "sell"
    """Be in new orders."""
    FULFIL = "fulfil"
    """Finish open orders."""
    BE_PAID = "be paid"
    """Receive payouts."""


ACTIVITIES: Mapping[str, frozenset[Activity]] = {
    "invited": frozenset(),
    "registered": frozenset({Activity.ONBOARD, Activity.EDIT}),
    "in review": frozenset({Activity.ONBOARD, Activity.EDIT}),
    "approved": frozenset({Activity.ONBOARD, Activity.EDIT}),
    "active": frozenset(Activity),
    # What is open is finished and paid; nothing new is sold.
    "suspended": frozenset({Activity.ONBOARD, Activity.EDIT, Activity.FULFIL, Activity.BE_PAID}),
    "blocked": frozenset(),
    # What was earned is still paid out.
    "terminated": frozenset({Activity.BE_PAID}),
}
"""What a merchant may do in each state of its life."""


@attrs.define(eq=False, slots=False)
class ActivityRefused(MktcoreError):
    """Something that a merchant may not do in the present state of its life."""

    error_category: ClassVar[ErrorCategory] = ErrorCategory.REFUSED
    code: ClassVar[str] = "parties.activity-refused"
    remedy: ClassVar[str] = "wait for the end of that state, or ask the operator to change it"
    merchant: str
    activity: str
    state: str

    def describe(self) -> str:
        """Name the merchant, its state and what it may not do."""
        return f"merchant {self.merchant} is {self.state} and may not {self.activity}"


def may_do(membership: Membership | None, activity: Activity, now: datetime) -> bool:
    """Tell whether a merchant may do something now; one without a membership is active."""
    return membership is None or activity in ACTIVITIES[membership.state_at(now)]


def check_activity(membership: Membership | None, activity: Activity, now: datetime) -> None:
    """Let a merchant pass that may do this now.

    Raises:
        ActivityRefused: It may not in the state of its life.
    """
    if membership is not None and not may_do(membership, activity, now):
        raise ActivityRefused(membership.id, activity, membership.state_at(now))
