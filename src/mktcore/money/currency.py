"""Currencies: ISO 4217, and the ones a host makes itself (loyalty points)."""

import re
from functools import cache
from typing import Self

import attrs

from mktcore.money.errors import CurrencyConflict, InvalidAmount, UnknownCurrency

__all__ = ["Currency", "find_known", "register_currency"]

MAX_DIGITS = 12
_CODE = re.compile(r"[A-Z][A-Z0-9_]{1,15}")


@attrs.frozen
class Currency:
    """A currency: its code and how many decimal digits its minor unit has.

    >>> Currency.of("EUR").digits, Currency.of("JPY").digits, Currency.of("KWD").digits, Currency.of("CLF").digits
    (2, 0, 3, 4)

    Attributes:
        code: ISO 4217 letters, or the host's own (2 to 16 capitals, digits or `_`, a letter first).
        digits: Decimal digits of the minor unit: 2 for EUR (cent), 0 for JPY, 3 for KWD (fils); those of ISO 4217 where
            it has the code.
        name: English name.

    Raises:
        CurrencyConflict: ISO 4217 gives the code another number of digits.
    """

    code: str
    digits: int
    # No part of what a currency is: tables and hosts spell names in their own ways.
    name: str = attrs.field(default="", eq=False)

    def __attrs_post_init__(self) -> None:
        if not isinstance(self.code, str) or not _CODE.fullmatch(self.code):
            raise UnknownCurrency(self.code)
        if type(self.digits) is not int or not 0 <= self.digits <= MAX_DIGITS:
            raise InvalidAmount(self.digits, f"a currency has 0 to {MAX_DIGITS} decimal digits")
        iso = _iso_digits().get(self.code)
        if iso is not None and iso != self.digits:
            raise CurrencyConflict(self.code, iso, self.digits)

    @classmethod
    def of(cls, code: "str | Currency") -> "Currency":
        """Return the currency with this code; a `Currency` is returned as it is.

        Raises:
            UnknownCurrency: Neither ISO 4217 nor registered, or an ISO code without a minor unit (XAU, gold).
        """
        if type(code) is str:
            known = _known.get(code)
            return known if known is not None else _find(code)
        if isinstance(code, Currency):
            return code
        if isinstance(code, str):  # an enum of codes, for one
            return Currency.of(str(code))
        raise UnknownCurrency(code)

    @property
    def units_per_major(self) -> int:
        """Minor units in one major unit: 100 for EUR."""
        units: int = 10**self.digits
        return units

    def __str__(self) -> str:
        return self.code

    # One object for each known currency, so that comparing two stays a comparison of identities.
    def __copy__(self) -> Self:
        return self

    def __deepcopy__(self, memo: object) -> Self:
        return self

    def __reduce__(self) -> tuple[object, ...]:
        return _restore, (self.code, self.digits, self.name)


_known: dict[str, Currency] = {}
find_known = _known.get
"""Return a currency that was asked for or registered before, or None: the quick half of `Currency.of`."""


def _restore(code: str, digits: int, name: str) -> Currency:
    """Return the known currency of a pickled one, so that comparing them stays a comparison of identities."""
    known = _known.get(code) or _iso_currencies().get(code)
    return known if known is not None and known.digits == digits else Currency(code, digits, name)


@cache
def _iso_digits() -> dict[str, int]:
    # Imported on first use: the table takes longer to load than all of mktcore.money.
    import iso4217  # noqa: PLC0415

    return {entry.code: entry.exponent for entry in iso4217.Currency if entry.exponent is not None}


@cache
def _iso_currencies() -> dict[str, Currency]:
    # Imported on first use: the table takes longer to load than all of mktcore.money.
    import iso4217  # noqa: PLC0415

    return {
        entry.code: Currency(entry.code, entry.exponent, entry.currency_name)
        for entry in iso4217.Currency
        if entry.exponent is not None
    }


def _find(code: str) -> Currency:
    currency = _iso_currencies().get(code)
    if currency is None:
        raise UnknownCurrency(code)
    # Two threads that ask for it at once get the same object.
    return _known.setdefault(code, currency)


def register_currency(currency: Currency) -> Currency:
    """Make a host's own currency known by its code, for this process, and return it; registering it again is harmless.

    >>> register_currency(Currency("POINTS", 0, "Loyalty points")).code
    'POINTS'
    >>> Currency.of("POINTS").digits
    0

    Raises:
        CurrencyConflict: The code is known already, in ISO 4217 too, with another number of digits.
    """
    if not isinstance(currency, Currency):
        raise UnknownCurrency(currency)
    known = _known.get(currency.code) or _iso_currencies().get(currency.code)
    if known is not None and known != currency:
        raise CurrencyConflict(currency.code, known.digits, currency.digits)
    return _known.setdefault(currency.code, known or currency)
