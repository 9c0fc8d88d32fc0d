"""What is told of agreements: the merchant that signed one learns of it."""

from datetime import datetime
from typing import ClassVar, Self

import attrs

from mktcore.events import Event
from mktcore.parties.agreements.agreement import Agreement
from mktcore.periods import Period

__all__ = ["AgreementSigned"]


@attrs.frozen(kw_only=True)
class AgreementSigned(Event):
    """An agreement with a merchant was signed, or got an end because another follows it."""

    subject_kind: ClassVar[str] = "agreement"
    valid: Period

    @classmethod
    def of(cls, agreement: Agreement, at: datetime) -> Self:
        """Tell of an agreement as it was stored."""
        return cls(subject=agreement.id, at=at, merchant=agreement.merchant, valid=agreement.valid)
