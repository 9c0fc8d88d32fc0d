"""Requests under an idempotency key: their canonical form, and answering each once (invariant I13)."""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from fractions import Fraction
from typing import Protocol, TypeGuard, TypeVar

import attrs

from mktcore.caller_scope import Scope
from mktcore.errors import InvalidValue
from mktcore.extra import Extra
from mktcore.ids import check_id
from mktcore.money import Currency, Money
from mktcore.persistence.idempotency_records import IdempotencyRecord, IdempotencyRecords, check_same_request
from mktcore.persistence.unit import Committing

__all__ = ["AnsweringUnit", "KeptForm", "RequestForm", "answer_once", "to_canonical"]


class RequestForm(Protocol):
    """A value that says itself what is remembered of it, so that its fields may change and old keys still answer."""

    def to_request(self) -> Mapping[str, object]:
        """Return what tells this value from others, by the names that were always used."""
        ...


S = TypeVar("S")
F = TypeVar("F")
A_contra = TypeVar("A_contra", contravariant=True)


class AnsweringUnit(IdempotencyRecords, Committing, Protocol):
    """What answering once needs of a unit of work."""


class KeptForm(Protocol[A_contra]):
    """How an answer is kept under its key, where it is not kept as it is."""

    def keep(self, answer: A_contra) -> object:
        """Return what is kept of an answer."""
        ...

    def restore(self, kept: object) -> object:
        """Return the answer of which this was kept, as it was."""
        ...


class _AsItIs:
    """Every answer is kept whole."""

    def keep(self, answer: object) -> object:
        return answer

    def restore(self, kept: object) -> object:
        return kept


def answer_once(
    unit: AnsweringUnit,
    decide: Callable[[], S | F],
    *,
    answers: tuple[type[S], type[F]],
    scope: Scope,
    key: str,
    operation: str,
    request: Mapping[str, object],
    at: datetime,
    form: KeptForm[S | F] = _AsItIs(),  # noqa: B008 - it has no state
) -> S | F:
    """Return the answer that this party's key was given before, or decide, remember and commit.

    What is remembered is the party's, and whichever of its users asks again is shown its own view of it: the use case
    cuts what is returned here to the caller (`view_for(scope)`), the first time and every time after.

    Args:
        unit: An open unit of work.
        decide: Reads and writes in `unit` and returns the answer as the caller's party may see it
            (`view_for(scope.to_party())`), or whole where its form cuts it: a success, or a refusal that wrote nothing.
        answers: The classes of a success and of a refusal.
        scope: Who asks.
        key: The caller's idempotency key.
        operation: Name of the use case.
        request: What is asked, by field.
        at: The present instant.
        form: How answers are kept; as they are, where nobody says.

    Raises:
        IdempotencyConflict: The key was used for another request.
        InvalidId: The key is empty, too long, or holds white space.
    """
    check_id("key", key)
    # Parties choose their keys apart from each other: one key of two callers is two requests.
    owner, canonical = str(scope.caller), {name: to_canonical(value) for name, value in request.items()}
    known = unit.find_record(owner, key)
    if known is not None:
        check_same_request(known, operation, canonical)
        result = form.restore(known.result)
        if not isinstance(result, answers):  # the same operation and request were answered by one of the two
            raise AssertionError(result)
        return result
    answer = decide()
    # In the transaction of the work itself: no crash leaves the one without the other.
    kept = form.keep(answer)
    unit.record(IdempotencyRecord(owner, key=key, operation=operation, request=canonical, result=kept, at=at))
    unit.commit()
    return answer


_PLAIN = (str, int, bool, type(None))


def to_canonical(value: object) -> object:
    """Return a value of this library as plain JSON values: equal exactly when two values of one type are.

    >>> to_canonical({"amount": Money.of("1.00", "EUR"), "rate": Decimal("0.190")})
    {'amount': '1.00 EUR', 'rate': '19E-2'}

    Raises:
        InvalidValue: A part of it is of no kind that requests are made of, such as a float.
    """
    if type(value) in _PLAIN:  # by their very types, and first, as they are most of what requests are made of
        return value
    # Before text and ints: members of a StrEnum are both.
    if isinstance(value, Enum):
        return to_canonical(value.value)
    if value is None or isinstance(value, (str, int)):
        return value
    if isinstance(value, Decimal) and value.is_finite():
        return _to_digits(value)
    if isinstance(value, (Money, Currency, Fraction)):
        return str(value)
    if isinstance(value, date):  # an instant is one, too
        return value.isoformat()
    if isinstance(value, Mapping) and all(isinstance(name, str) for name in value):
        return {name: to_canonical(part) for name, part in value.items()}
    if isinstance(value, (tuple, list)):
        return [to_canonical(part) for part in value]
    return _to_canonical_parts(value)


def _to_canonical_parts(value: object) -> object:
    """Return a value that is made of others as plain JSON values: by the form it gives itself, or field by field."""
    if isinstance(value, Extra):
        return value.to_text()
    if _has_form(value):
        return to_canonical(value.to_request())
    kind = type(value)
    if attrs.has(kind):
        parts = {field.name: getattr(value, field.name) for field in attrs.fields(kind)}
        # What is empty is left out: requests remembered before there was host data had none either.
        return {
            name: to_canonical(part)
            for name, part in parts.items()
            if not (isinstance(part, Extra) and part.is_empty())
        }
    raise InvalidValue(
        "request", kind.__name__, value, "ints, text, Decimals, amounts, instants, dates, or values of them"
    )


def _has_form(value: object) -> TypeGuard[RequestForm]:
    # By name: asking a protocol takes longer than all the rest of a line, and carts have hundreds.
    return hasattr(type(value), "to_request")


def _to_digits(value: Decimal) -> str:
    """Return a Decimal as digits and exponent, without the zeros that make no difference; bounded for any exponent."""
    sign, digits, exponent = value.as_tuple()
    text = "".join(map(str, digits)).lstrip("0")
    kept = text.rstrip("0")
    return f"{'-' if sign and kept else ''}{kept}E{int(exponent) + len(text) - len(kept)}" if kept else "0"
