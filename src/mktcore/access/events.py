"""What is told of access: the party that a user acts for may learn of it; the operator learns of all."""

from datetime import datetime
from typing import ClassVar, Self

import attrs

from mktcore.access.user import User
from mktcore.events import Event
from mktcore.persistence import Party

__all__ = ["UserChanged"]


@attrs.frozen(kw_only=True)
class UserChanged(Event):
    """A user was created or changed."""

    subject_kind: ClassVar[str] = "user_account"
    roles: frozenset[str]
    is_active: bool

    @classmethod
    def of(cls, user: User, at: datetime) -> Self:
        """Tell of a user as it was stored, to the party it acts for."""
        return cls(
            subject=user.id,
            at=at,
            merchant=user.party_id if user.party is Party.MERCHANT else None,
            buyer=user.party_id if user.party is Party.BUYER else None,
            roles=user.roles,
            is_active=user.is_active,
        )
