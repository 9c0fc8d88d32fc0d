"""Reason codes: why something was asked for or refused, in a word that programs tell apart."""

import re

import attrs

from mktcore.errors import InvalidValue

__all__ = ["check_code"]

_CODE = re.compile(r"[a-z0-9][a-z0-9._-]{0,59}")


def check_code(action: object, field: "attrs.Attribute[str | None]", code: str | None) -> None:
    """Refuse what is no reason code, such as `"found-cheaper"`; an attrs validator.

    Raises:
        InvalidValue: It is none.
    """
    if code is not None and not (isinstance(code, str) and _CODE.fullmatch(code)):
        reason = "1 to 60 lower-case letters, digits and . _ -, such as found-cheaper"
        raise InvalidValue(type(action).__name__, field.name, code, reason)
