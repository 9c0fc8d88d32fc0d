"""Goods that come back by an action, and in which condition."""

import attrs

from mktcore.errors import InvalidValue
from mktcore.orders.actions.reason_codes import ReasonedAction
from mktcore.stock import ReturnCondition

__all__ = ["BringsBack"]


def _check_condition(
    action: object, field: "attrs.Attribute[ReturnCondition | None]", condition: ReturnCondition | None
) -> None:
    if condition is not None and not isinstance(condition, ReturnCondition):
        raise InvalidValue(type(action).__name__, field.name, condition, "a ReturnCondition")


@attrs.frozen
class BringsBack(ReasonedAction):
    """Base of an action by which pieces that left may come back.

    Attributes:
        code: Why, in a word.
        condition: In which condition they come back; sellable where it is not told.
    """

    condition: ReturnCondition | None = attrs.field(default=None, validator=_check_condition)
