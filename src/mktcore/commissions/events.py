"""What is told of commission rules, to the operator."""

from typing import ClassVar

import attrs

from mktcore.events import Event

__all__ = ["CommissionRuleChanged"]


@attrs.frozen(kw_only=True)
class CommissionRuleChanged(Event):
    """A commission rule was stored or archived; `number` is its version."""

    subject_kind: ClassVar[str] = "commission_rule"
    number: int
