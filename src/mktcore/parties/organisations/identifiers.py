"""Identifiers of companies and accounts, checked as each country defines them (by python-stdnum)."""

from collections.abc import Callable, Mapping
from enum import StrEnum
from importlib import import_module
from typing import Any, ClassVar

import attrs

from mktcore.errors import MktcoreError

__all__ = ["Identifier", "IdentifierKind", "InvalidIdentifier", "NoSuchIdentifier"]

# The longest, an IBAN, has 34 characters; the rest leaves room for separators.
_MAX_LENGTH = 60
_REGISTERS = ("businessid", "siren", "cnpj", "uid", "ein", "orgnr", "cvr")
"""What python-stdnum calls the number of a company in the registers of different countries."""


class IdentifierKind(StrEnum):
    """What is identified, and by whom."""

    COMPANY = "company"
    """The number in the company register of its country."""
    VAT = "vat"
    IBAN = "iban"
    BIC = "bic"
    LEI = "lei"


@attrs.define(eq=False, slots=False)
class InvalidIdentifier(MktcoreError):
    """A number that cannot be an identifier of its kind: its length, format or check digits are wrong."""

    code: ClassVar[str] = "parties.invalid-identifier"
    remedy: ClassVar[str] = "copy it anew from the document; a digit may be missing or swapped"
    kind: str
    country: str
    number: str
    reason: str

    def describe(self) -> str:
        """Name the number and what is wrong with it."""
        place = f" of {self.country}" if self.country else ""
        return f"{self.number!r} is no {self.kind} number{place}: {self.reason}"


@attrs.define(eq=False, slots=False)
class NoSuchIdentifier(MktcoreError):
    """A country whose identifiers of a kind are not known here, so that none can be checked."""

    code: ClassVar[str] = "parties.no-such-identifier"
    remedy: ClassVar[str] = "hand in a document for it, and let the operator review it"
    kind: str
    country: str

    def describe(self) -> str:
        """Name the kind and the country."""
        return f"the {self.kind} numbers of {self.country or 'no country'} cannot be checked"


@attrs.frozen
class Identifier:
    """A number that passed its check, in the form its country writes it without separators.

    >>> Identifier.parse("vat", "DE 136,695 976")
    Identifier(kind=<IdentifierKind.VAT: 'vat'>, country='DE', number='DE136695976')
    >>> Identifier.parse("iban", "GR16 0110 1050 0000 1054 7023 795").country
    'GR'

    Attributes:
        kind: What it identifies.
        country: Of which country, two letters; empty for a BIC or LEI.
        number: The number.
    """

    kind: IdentifierKind
    country: str
    number: str

    @classmethod
    def parse(cls, kind: IdentifierKind | str, text: str, *, country: str = "") -> "Identifier":
        """Return the identifier when its length, format and check digits are right.

        Args:
            kind: What it identifies.
            text: The number; separators are dropped.
            country: Two letters; needed for a company number, and for a VAT number without its country's letters.

        Raises:
            InvalidIdentifier: It is wrong.
            NoSuchIdentifier: This country's numbers of that kind are not known here.
        """
        found, where = IdentifierKind(kind), country.upper()
        if len(text) > _MAX_LENGTH:
            raise InvalidIdentifier(found, where, text[:_MAX_LENGTH], reason=f"longer than {_MAX_LENGTH} characters")
        try:
            number = _CHECKS[found](text, where)
        except _stdnum("stdnum.exceptions").ValidationError as error:
            raise InvalidIdentifier(found, where, text, reason=str(error)) from None
        # An IBAN names its country itself, and so does a VAT number of the European Union.
        has_country = found in {IdentifierKind.IBAN, IdentifierKind.VAT}
        return cls(found, number[:2] if has_country and number[:2].isalpha() else where, number)


def _stdnum(module: str) -> Any:
    """Load a module of python-stdnum when a number is first checked: together they take longer than all of parties."""
    return import_module(module)


def _check_vat(text: str, country: str) -> str:
    """Check a VAT number; one of the European Union carries its country's letters, whoever wrote it."""
    compact = text.strip().upper()
    letters = country or compact[:2]
    eu_vat = _stdnum("stdnum.eu.vat")
    if letters.lower() in eu_vat.MEMBER_STATES:
        prefixed = compact if compact.startswith(letters) else letters + compact
        return str(eu_vat.validate(prefixed))
    return str(_find_module(IdentifierKind.VAT, letters).validate(text))


def _check_company(text: str, country: str) -> str:
    return str(_find_module(IdentifierKind.COMPANY, country).validate(text))


def _find_module(kind: IdentifierKind, country: str) -> Any:
    names = _REGISTERS if kind is IdentifierKind.COMPANY else ("vat",)
    known = country.isascii() and country.isalpha() and len(country) == 2  # noqa: PLR2004 - ISO 3166 alpha-2
    # Only two letters get as far as the import: no country may name a module.
    for name in names if known else ():
        module = _stdnum("stdnum").get_cc_module(country.lower(), name)
        if module is not None:
            return module
    raise NoSuchIdentifier(kind, country[:_MAX_LENGTH])


_CHECKS: Mapping[IdentifierKind, Callable[[str, str], str]] = {
    IdentifierKind.VAT: _check_vat,
    IdentifierKind.COMPANY: _check_company,
    IdentifierKind.IBAN: lambda text, _: str(_stdnum("stdnum.iban").validate(text)),
    IdentifierKind.BIC: lambda text, _: str(_stdnum("stdnum.bic").validate(text)),
    IdentifierKind.LEI: lambda text, _: str(_stdnum("stdnum.lei").validate(text)),
}
