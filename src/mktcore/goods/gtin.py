"""GTINs: the numbers under bar codes, checked and brought to one form, so that equal goods have equal numbers."""

import re
from collections.abc import Iterable
from enum import StrEnum
from typing import ClassVar

import attrs

from mktcore.errors import MktcoreError

__all__ = ["Gtin", "InvalidGtin", "Restriction", "to_gtin", "to_gtins"]

MAX_TEXT = 40
"""Characters in a text that may be a GTIN, separators included."""
LENGTHS = frozenset({8, 12, 13, 14})
FULL_LENGTH = 14
_SEPARATORS = re.compile(r"[ \-]+")
_DIGITS = re.compile(r"[0-9]+")


class Restriction(StrEnum):
    """Why a GTIN does not say which goods it stands for, whoever uses it."""

    CIRCULATION = "restricted circulation"
    """Given by a shop, a company or a region to goods of its own: weighed fruit, a shop's own label."""
    COUPON = "coupon or receipt"
    EXAMPLE = "demonstration"
    """GS1 keeps it for examples."""


@attrs.define(eq=False, slots=False)
class InvalidGtin(MktcoreError):
    """A text that cannot be a GTIN: its characters, its length or its check digit are wrong."""

    code: ClassVar[str] = "catalog.invalid-gtin"
    remedy: ClassVar[str] = "copy all digits from under the bar code; spreadsheets drop leading zeros and round digits"
    text: str
    reason: str

    def describe(self) -> str:
        """Name the text and what is wrong with it."""
        return f"{self.text!r} is no GTIN: {self.reason}"


@attrs.frozen(order=True)
class Gtin:
    """A Global Trade Item Number whose check digit is right, in the one form of 14 digits.

    GTIN-8, GTIN-12 (UPC), GTIN-13 (EAN, ISBN, ISSN) and GTIN-14 are one number space: a shorter one stands in the
    longer form with zeros before it (GS1 General Specifications, 3.3.2). The first digit of a GTIN-14 from 1 to 9 is
    part of the number: a case of twelve is other goods than one bottle.

    >>> Gtin.parse("4548736133730")
    Gtin(digits='04548736133730')
    >>> Gtin.parse("0-36000-29145-2") == Gtin.parse("0036000291452")
    True
    >>> Gtin.parse("36000291453")
    Traceback (most recent call last):
    mktcore.goods.gtin.InvalidGtin: '36000291453' is no GTIN: 11 digits, not 8, 12, 13 or 14 (copy all digits ...)

    Attributes:
        digits: All 14.

    Raises:
        InvalidGtin: These are not 14 digits with a right check digit.
    """

    digits: str

    def __attrs_post_init__(self) -> None:
        digits = self.digits
        if not isinstance(digits, str) or len(digits) != FULL_LENGTH or not _DIGITS.fullmatch(digits):
            raise InvalidGtin(str(digits)[:MAX_TEXT], "not 14 digits")
        # Its check digit is right, and feeds write it for "none".
        if digits == "0" * FULL_LENGTH:
            raise InvalidGtin(digits, "nothing but zeros")
        expected = _compute_check_digit(digits[:-1])
        if digits[-1] != expected:
            raise InvalidGtin(digits.lstrip("0"), f"its check digit would be {expected}, not {digits[-1]}")

    @classmethod
    def parse(cls, text: str) -> "Gtin":
        """Return the GTIN that a text of 8, 12, 13 or 14 digits is; blanks and hyphens between them are dropped.

        Raises:
            InvalidGtin: It is none.
        """
        # Bounded before anything else looks at it: feeds put whole descriptions into the wrong column.
        if len(text) > MAX_TEXT:
            raise InvalidGtin(text[:MAX_TEXT], f"longer than {MAX_TEXT} characters")
        digits = _SEPARATORS.sub("", text.strip())
        if not _DIGITS.fullmatch(digits):
            raise InvalidGtin(text, "digits only" if digits else "it is empty")
        if len(digits) not in LENGTHS:
            raise InvalidGtin(text, f"{len(digits)} digits, not 8, 12, 13 or 14")
        return cls(digits.zfill(FULL_LENGTH))

    @classmethod
    def find(cls, text: str) -> "Gtin | None":
        """Return the GTIN that a text is, or None; for texts that may well be something else."""
        try:
            return cls.parse(text)
        except InvalidGtin:
            return None

    @property
    def restriction(self) -> Restriction | None:
        """Why it does not say which goods it stands for; None for a number that is unique in the world.

        >>> Gtin.parse("2012345000001").restriction
        <Restriction.CIRCULATION: 'restricted circulation'>
        """
        if self.digits.startswith("000000"):  # a GTIN-8, which has prefixes of its own
            return Restriction.CIRCULATION if self.digits[6] in {"0", "2"} else None
        prefix = self.digits[1:4]  # behind the indicator: what is in the case decides
        for restriction, first, last in _RESTRICTED:
            # All have three digits, so as texts they compare as numbers do.
            if first <= prefix <= last:
                return restriction
        return None

    @property
    def decides(self) -> bool:
        """Whether two equal numbers mean the same goods, and two different ones different goods."""
        return self.restriction is None

    def __str__(self) -> str:
        """Return it as printed under a bar code: the shortest of the four forms that holds it."""
        significant = len(self.digits.lstrip("0"))
        return self.digits[-min(length for length in LENGTHS if length >= significant) :]


_RESTRICTED = (
    (Restriction.CIRCULATION, "020", "029"),  # UPC number system 2
    (Restriction.CIRCULATION, "040", "049"),  # UPC number system 4
    (Restriction.COUPON, "050", "059"),
    (Restriction.CIRCULATION, "200", "299"),
    (Restriction.EXAMPLE, "952", "952"),
    (Restriction.COUPON, "980", "999"),
)
"""GS1 prefixes from first to last (GS1 General Specifications, 1.4.2)."""


def _compute_check_digit(digits: str) -> str:
    """Return the digit that makes the weighted sum a multiple of ten: weights 3, 1, 3, ... from the right."""
    values = [int(digit) for digit in digits]
    return str(-(3 * sum(values[::-2]) + sum(values[-2::-2])) % 10)


def to_gtin(value: Gtin | str | None) -> Gtin | None:
    """Return a GTIN, parsed where it comes as text; empty text is none."""
    return Gtin.parse(value) if isinstance(value, str) and value.strip() else value or None  # type: ignore[return-value]  # no text is left


def to_gtins(values: Iterable[Gtin | str]) -> tuple[Gtin, ...]:
    """Return GTINs, each once."""
    found = [Gtin.parse(value) if isinstance(value, str) else value for value in values]
    return tuple(dict.fromkeys(found))
