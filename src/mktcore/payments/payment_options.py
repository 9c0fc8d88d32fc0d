"""How a cart can be paid: what the marketplace offers, what merchants accept, what the cart allows. Pure."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from enum import StrEnum

import attrs

from mktcore.money import Money
from mktcore.notice import Notice
from mktcore.parties.agreements.agreement import PaymentTerms
from mktcore.payments.payment_method import PaymentMethod

__all__ = ["NO_OPTIONS", "MixedPayment", "PaidPart", "PaymentOption", "PaymentOptions", "find_payment_options"]


class MixedPayment(StrEnum):
    """How an order of several merchants is paid."""

    ALL_ACCEPT = "all-accept"
    """As a whole, by what all of them accept."""
    PER_MERCHANT = "per-merchant"
    """Merchant by merchant as well, by what each accepts."""


@attrs.frozen
class PaymentOption:
    """A way to pay an order, or a merchant's part of it.

    Attributes:
        method: Id of the payment method.
        name: As buyers see it.
        merchant: Whose part; None for the whole order.
    """

    method: str
    name: str
    merchant: str | None = None


@attrs.frozen
class PaymentOptions:
    """How a cart can be paid.

    Attributes:
        methods: Every way.
        excluded: Why each other method of the channel is none.
        is_kept: Whether the marketplace keeps methods; where it keeps none, every word is as good.
    """

    methods: tuple[PaymentOption, ...] = ()
    excluded: tuple[Notice, ...] = ()
    is_kept: bool = False

    def accepts(self, method: str, merchant: str | None) -> bool:
        """Tell whether an order, or a merchant's part of it, can be paid by a method."""
        return not self.is_kept or any((one.method, one.merchant) == (method, merchant) for one in self.methods)


NO_OPTIONS = PaymentOptions()


@attrs.frozen
class PaidPart:
    """What is paid at once: the whole order, or a merchant's part.

    Attributes:
        amount: What is due for it.
        terms: What its merchants agreed on payment; None for a merchant without an agreement.
        merchant: Whose part; None for the whole.
    """

    amount: Money
    terms: Mapping[str, PaymentTerms | None]
    merchant: str | None = None


def find_payment_options(
    methods: Collection[PaymentMethod], parts: Iterable[PaidPart], countries: Collection[str]
) -> PaymentOptions:
    """Return how each part can be paid, and why not otherwise.

    Args:
        methods: Those of the channel that can be used now.
        parts: What may be paid at once.
        countries: To where its goods go, as far as it is known.
    """
    options, excluded = [], []
    for part in parts:
        for method in methods:
            found = next(_list_bars(method, part, countries), None)
            if found is None:
                options.append(PaymentOption(method.id, method.name, part.merchant))
            else:
                excluded.append(found)
    return PaymentOptions(tuple(options), tuple(excluded), is_kept=True)


def _list_bars(method: PaymentMethod, part: PaidPart, countries: Collection[str]) -> Iterator[Notice]:
    """Yield why a part cannot be paid by a method: by its merchants first, then by the cart."""
    for merchant, terms in part.terms.items():
        added = frozenset[str]() if terms is None else terms.added
        if method.is_by_agreement and method.id not in added:
            yield _tell(method, part, code="payment-not-agreed", message=f"{merchant} has not agreed on {method.name}")
        accepted = None if terms is None else terms.methods
        if accepted is not None and method.id not in accepted | added:
            yield _tell(method, part, code="payment-not-accepted", message=f"{merchant} does not accept {method.name}")
    beyond = sorted(set(countries) - set(method.countries)) if method.countries else []
    if beyond:
        message = f"{method.name} is not for goods that go to {', '.join(beyond)}"
        yield _tell(method, part, code="payment-not-in-country", message=message)
    least, most, amount = method.least, method.most, part.amount
    if least is not None and (least.currency != amount.currency or amount < least):
        yield _tell(
            method,
            part,
            code="payment-below-minimum",
            message=f"{method.name} is for {least} and more, {amount} is due",
        )
    if most is not None and (most.currency != amount.currency or amount > most):
        yield _tell(
            method, part, code="payment-above-maximum", message=f"{method.name} is for {most} at most, {amount} is due"
        )


def _tell(method: PaymentMethod, part: PaidPart, *, code: str, message: str) -> Notice:
    whose = {} if part.merchant is None else {"merchant": part.merchant}
    return Notice(code, "", message, remedy="pay by another method", operands={"method": method.id, **whose})
