"""Addresses as values: where a line of an order goes, as far as it is known."""

import re
from collections.abc import Iterable

import attrs

from mktcore.errors import InvalidValue

__all__ = ["Address", "to_postal_key"]

MAX_LINES = 6
MAX_LINE = 200
_COUNTRY = re.compile(r"[A-Z]{2}")
_SUBDIVISION = re.compile(r"[A-Z]{2}-[A-Z0-9]{1,3}")
_POSTAL_CODE = re.compile(r"[A-Z0-9][A-Z0-9 -]{0,14}")


def to_postal_key(postal_code: str) -> str:
    """Return a postal code as codes are compared: without blanks and hyphens, which people leave out.

    >>> to_postal_key("SW1A 1AA"), to_postal_key("1000-205")
    ('SW1A1AA', '1000205')
    """
    return postal_code.replace(" ", "").replace("-", "")


def _to_code(text: str) -> str:
    return text.strip().upper()


def _to_lines(lines: Iterable[str]) -> tuple[str, ...]:
    # One text is an iterable of its letters.
    return (lines,) if isinstance(lines, str) else tuple(lines)


@attrs.frozen
class Address:
    """Where something goes. A country is enough to tell taxes; a label needs all of it.

    >>> home = Address("de", postal_code="10115", city="Berlin", lines=["Invalidenstr. 1"], name="Ann")
    >>> home.country, home.is_complete(), Address("US", subdivision="US-CA").is_complete()
    ('DE', True, False)

    Attributes:
        country: ISO 3166-1, two letters.
        postal_code: As the country writes it; empty where it is not known, or the country has none.
        subdivision: ISO 3166-2, with its country: `"US-CA"`; empty where it does not matter.
        city: Empty while it is not known.
        lines: Street and number and the like, six of 200 characters at most.
        name: Who receives it.
        company: Where it is received for one.
        phone: For the carrier.
        tax_number: Of the receiving company, as customs ask for it.

    Raises:
        InvalidValue: A code is none, a subdivision is of another country, or a text is too long.
    """

    country: str = attrs.field(converter=_to_code)
    postal_code: str = attrs.field(default="", kw_only=True, converter=_to_code)
    subdivision: str = attrs.field(default="", kw_only=True, converter=_to_code)
    city: str = attrs.field(default="", kw_only=True)
    lines: tuple[str, ...] = attrs.field(default=(), kw_only=True, converter=_to_lines)
    name: str = attrs.field(default="", kw_only=True)
    company: str = attrs.field(default="", kw_only=True)
    phone: str = attrs.field(default="", kw_only=True)
    tax_number: str = attrs.field(default="", kw_only=True)

    def __attrs_post_init__(self) -> None:
        check_codes("Address", self.country, self.subdivision)
        if self.postal_code and not _POSTAL_CODE.fullmatch(self.postal_code):
            raise InvalidValue("Address", "postal_code", self.postal_code, "up to 15 letters, digits, blanks, hyphens")
        if len(self.lines) > MAX_LINES:
            raise InvalidValue("Address", "lines", len(self.lines), f"{MAX_LINES} at most")
        for field in ("city", "name", "company", "phone", "tax_number"):
            _check_text(field, getattr(self, field))
        for line in self.lines:
            _check_text("lines", line)

    def is_complete(self) -> bool:
        """Tell whether a label can be written: a street and a city, of somebody."""
        return bool(self.lines and self.city and (self.name or self.company))

    def to_destination(self) -> "Address":
        """Return what taxes and delivery depend on, and nobody's name: country, subdivision and postal code."""
        return Address(self.country, postal_code=self.postal_code, subdivision=self.subdivision)


def check_codes(kind: str, country: str, subdivision: str) -> None:
    """Let codes of a country, and of a part of it, pass.

    Raises:
        InvalidValue: One has not its form, or they disagree.
    """
    if not _COUNTRY.fullmatch(country):
        raise InvalidValue(kind, "country", country, "two letters of ISO 3166-1, such as DE")
    if subdivision and not (_SUBDIVISION.fullmatch(subdivision) and subdivision.startswith(f"{country}-")):
        raise InvalidValue(kind, "subdivision", subdivision, f"of ISO 3166-2 and in {country}, such as {country}-01")


def _check_text(field: str, text: str) -> None:
    if len(text) > MAX_LINE or not text.isprintable():
        raise InvalidValue("Address", field, text, f"{MAX_LINE} printable characters at most")
