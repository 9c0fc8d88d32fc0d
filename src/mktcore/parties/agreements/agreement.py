"""Agreements between the operator and a merchant, versioned by period. Other contexts read their terms from here."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import ClassVar

import attrs

from mktcore.access import Permission
from mktcore.errors import ErrorCategory, InvalidValue, MktcoreError
from mktcore.ids import check_id
from mktcore.money import Money
from mktcore.notice import Notice
from mktcore.periods import ALWAYS, Period
from mktcore.persistence import Kind
from mktcore.persistence.kinds import Ordered

__all__ = [
    "AGREEMENTS",
    "Agreement",
    "AgreementOverlap",
    "CommissionTerms",
    "DeliveryTerms",
    "PaymentTerms",
    "Processor",
    "SelectionTerms",
    "SupportTerms",
    "find_agreement",
    "follow_agreement",
]


def _check_rate(type_: str, field: str, rate: object) -> None:
    if not isinstance(rate, Decimal) or not rate.is_finite() or not 0 <= rate <= 1:
        raise InvalidValue(type_, field, rate, "a Decimal fraction from 0 to 1")


def _check_days(type_: str, field: str, days: object) -> None:
    # By type: True would be one day.
    if days is not None and (type(days) is not int or days < 0):
        raise InvalidValue(type_, field, days, "whole days, 0 or more")


def _to_set(texts: Iterable[str] | None) -> frozenset[str] | None:
    return None if texts is None else frozenset(texts)


def _copy_rates(rates: Mapping[str, Decimal]) -> Mapping[str, Decimal]:
    return dict(rates)


def _to_names(names: Iterable[str]) -> frozenset[str]:
    # One text would be taken letter by letter.
    return frozenset((names,)) if isinstance(names, str) else frozenset(names)


@attrs.frozen
class CommissionTerms:
    """What the marketplace takes of a sale: what is signed here is charged, before any rule of the marketplace.

    Attributes:
        rate: Fraction of the net sale; None where nothing is agreed, so that the marketplace's rules hold.
        by_category: Other rates for goods of some categories and of those below them; the nearest one holds.
        fixed: An amount for each piece beside it.
    """

    rate: Decimal | None = None
    by_category: Mapping[str, Decimal] = attrs.field(factory=dict, converter=_copy_rates, hash=False)
    fixed: Money | None = None

    def __attrs_post_init__(self) -> None:
        if self.rate is not None:
            _check_rate("CommissionTerms", "rate", self.rate)
        if self.fixed is not None and self.fixed.is_negative():
            raise InvalidValue("CommissionTerms", "fixed", str(self.fixed), "zero or more")
        for category, rate in self.by_category.items():
            _check_rate("CommissionTerms", f"by_category[{category}]", rate)

    def find_rate(self, category: str) -> Decimal | None:
        """Return the rate that is agreed for a category by its name; None where none is."""
        return self.by_category.get(category, self.rate)

    def is_silent(self) -> bool:
        """Tell whether nothing is agreed on commission."""
        return self.rate is None and not self.by_category and self.fixed is None


@attrs.frozen
class SelectionTerms:
    """What the merchant may offer; None allows all.

    Attributes:
        categories: Categories of the marketplace.
        brands: Brands.
        conditions: Conditions of the goods: `"new"`, `"used"`.
    """

    categories: frozenset[str] | None = attrs.field(default=None, converter=_to_set)
    brands: frozenset[str] | None = attrs.field(default=None, converter=_to_set)
    conditions: frozenset[str] | None = attrs.field(default=None, converter=_to_set)

    def find_breaches(self, *, category: str, brand: str, condition: str) -> tuple[Notice, ...]:
        """Return every criterion that an item does not meet.

        >>> [
        ...     str(breach)
        ...     for breach in SelectionTerms(brands=["Orlik"]).find_breaches(category="c", brand="X", condition="new")
        ... ]
        ["brand: 'X' is not in the agreement (offer one of Orlik, or agree on it)"]
        """
        asked = (("category", category, self.categories), ("brand", brand, self.brands))
        return tuple(
            Notice(
                "parties.not-in-selection",
                field,
                f"{value!r} is not in the agreement",
                remedy=f"offer one of {', '.join(sorted(allowed))}, or agree on it",
                operands={"field": field, "value": value},
            )
            for field, value, allowed in (*asked, ("condition", condition, self.conditions))
            if allowed is not None and value not in allowed
        )


@attrs.frozen
class DeliveryTerms:
    """What the merchant commits to when it delivers.

    Attributes:
        handling_days: Working days from order to hand-over; None without a commitment.
        regions: Regions it delivers to (ISO 3166 codes); None for all.
        max_freight: The most it may charge for one order's freight.
    """

    handling_days: int | None = None
    regions: frozenset[str] | None = attrs.field(default=None, converter=_to_set)
    max_freight: Money | None = None

    def __attrs_post_init__(self) -> None:
        _check_days("DeliveryTerms", "handling_days", self.handling_days)


@attrs.frozen
class SupportTerms:
    """What the merchant commits to after the sale.

    Attributes:
        answer_time: Within which it answers a buyer; None without a commitment.
        return_days: Days after delivery in which goods may be sent back.
    """

    answer_time: timedelta | None = None
    return_days: int | None = None

    def __attrs_post_init__(self) -> None:
        _check_days("SupportTerms", "return_days", self.return_days)


class Processor(StrEnum):
    """Who takes the buyer's payment."""

    MARKETPLACE = "marketplace"
    MERCHANT = "merchant"


