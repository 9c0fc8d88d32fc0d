"""What is told of a merchant's life: the merchant learns of its own."""

from datetime import datetime
from typing import ClassVar, Self

import attrs

from mktcore.events import Event
from mktcore.parties.onboarding.membership import Membership

__all__ = ["MembershipChanged"]


@attrs.frozen(kw_only=True)
class MembershipChanged(Event):
    """A merchant's life went on, or its membership was changed in another way (`step` is empty then)."""

    subject_kind: ClassVar[str] = "membership"
    state: str
    step: str = ""
    reason: str = ""

    @classmethod
    def of(cls, membership: Membership, at: datetime, *, step: str = "") -> Self:
        """Tell of a membership as it stands after a step, or after a change that is none."""
        return cls(
            subject=membership.id,
            at=at,
            merchant=membership.id,
            state=membership.state,
            step=step,
            reason=membership.reason,
        )
