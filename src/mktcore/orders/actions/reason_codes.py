"""Reason codes: why something was asked for or refused, in a word that programs tell apart."""

import re
from typing import ClassVar

import attrs

from mktcore.errors import InvalidValue
from mktcore.orders.actions.action import EVERY_PARTY, Action
from mktcore.persistence import Party

__all__ = ["ReasonedAction", "check_code"]

_CODE = re.compile(r"[a-z0-9][a-z0-9._-]{0,59}")


def check_code(action: object, field: "attrs.Attribute[str | None]", code: str | None) -> None:
    """Refuse what is no reason code, such as `"found-cheaper"`; an attrs validator.

    Raises:
        InvalidValue: It is none.
    """
    if code is not None and not (isinstance(code, str) and _CODE.fullmatch(code)):
        reason = "1 to 60 lower-case letters, digits and . _ -, such as found-cheaper"
        raise InvalidValue(type(action).__name__, field.name, code, reason)


@attrs.frozen
class ReasonedAction(Action):
    """Base of an action that may say why, in a word; buyer and merchant both see the word.

    Attributes:
        code: Why, in a word: `"found-cheaper"`.
    """

    shown_to: ClassVar[frozenset[Party]] = EVERY_PARTY
    code: str | None = attrs.field(default=None, validator=check_code)