@attrs.frozen
class PaymentTerms:
    """How money moves.

    Attributes:
        methods: Payment methods the merchant accepts; None for all that the marketplace offers.
        processor: Who takes the buyer's payment.
        payout_days: Days between two payouts.
        added: Methods beyond those that the marketplace offers everybody.
    """

    methods: frozenset[str] | None = attrs.field(default=None, converter=_to_set)
    processor: Processor = Processor.MARKETPLACE
    payout_days: int | None = None
    added: frozenset[str] = attrs.field(default=frozenset(), kw_only=True, converter=_to_names)

    def __attrs_post_init__(self) -> None:
        _check_days("PaymentTerms", "payout_days", self.payout_days)


@attrs.frozen
class Agreement:
    """The terms between the operator and a merchant, for a period.

    Attributes:
        id: Its id.
        merchant: With whom.
        valid: When it is in force; no two of a merchant's agreements are at the same time.
        commission: What the marketplace takes.
        selection: What may be offered.
        delivery: Commitments on delivery.
        support: Commitments after the sale.
        payment: How money moves.
        version: How often it was stored.
    """

    id: str
    merchant: str
    valid: Period = ALWAYS
    commission: CommissionTerms = attrs.field(factory=CommissionTerms, kw_only=True)
    selection: SelectionTerms = attrs.field(factory=SelectionTerms, kw_only=True)
    delivery: DeliveryTerms = attrs.field(factory=DeliveryTerms, kw_only=True)
    support: SupportTerms = attrs.field(factory=SupportTerms, kw_only=True)
    payment: PaymentTerms = attrs.field(factory=PaymentTerms, kw_only=True)
    version: int = attrs.field(default=0, kw_only=True)

    def __attrs_post_init__(self) -> None:
        check_id("agreement", self.id)
        check_id("merchant", self.merchant)


AGREEMENTS = Kind(
    "agreement",
    Agreement,
    columns={"merchant": lambda agreement: agreement.merchant},
    ordered={
        "starts": Ordered(lambda agreement: agreement.valid.start, datetime),
        "ends": Ordered(lambda agreement: agreement.valid.end, datetime),
    },
    merchant="merchant",
    fixed=("merchant",),
    reads=Permission.AGREEMENTS,
)


@attrs.define(eq=False, slots=False)
class AgreementOverlap(MktcoreError):
    """Two agreements with one merchant that would be in force at the same time."""

    error_category: ClassVar[ErrorCategory] = ErrorCategory.CONFLICT
    code: ClassVar[str] = "parties.agreement-overlap"
    remedy: ClassVar[str] = "let the new one start when the other ends, or later than the start of one without an end"
    merchant: str
    existing: str
    new: str

    def describe(self) -> str:
        """Name the merchant and both agreements."""
        return f"agreements {self.existing} and {self.new} with {self.merchant} would be in force at the same time"


def find_agreement(agreements: Iterable[Agreement], now: datetime) -> Agreement | None:
    """Return which of a merchant's agreements is in force at an instant, or None.

    Periods are half-open, so that one that ends and one that starts at the same instant leave no gap:

    >>> from datetime import UTC
    >>> change = datetime(2026, 7, 1, tzinfo=UTC)
    >>> both = [Agreement("a1", "acme", Period(None, change)), Agreement("a2", "acme", Period(change))]
    >>> find_agreement(both, change).id
    'a2'
    """
    # There is one at most, as signing refuses those that overlap.
    return next((agreement for agreement in agreements if agreement.valid.contains(now)), None)


def follow_agreement(existing: Iterable[Agreement], new: Agreement) -> tuple[Agreement, ...]:
    """Return the agreements to store when a new one is signed: itself, and the one without an end that it ends.

    Args:
        existing: The merchant's agreements.
        new: The one to sign.

    Raises:
        AgreementOverlap: It would be in force at the same time as another that does not give way.
    """
    ended = []
    for agreement in existing:
        # A taken id is the store's to refuse: an agreement is never changed.
        if agreement.id == new.id or not agreement.valid.overlaps(new.valid):
            continue
        start, begins = agreement.valid.start, new.valid.start
        # Only one without an end gives way, and only to one that starts later: any other end was agreed on.
        if agreement.valid.end is not None or begins is None or (start is not None and start >= begins):
            raise AgreementOverlap(new.merchant, agreement.id, new.id)
        ended.append(attrs.evolve(agreement, valid=Period(start, begins)))
    return (*ended, new)
