"""What a marketplace lets be canceled, until when, and what that does to charges: plain settings."""

from collections.abc import Iterable
from datetime import timedelta
from enum import StrEnum
from typing import Any

import attrs

from mktcore.errors import InvalidValue
from mktcore.money import Money
from mktcore.orders.actions.reason_codes import is_code
from mktcore.postings.charge_refund_rule import GIVEN_BACK_WITH_LAST, ChargeRules

__all__ = ["CancellationPolicy", "KeptDiscounts", "MissedMinimum"]

_NO_TIME, _LONGEST = timedelta(0), timedelta(days=36_500)


def _check_time(policy: object, field: "attrs.Attribute[Any]", time: timedelta | None) -> None:
    if time is None:
        return
    if not isinstance(time, timedelta) or not _NO_TIME <= time <= _LONGEST or time.microseconds:
        reason = f"whole seconds, from none to {_LONGEST.days} days"
        raise InvalidValue(type(policy).__name__, field.name, str(time), reason)


def _check_amount(policy: object, field: "attrs.Attribute[Any]", amount: Money | None) -> None:
    if amount is not None and (not isinstance(amount, Money) or amount.is_negative()):
        raise InvalidValue(type(policy).__name__, field.name, str(amount), "an amount of zero or more")


def _to_codes(codes: Iterable[str] | None) -> frozenset[str] | None:
    if isinstance(codes, str):  # it would be taken letter by letter
        raise InvalidValue("CancellationPolicy", "codes", codes, "a collection of codes")
    return None if codes is None else frozenset(codes)


class KeptDiscounts(StrEnum):
    """What becomes of promotions on the rest of an order of which a part is canceled."""

    FROZEN = "frozen"
    """Each piece keeps its share: nothing that is left gets dearer."""
    REEVALUATED = "re-evaluated"
    """They are applied anew to what is left, as they were at placement: what it no longer earns it loses."""


class MissedMinimum(StrEnum):
    """What happens where what is left of an order misses a stored minimum that the order had met."""

    ALLOWED = "allowed"
    """Nothing: minimums are for placing."""
    REFUSED = "refused"
    """Who buys cancels less, or all of it; the operator and merchants are not bound by it."""


@attrs.frozen(kw_only=True)
class CancellationPolicy:
    """Windows, answers and reasons of cancellations, and what becomes of charges.

    >>> CancellationPolicy(free_for=timedelta(hours=2), ship_within=timedelta(days=5)).free_for
    datetime.timedelta(seconds=7200)

    Attributes:
        free_for: How long after placement a buyer cancels at once what has not left; later it asks the merchant.
        answer_within: How long a merchant has to answer a question about cancelling; None for ever.
        silence_cancels: A merchant that says nothing in that time has agreed; otherwise it has refused.
        authorise_within: How long an order waits for its payment before it is canceled.
        ship_within: How long pieces wait at the merchant before they are canceled; None for ever. Picking them begins
            that time anew; what is held or on back-order is waited for.
        codes: The reasons that a cancellation may give; one must be given then. None for any code, or none.
        least_left: What must be left of an order, before discounts, of which a buyer cancels a part; None for anything.
            All of it may always be canceled, and the operator and merchants are not bound by it.
        discounts: What becomes of promotions on the rest; what an order was placed with stays its rule. Where prices of
            the rest rise, they are shown before, and agreed to.
        minimums: What happens where the rest misses a stored minimum (`market.order_thresholds`).
        charges: When freight and fees are given back; what an order was placed with stays its rule.

    Raises:
        InvalidValue: A time is negative or not of whole seconds, or a code is none.
    """

    free_for: timedelta = attrs.field(default=_NO_TIME, validator=_check_time)
    answer_within: timedelta | None = attrs.field(default=timedelta(days=2), validator=_check_time)
    silence_cancels: bool = True
    authorise_within: timedelta = attrs.field(default=timedelta(days=30), validator=_check_time)
    ship_within: timedelta | None = attrs.field(default=None, validator=_check_time)
    codes: frozenset[str] | None = attrs.field(default=None, converter=_to_codes)
    least_left: Money | None = attrs.field(default=None, validator=_check_amount)
    discounts: KeptDiscounts = attrs.field(
        default=KeptDiscounts.FROZEN, validator=attrs.validators.instance_of(KeptDiscounts)
    )
    minimums: MissedMinimum = attrs.field(
        default=MissedMinimum.ALLOWED, validator=attrs.validators.instance_of(MissedMinimum)
    )
    charges: ChargeRules = GIVEN_BACK_WITH_LAST

    def __attrs_post_init__(self) -> None:
        for code in self.codes or ():
            if not is_code(code):
                raise InvalidValue("CancellationPolicy", "codes", code, "codes such as found-cheaper")
        if self.codes is not None and not self.codes:
            raise InvalidValue("CancellationPolicy", "codes", "()", "at least one code, or None for any")
