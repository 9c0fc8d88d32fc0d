"""Agreements follow_agreement one another without overlap and without a gap."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from mktcore.access import PermissionDenied
from mktcore.errors import InvalidValue
from mktcore.marketplace import Marketplace
from mktcore.money.amount import Money
from mktcore.parties import Agreement
from mktcore.parties.agreements.agreement import (
    AgreementOverlap,
    CommissionTerms,
    DeliveryTerms,
    PaymentTerms,
    Processor,
    SelectionTerms,
    SupportTerms,
    find_agreement,
    follow_agreement,
)
from mktcore.periods import ALWAYS, Period
from mktcore.persistence import NotFound, Party, Scope, UniqueViolation

FULL = Agreement(
    "a1",
    "acme",
    Period(datetime(2026, 1, 1, tzinfo=UTC)),
    commission=CommissionTerms(Decimal("0.12"), {"books": Decimal("0.15")}, Money.of("0.20", "EUR")),
    selection=SelectionTerms(categories=["books"], brands=["Orlik"], conditions=["new", "used"]),
    delivery=DeliveryTerms(2, ["DE", "AT"], Money.of("9.90", "EUR")),
    support=SupportTerms(timedelta(hours=24), 30),
    payment=PaymentTerms(["card"], Processor.MERCHANT, 14),
)


def day(month: int, number: int = 1) -> datetime:
    return datetime(2026, month, number, tzinfo=UTC)


def test_an_agreement_is_kept_with_all_its_terms(market: Marketplace) -> None:
    stored = market.agreements.sign(FULL, scope=market.as_operator())
    assert market.agreements.find("acme", scope=market.as_merchant("acme")) == stored
    assert stored.commission.find_rate("books") == Decimal("0.15")
    assert stored.commission.find_rate("toys") == Decimal("0.12")
    assert market.agreements.find("bolt", scope=market.as_operator()) is None


def test_a_new_agreement_ends_the_one_without_an_end(market: Marketplace) -> None:
    market.agreements.sign(FULL, scope=market.as_operator())
    market.agreements.sign(Agreement("a2", "acme", Period(day(9))), scope=market.as_operator())
    found = {
        at: market.agreements.find("acme", scope=market.as_operator(), at=at)
        for at in (day(8, 31), day(9), datetime(2025, 12, 31, tzinfo=UTC))
    }
    assert [None if one is None else one.id for one in found.values()] == ["a1", "a2", None]
    with market.store.begin(market.as_merchant("acme")) as unit:
        ends = [entry.event.valid.end for entry in unit.find_events("agreement", "a1")]  # type: ignore[attr-defined]  # this kind's only event
    assert ends == [None, day(9)]


@pytest.mark.parametrize(
    ("existing", "new"),
    [
        (Period(day(1), day(6)), Period(day(5), day(7))),
        (Period(day(5)), Period(day(2))),
        (Period(day(5)), ALWAYS),
        (ALWAYS, ALWAYS),
        (Period(day(5)), Period(day(5))),
        (Period(day(2), day(4)), Period(day(1), day(12))),
    ],
)
def test_two_agreements_are_never_in_force_at_once(existing: Period, new: Period) -> None:
    with pytest.raises(AgreementOverlap) as refused:
        follow_agreement([Agreement("a1", "acme", existing)], Agreement("a2", "acme", new))
    assert refused.value.operands() == {"merchant": "acme", "existing": "a1", "new": "a2"}


def test_agreements_that_touch_leave_no_gap() -> None:
    both = follow_agreement([Agreement("a1", "acme", Period(None, day(3)))], Agreement("a2", "acme", Period(day(3))))
    assert [one.id for one in both] == ["a2"]
    assert find_agreement(both, day(2)) is None


def test_only_the_operator_signs_and_only_the_two_read(market: Marketplace) -> None:
    with pytest.raises(PermissionDenied):
        market.agreements.sign(FULL, scope=market.as_merchant("acme"))
    with pytest.raises(NotFound):
        market.agreements.sign(Agreement("a9", "no-such"), scope=market.as_operator())
    market.agreements.sign(FULL, scope=market.as_operator())
    for scope in (market.as_merchant("bolt"), market.as_buyer("ann")):
        with pytest.raises(NotFound):
            market.agreements.find("acme", scope=scope)
    clerk = Scope(Party.MERCHANT, "acme", "u", permissions=frozenset())
    with pytest.raises(PermissionDenied):
        market.agreements.find("acme", scope=clerk)
    with pytest.raises(UniqueViolation):
        market.agreements.sign(Agreement("a1", "acme", Period(day(9))), scope=market.as_operator())
    assert market.agreements.find_all("acme", scope=market.as_operator())[0].valid.end is None


def test_a_selection_names_every_breach() -> None:
    breaches = FULL.selection.find_breaches(category="toys", brand="Orlik", condition="refurbished")
    assert [(breach.where, breach.operands["value"]) for breach in breaches] == [
        ("category", "toys"),
        ("condition", "refurbished"),
    ]
    assert SelectionTerms().find_breaches(category="toys", brand="", condition="used") == ()


@pytest.mark.parametrize(
    "make",
    [
        lambda: CommissionTerms(Decimal("1.01")),
        lambda: CommissionTerms(by_category={"books": Decimal("NaN")}),
        lambda: CommissionTerms(0.12),  # type: ignore[arg-type]  # what a caller may pass
        lambda: DeliveryTerms(-1),
        lambda: SupportTerms(return_days=-1),
        lambda: PaymentTerms(payout_days=True),
    ],
)
def test_terms_that_make_no_sense_are_refused(make: Any) -> None:
    with pytest.raises(InvalidValue):
        make()
