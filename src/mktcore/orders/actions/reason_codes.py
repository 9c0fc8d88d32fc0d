"""Reason codes: why something was asked for or refused, in a word that programs tell apart."""

import re
from typing import ClassVar

import attrs

from mktcore.errors import InvalidValue
from mktcore.orders.actions.action import EVERY_PARTY, Action
from mktcore.persistence import Party

__all__ = ["CODE_FORM", "ReasonedAction", "check_code", "is_code"]

CODE_FORM = "1 to 60 lower-case letters, digits and . _ -, such as found-cheaper"

_CODE = re.compile(r"[a-z0-9][a-z0-9._-]{0,59}")


def is_code(code: object) -> bool:
    """Tell whether something is a reason code, such as `"found-cheaper"`."""
    return isinstance(code, str) and _CODE.fullmatch(code) is not None


def check_code(action: object, field: "attrs.Attribute[str | None]", code: str | None) -> None:
    """Refuse what is no reason code, such as `"found-cheaper"`; an attrs validator.

    Raises:
        InvalidValue: It is none.
    """
    if code is not None and not is_code(code):
        raise InvalidValue(type(action).__name__, field.name, code, CODE_FORM)


@attrs.frozen
class ReasonedAction(Action):
    """Base of an action that may say why, in a word; buyer and merchant both see the word.

    Attributes:
        code: Why, in a word: `"found-cheaper"`.
    """

    shown_to: ClassVar[frozenset[Party]] = EVERY_PARTY
    code: str | None = attrs.field(default=None, validator=check_code)
