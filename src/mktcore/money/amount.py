"""`Money`, a whole count of minor units, and `ExactMoney`, the rational between rounding steps."""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import final, overload

import attrs

from mktcore.money.allocation import Allocation, allocate
from mktcore.money.amount_questions import AmountQuestions
from mktcore.money.check_minor_units import BEYOND, LOWEST, check_minor, comparable_minor, is_number
from mktcore.money.currency import Currency, find_known
from mktcore.money.errors import CurrencyMismatch, InvalidAmount, InvalidNumber, InvalidWeights, NothingToSum
from mktcore.money.notation import MAX_AMOUNT_DIGITS, parse_decimal, parse_fraction, parse_text, to_text
from mktcore.money.rounding import Number, Rounding, round_ratio, to_ratio

__all__ = ["ExactMoney", "Money"]


@final
@attrs.frozen(slots=True, order=False, repr=False, weakref_slot=False)
class Money(AmountQuestions):
    """An amount of one currency: a whole count of minor units, never a float.

    >>> price = Money.of("19.99", "EUR")
    >>> price.minor, price.currency.code, price.amount
    (1999, 'EUR', Decimal('19.99'))
    >>> print(price * 3 + Money.from_minor(3, "EUR"))
    60.00 EUR

    Adding, subtracting and multiplying by an int stay exact and give `Money`; multiplying by a Decimal or Fraction,
    and dividing, give `ExactMoney`, and only its `round` comes back. Amounts of different currencies are unequal, and
    adding or ordering them is refused. So is a result of more than 36 digits.

    Attributes:
        minor: Minor units (cents); negative for a credit.
        currency: What they are units of.
    """

    minor: int
    currency: Currency

    def __attrs_post_init__(self) -> None:
        check_minor(self.minor)
        if type(self.currency) is not Currency:
            Currency.of(self.currency)
            raise InvalidAmount(self.currency, "Money(...) takes a Currency; Money.of and Money.from_minor take codes")

    @classmethod
    def of(cls, amount: str | int | Decimal, currency: str | Currency) -> "Money":
        """Return an amount given in major units.

        >>> Money.of("19.99", "EUR").minor, Money.of(5, "JPY").minor, Money.of(Decimal("-0.5"), "EUR").minor
        (1999, 5, -50)

        Args:
            amount: Text of digits with at most one point (`"19.99"`, `"-3"`), an int, or a Decimal.
            currency: ISO 4217 code, the code of a registered currency, or a `Currency`.

        Raises:
            InvalidAmount: A float, bool, NaN, exponent, decimal comma, more digits than the currency has, or more than
                36 digits.
            UnknownCurrency: No such currency.
        """
        found = Currency.of(currency)
        kind = type(amount)
        # By exact type: a bool is an int and is no amount, and a subclass of str may print anything.
        if kind is str:
            minor = parse_text(amount, found.digits)  # type: ignore[arg-type]  # the exact type was just compared
        elif kind is int:
            minor = amount * found.units_per_major  # type: ignore[assignment]  # as above
        elif isinstance(amount, Decimal):
            minor = parse_decimal(amount, found.digits)
        else:
            raise InvalidAmount(amount, f"a {kind.__name__} is not exact")
        if not LOWEST <= minor < BEYOND:
            raise InvalidAmount(amount, f"more than {MAX_AMOUNT_DIGITS} digits")
        return _new_money(minor, found)

    @classmethod
    def from_minor(cls, minor: int, currency: str | Currency) -> "Money":
        """Return an amount given in minor units.

        >>> print(Money.from_minor(1999, "EUR"))
        19.99 EUR

        Raises:
            InvalidAmount: Not an int, or more than 36 digits.
            UnknownCurrency: No such currency.
        """
        if type(minor) is not int or not LOWEST <= minor < BEYOND:
            check_minor(minor)
        known = find_known(currency) if type(currency) is str else None
        return _new_money(minor, known or Currency.of(currency))

    @classmethod
    def zero(cls, currency: str | Currency) -> "Money":
        """Return no money of this currency."""
        return _new_money(0, Currency.of(currency))

    @classmethod
    def sum(cls, amounts: Iterable["Money"]) -> "Money":
        """Return the sum of at least one amount.

        >>> print(Money.sum([Money.of("19.99", "EUR"), Money.of("0.01", "EUR")]))
        20.00 EUR

        Raises:
            NothingToSum: There is no amount.
            CurrencyMismatch: Not all of one currency.
            InvalidAmount: One of them is no `Money`.
        """
        items = list(amounts)
        if not items:
            raise NothingToSum
        # One pass in C over all types, then a loop over currencies only: summing is what totals do most.
        if {*map(type, items)} != {Money}:
            wrong = next(item for item in items if type(item) is not Money)
            raise InvalidAmount(wrong, f"a {type(wrong).__name__} is no Money")
        currency = items[0].currency
        for item in items:
            if item.currency is not currency and item.currency != currency:
                raise CurrencyMismatch(currency.code, item.currency.code)
        return _checked_money(sum([item.minor for item in items]), currency)

    @property
    def amount(self) -> Decimal:
        """Major units, with exactly the digits of the currency: `Decimal("19.90")`."""
        return Decimal(to_text(self.minor, self.currency.digits))

    @property
    def exact(self) -> "ExactMoney":
        """The same amount as an exact rational."""
        return ExactMoney(Fraction(self.minor), self.currency)

    @overload
    def __add__(self, other: "Money") -> "Money": ...
    @overload
    def __add__(self, other: "ExactMoney") -> "ExactMoney": ...
    def __add__(self, other: "Money | ExactMoney") -> "Money | ExactMoney":
        # `ExactMoney` takes over from here, by its reflected method.
        if type(other) is not Money:
            return NotImplemented
        currency = self.currency
        # Known currencies are one object each, so the costlier comparison is hardly ever made.
        if other.currency is not currency and other.currency != currency:
            raise CurrencyMismatch(currency.code, other.currency.code)
        minor = self.minor + other.minor
        return _new_money(minor, currency) if LOWEST <= minor < BEYOND else _checked_money(minor, currency)

    @overload
    def __sub__(self, other: "Money") -> "Money": ...
    @overload
    def __sub__(self, other: "ExactMoney") -> "ExactMoney": ...
    def __sub__(self, other: "Money | ExactMoney") -> "Money | ExactMoney":
        if type(other) is not Money:
            return NotImplemented
        currency = self.currency
        if other.currency is not currency and other.currency != currency:
            raise CurrencyMismatch(currency.code, other.currency.code)
        minor = self.minor - other.minor
        return _new_money(minor, currency) if LOWEST <= minor < BEYOND else _checked_money(minor, currency)

    @overload
    def __mul__(self, factor: int) -> "Money": ...
    @overload
    def __mul__(self, factor: Decimal | Fraction) -> "ExactMoney": ...
    def __mul__(self, factor: Number) -> "Money | ExactMoney":
        # To Python, True is 1: a price times True is a slip.
        if isinstance(factor, int) and not isinstance(factor, bool):
            return _checked_money(self.minor * factor, self.currency)
        if not is_number(factor):
            return NotImplemented
        return self.exact * factor

    __rmul__ = __mul__

    def __truediv__(self, divisor: Number) -> "ExactMoney":
        if not is_number(divisor):
            return NotImplemented
        return self.exact / divisor

    def __neg__(self) -> "Money":
        return _new_money(-self.minor, self.currency)

    def __abs__(self) -> "Money":
        return self if self.minor >= 0 else _new_money(-self.minor, self.currency)

    def __lt__(self, other: "Money | ExactMoney") -> bool:
        if type(other) is not Money:
            return NotImplemented
        return self.minor < comparable_minor(self, other)

    def __le__(self, other: "Money | ExactMoney") -> bool:
        if type(other) is not Money:
            return NotImplemented
        return self.minor <= comparable_minor(self, other)

    def __gt__(self, other: "Money | ExactMoney") -> bool:
        if type(other) is not Money:
            return NotImplemented
        return self.minor > comparable_minor(self, other)

    def __ge__(self, other: "Money | ExactMoney") -> bool:
        if type(other) is not Money:
            return NotImplemented
        return self.minor >= comparable_minor(self, other)

    def __str__(self) -> str:
        return f"{to_text(self.minor, self.currency.digits)} {self.currency.code}"

    def __repr__(self) -> str:
        return f"Money.of({to_text(self.minor, self.currency.digits)!r}, {self.currency.code!r})"

    def allocate(
        self,
        weights: Sequence[Number],
        *,
        mode: Allocation = Allocation.LARGEST_REMAINDER,
        caps: "Sequence[Money | None] | None" = None,
    ) -> "tuple[Money, ...]":
        """Split this amount proportionally; the parts always sum to it, and a zero weight gets zero.

        >>> [str(part) for part in Money.of("10.00", "EUR").allocate([1, 1, 1])]
        ['3.34 EUR', '3.33 EUR', '3.33 EUR']

        Args:
            weights: One non-negative int, Decimal or Fraction per part.
            mode: Who gets the left-over minor units; see `Allocation`.
            caps: Per part, the most it may get, as a magnitude, or None.

        Raises:
            InvalidWeights: A negative or inexact weight, or none above zero while the amount is not zero.
            CapsTooSmall: The caps cannot hold the amount.
            CurrencyMismatch: A cap of another currency.
        """
        if caps is not None and not {*map(type, caps)} <= {Money, type(None)}:
            raise InvalidWeights("a cap is Money or None")
        limits = None if caps is None else [None if cap is None else comparable_minor(self, cap) for cap in caps]
        currency = self.currency
        return tuple([_new_money(part, currency) for part in allocate(self.minor, weights, mode=mode, caps=limits)])

    def round_to(self, increment: str | int | Decimal, mode: Rounding) -> "Money":
        """Round to a multiple of `increment` (major units), as cash needs it.

        >>> print(Money.of("19.97", "CHF").round_to("0.05", Rounding.HALF_UP))
        19.95 CHF

        Raises:
            InvalidAmount: The increment is no amount of this currency, or not above zero.
        """
        return self.exact.round(mode, increment=increment)


