"""Attributes: what goods are like, by name, in words that nobody prescribes."""

from collections.abc import Mapping

from mktcore.errors import InvalidValue
from mktcore.goods.safe_text import MAX_NAME, check_text

__all__ = ["check_attributes", "copy_attributes"]

# Far above what any category asks, and low enough that one record stays one small document.
MAX_ATTRIBUTES = 200
MAX_ATTRIBUTE = 2_000


def check_attributes(type: str, field: str, attributes: Mapping[str, str]) -> None:  # noqa: A002 - as in InvalidValue
    """Refuse attributes that are too many, too long, or without a name.

    Raises:
        InvalidValue: They are.
    """
    if len(attributes) > MAX_ATTRIBUTES:
        raise InvalidValue(type, field, len(attributes), f"{MAX_ATTRIBUTES} attributes at most")
    for name, value in attributes.items():
        check_text(type, field, name, longest=MAX_NAME, required=True)
        check_text(type, f"{field}[{name}]", value, longest=MAX_ATTRIBUTE)


def copy_attributes(attributes: Mapping[str, str]) -> dict[str, str]:
    """Return a copy, so that what was given may change and the record does not."""
    return dict(attributes)
