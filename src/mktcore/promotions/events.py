"""What is told of promotions: the event names the merchant that owns one; the operator learns of all."""

from typing import ClassVar

import attrs

from mktcore.events import Event

__all__ = ["PromotionChanged"]


@attrs.frozen(kw_only=True)
class PromotionChanged(Event):
    """A promotion was created, changed or removed; `number` is its version, 0 once it is removed."""

    subject_kind: ClassVar[str] = "promotion"
    number: int
