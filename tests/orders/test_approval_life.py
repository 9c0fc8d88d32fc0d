"""The life of a price approval: decided by the merchant's rule at once, or by its approvers one after the other."""

from datetime import UTC, datetime, timedelta

import attrs
import pytest

from mktcore.money.amount import Money
from mktcore.orders import PriceApproval
from mktcore.orders.price_approvals.price_approval import (
    APPROVAL_LIFE,
    ApprovalClosed,
    ApprovalState,
    NotTheirTurn,
    cast_vote,
    let_lapse,
    list_time_outs,
    open_approval,
)
from mktcore.pricing import OnDivergence
from mktcore.pricing.price_divergence import DivergenceDecision
from mktcore.processes import verify

MONDAY = datetime(2026, 5, 4, tzinfo=UTC)
PRICE = Money.of("9.00", "EUR")


def opened(action: OnDivergence, approvers: tuple[str, ...] = ()) -> PriceApproval:
    decision = DivergenceDecision(action, approvers, ordered=PRICE, current=None, reason="the band")
    return open_approval("o1--acme", "acme", decision, now=MONDAY)


def test_the_life_is_a_sound_process_that_rests_in_every_state_of_an_approval() -> None:
    assert verify(APPROVAL_LIFE) == ()
    assert {state.name for state in APPROVAL_LIFE.states} == {"compared", *ApprovalState}


@pytest.mark.parametrize(
    ("action", "approvers", "state"),
    [
        (OnDivergence.AUTHORISE, (), "authorised"),
        (OnDivergence.TASK, ("ann",), "waiting"),
        (OnDivergence.DENY, (), "denied"),
    ],
)
def test_the_rule_decides_or_asks(action: OnDivergence, approvers: tuple[str, ...], state: str) -> None:
    assert opened(action, approvers).state == state


def test_the_last_consent_approves_and_any_refusal_denies() -> None:
    waiting = opened(OnDivergence.TASK, ("ann", "bo"))
    half = cast_vote(waiting, "ann", approves=True, now=MONDAY)
    assert (half.state, half.approver) == ("waiting", "bo")
    assert cast_vote(half, "bo", approves=True, now=MONDAY).state == "approved"
    assert cast_vote(half, "bo", approves=False, now=MONDAY).state == "denied"
    assert cast_vote(waiting, "ann", approves=False, now=MONDAY).state == "denied"
    with pytest.raises(NotTheirTurn, match="waits for bo"):
        cast_vote(half, "ann", approves=True, now=MONDAY)


@pytest.mark.parametrize("action", [OnDivergence.AUTHORISE, OnDivergence.DENY])
def test_what_is_decided_takes_no_vote(action: OnDivergence) -> None:
    with pytest.raises(ApprovalClosed):
        cast_vote(opened(action), "ann", approves=True, now=MONDAY)


def test_it_waits_until_the_rules_time_is_up() -> None:
    waiting = opened(OnDivergence.TASK, ("ann",))
    [timeout] = list_time_outs(waiting)
    assert (timeout.key, timeout.due) == (waiting.timeout, MONDAY + timedelta(days=7))
    assert let_lapse(waiting, now=timeout.due - timedelta(seconds=1)) == waiting
    lapsed = let_lapse(waiting, now=timeout.due)
    assert (lapsed.state, lapsed.approver, list_time_outs(lapsed)) == ("lapsed", None, ())
    assert let_lapse(lapsed, now=timeout.due) == lapsed


def test_one_of_an_earlier_release_waits_for_ever() -> None:
    old = attrs.evolve(opened(OnDivergence.TASK, ("ann",)), answer_by=None)
    assert list_time_outs(old) == ()
    assert let_lapse(old, now=MONDAY + timedelta(days=9999)) == old
    assert cast_vote(old, "ann", approves=True, now=MONDAY).state == "approved"


def test_only_what_the_merchant_stands_by_leaves() -> None:
    assert {state for state in ApprovalState if state.lets_goods_leave()} == {"authorised", "approved"}
