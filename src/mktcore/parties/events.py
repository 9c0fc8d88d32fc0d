"""What is told of parties: each event names the party that may learn of it; the operator learns of all."""

from typing import ClassVar

import attrs

from mktcore.events import Event
from mktcore.periods import Period

__all__ = ["AgreementSigned", "MembershipChanged", "RelationChanged", "SellingRightsChanged", "UserChanged"]


@attrs.frozen(kw_only=True)
class AgreementSigned(Event):
    """An agreement with a merchant was signed, or got an end because another follows it."""

    subject_kind: ClassVar[str] = "agreement"
    valid: Period


@attrs.frozen(kw_only=True)
class UserChanged(Event):
    """A user was created or changed."""

    subject_kind: ClassVar[str] = "user_account"
    roles: frozenset[str]
    is_active: bool


@attrs.frozen(kw_only=True)
class RelationChanged(Event):
    """A buyer can order from a merchant, or no longer can."""

    subject_kind: ClassVar[str] = "relation"
    is_related: bool


@attrs.frozen(kw_only=True)
class SellingRightsChanged(Event):
    """Who may sell a product was changed; told to its owner."""

    subject_kind: ClassVar[str] = "selling_rights"


@attrs.frozen(kw_only=True)
class MembershipChanged(Event):
    """A merchant's life went on, or its membership was changed in another way (`step` is empty then)."""

    subject_kind: ClassVar[str] = "membership"
    state: str
    step: str = ""
    reason: str = ""
