"""Letting a merchant do only what the present state of its life allows, on behalf of every other context."""

from datetime import datetime

from mktcore.parties.onboarding.allowed_activities import Activity, check_activity
from mktcore.parties.onboarding.membership import MEMBERSHIPS
from mktcore.persistence import Party, Repositories, Scope

__all__ = ["check_caller"]


def check_caller(unit: Repositories, scope: Scope, activity: Activity, *, now: datetime) -> None:
    """Let the caller pass unless it is a merchant that may not do this now.

    Args:
        unit: Under the operator's authority.
        scope: Who asks; the operator passes whatever the merchant's life is, or nobody could put things right.
        activity: What for.
        now: The instant (aware).

    Raises:
        ActivityRefused: It may not.
    """
    if scope.party is Party.MERCHANT:
        check_activity(unit.repository(MEMBERSHIPS).find(scope.id), activity, now)