@final
@attrs.frozen(slots=True, order=False, repr=False)
class ExactMoney(AmountQuestions):
    """An exact, unrounded amount of one currency; `round(mode)` is the only way back to `Money`.

    >>> tax = Money.of("19.99", "EUR") * Decimal("0.19")
    >>> tax.amount
    Fraction(37981, 10000)
    >>> print(tax.round(Rounding.HALF_UP))
    3.80 EUR

    Attributes:
        minor: Minor units, as a fraction.
        currency: What they are units of.
    """

    minor: Fraction
    currency: Currency

    def __attrs_post_init__(self) -> None:
        if type(self.minor) is not Fraction:
            object.__setattr__(self, "minor", Fraction(*to_ratio(self.minor)))
        if type(self.currency) is not Currency:
            Currency.of(self.currency)
            raise InvalidAmount(self.currency, "ExactMoney(...) takes a Currency; ExactMoney.of takes codes")

    @classmethod
    def of(cls, amount: str | int | Decimal | Fraction, currency: str | Currency) -> "ExactMoney":
        """Return an exact amount given in major units, with any number of digits up to 36.

        >>> print(ExactMoney.of("0.12345", "EUR").round(Rounding.HALF_UP))
        0.12 EUR

        Raises:
            InvalidAmount: Text that is no plain decimal number.
            InvalidNumber: A float, bool, NaN or number of impractical size.
        """
        found = Currency.of(currency)
        exact = parse_fraction(amount) if isinstance(amount, str) else Fraction(*to_ratio(amount))
        return cls(exact * found.units_per_major, found)

    @property
    def amount(self) -> Fraction:
        """Major units, exact."""
        return self.minor / self.currency.units_per_major

    def round(self, mode: Rounding, *, increment: str | int | Decimal | None = None) -> Money:
        """Round to whole minor units, or to a multiple of `increment` (major units, such as `"0.05"`).

        >>> print((Money.of("1.00", "CHF") / 7).round(Rounding.HALF_UP, increment="0.05"))
        0.15 CHF

        Raises:
            InvalidAmount: The increment is no amount of this currency, or not above zero; or the result has more than
                36 digits.
        """
        step = 1 if increment is None else Money.of(increment, self.currency).minor
        if step < 1:
            raise InvalidAmount(increment, "an increment is above zero")
        rounded = round_ratio(self.minor.numerator, self.minor.denominator * step, mode) * step
        return _checked_money(rounded, self.currency)

    def __add__(self, other: "Money | ExactMoney") -> "ExactMoney":
        if not isinstance(other, (Money, ExactMoney)):
            return NotImplemented
        return ExactMoney(self.minor + comparable_minor(self, other), self.currency)

    __radd__ = __add__

    def __sub__(self, other: "Money | ExactMoney") -> "ExactMoney":
        if not isinstance(other, (Money, ExactMoney)):
            return NotImplemented
        return ExactMoney(self.minor - comparable_minor(self, other), self.currency)

    def __rsub__(self, other: Money) -> "ExactMoney":
        return -self + other

    def __mul__(self, factor: Number) -> "ExactMoney":
        if not is_number(factor):
            return NotImplemented
        return ExactMoney(self.minor * Fraction(*to_ratio(factor)), self.currency)

    __rmul__ = __mul__

    def __truediv__(self, divisor: Number) -> "ExactMoney":
        if not is_number(divisor):
            return NotImplemented
        numerator, denominator = to_ratio(divisor)
        if not numerator:
            raise InvalidNumber(divisor, "nothing can be divided by zero")
        return ExactMoney(self.minor * Fraction(denominator, numerator), self.currency)

    def __neg__(self) -> "ExactMoney":
        return ExactMoney(-self.minor, self.currency)

    def __abs__(self) -> "ExactMoney":
        return ExactMoney(abs(self.minor), self.currency)

    def __lt__(self, other: "Money | ExactMoney") -> bool:
        if not isinstance(other, (Money, ExactMoney)):
            return NotImplemented
        return self.minor < comparable_minor(self, other)

    def __le__(self, other: "Money | ExactMoney") -> bool:
        if not isinstance(other, (Money, ExactMoney)):
            return NotImplemented
        return self.minor <= comparable_minor(self, other)

    def __gt__(self, other: "Money | ExactMoney") -> bool:
        if not isinstance(other, (Money, ExactMoney)):
            return NotImplemented
        return self.minor > comparable_minor(self, other)

    def __ge__(self, other: "Money | ExactMoney") -> bool:
        if not isinstance(other, (Money, ExactMoney)):
            return NotImplemented
        return self.minor >= comparable_minor(self, other)

    def __str__(self) -> str:
        return f"{self.amount} {self.currency.code} (exact)"

    def __repr__(self) -> str:
        return f"ExactMoney({self.minor!r}, {self.currency!r})"


def _checked_money(minor: int, currency: Currency) -> Money:
    check_minor(minor)
    return _new_money(minor, currency)


_new_object = object.__new__
_set_minor = Money.__dict__["minor"].__set__  # the slots' own descriptors: frozen means no other way in
_set_currency = Money.__dict__["currency"].__set__


def _new_money(minor: int, currency: Currency) -> Money:
    """Build an amount whose parts are known to be right.

    Filling the slots costs half of the checked, frozen constructor.
    """
    money = _new_object(Money)
    _set_minor(money, minor)
    _set_currency(money, currency)
    return money
