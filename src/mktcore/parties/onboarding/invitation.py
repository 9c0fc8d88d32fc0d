"""Invitations: how a merchant's first user comes in."""

from datetime import datetime
from typing import ClassVar

import attrs

from mktcore.access import Permission
from mktcore.clock import to_utc
from mktcore.errors import ErrorCategory, MktcoreError
from mktcore.ids import check_id
from mktcore.persistence import Kind

__all__ = ["INVITATIONS", "Invitation", "InvitationExpired", "InvitationUsed", "accept_invitation"]


def _to_optional_utc(value: datetime | None) -> datetime | None:
    return None if value is None else to_utc(value)


@attrs.frozen
class Invitation:
    """Whoever presents its id before it expires becomes the merchant's first user. Sending it is the host's.

    Attributes:
        id: Its id: hard to guess, known to the one invited.
        merchant: Which merchant.
        address: Whom it was sent to.
        expires_at: From when on it is worthless, UTC.
        accepted_at: When it was used.
        user: The user it became.
        version: How often it was stored.
    """

    id: str
    merchant: str
    address: str
    expires_at: datetime = attrs.field(converter=to_utc, kw_only=True)
    accepted_at: datetime | None = attrs.field(default=None, converter=_to_optional_utc, kw_only=True)
    user: str | None = attrs.field(default=None, kw_only=True)
    version: int = attrs.field(default=0, kw_only=True)

    def __attrs_post_init__(self) -> None:
        check_id("invitation", self.id)
        check_id("merchant", self.merchant)


# No party's own: its id lets anybody in, so that only the operator may read it.
INVITATIONS = Kind(
    "invitation",
    Invitation,
    columns={"for_merchant": lambda invitation: invitation.merchant},
    reads=Permission.MERCHANTS,
)


@attrs.define(eq=False, slots=False)
class InvitationExpired(MktcoreError):
    """An invitation whose time is over."""

    error_category: ClassVar[ErrorCategory] = ErrorCategory.REFUSED
    code: ClassVar[str] = "parties.invitation-expired"
    remedy: ClassVar[str] = "ask the operator for a new one"
    invitation: str
    expired_at: datetime

    def describe(self) -> str:
        """Name the invitation and when it expired."""
        return f"invitation {self.invitation} expired at {self.expired_at.isoformat()}"


@attrs.define(eq=False, slots=False)
class InvitationUsed(MktcoreError):
    """An invitation that somebody accepted before."""

    error_category: ClassVar[ErrorCategory] = ErrorCategory.REFUSED
    code: ClassVar[str] = "parties.invitation-used"
    remedy: ClassVar[str] = "ask an administrator of the merchant for a user"
    invitation: str

    def describe(self) -> str:
        """Name the invitation."""
        return f"invitation {self.invitation} was accepted before"


def accept_invitation(invitation: Invitation, user: str, now: datetime) -> Invitation:
    """Return the invitation as accepted by a user.

    Raises:
        InvitationUsed: It was accepted before.
        InvitationExpired: Its time is over; the instant at which it expires is already too late.
    """
    if invitation.accepted_at is not None:
        raise InvitationUsed(invitation.id)
    if invitation.expires_at <= now:
        raise InvitationExpired(invitation.id, invitation.expires_at)
    return attrs.evolve(invitation, accepted_at=now, user=user)
