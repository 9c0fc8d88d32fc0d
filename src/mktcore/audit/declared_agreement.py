"""Whether a record tells the same twice, and the same as the record that it belongs to: declared as data."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import pairwise
from typing import Any

import attrs

from mktcore.offers import OFFERS
from mktcore.offers.price_guards import HELD_PRICES, HeldPrice, HeldPriceState
from mktcore.offers.refresh.last_answer import FRESHNESS
from mktcore.orders import MERCHANT_ORDERS, MerchantOrder
from mktcore.orders.price_approvals.price_approval import PRICE_APPROVALS, ApprovalState, PriceApproval
from mktcore.orders.reviews import ORDER_REVIEWS, OrderReview
from mktcore.parties.onboarding.membership import MEMBERSHIPS, Membership
from mktcore.persistence import Kind

__all__ = ["OWNERS", "SELF_TOLD", "Owner"]


def _check_life(membership: Membership) -> Iterator[str]:
    life, history = membership.life, membership.history
    if life.subject != membership.id:
        yield f"the life that it tells is of {life.subject}"
    # In the order in which they were written: of two clocks one may be behind, so their instants say nothing of it.
    if any(before.target != step.source for before, step in pairwise(history)):
        yield "a step of its history does not follow the one before"
    if history and (history[0].source is not None or (history[-1].target, history[-1].at) != (life.state, life.since)):
        yield f"its history does not lead to where it is, {life.state} since {life.since}"


def _check_votes(approval: PriceApproval) -> Iterator[str]:
    voters = tuple(vote.user for vote in approval.votes)
    if voters != approval.approvers[: len(voters)]:
        yield "somebody answered whose turn it was not"
    if any(not vote.approves for vote in approval.votes[:-1]):
        yield "an approver was asked after one refused"
    if approval.votes and approval.votes[-1].approves is (approval.state is ApprovalState.DENIED):
        yield f"it is {approval.state}, and its last answer says otherwise"
    if approval.state is ApprovalState.APPROVED and len(voters) != len(approval.approvers):
        yield "it is approved, and not by all of its approvers"


def _check_held(held: HeldPrice) -> Iterator[str]:
    if held.schedule is not None and held.schedule.owner != held.merchant:
        yield f"what it holds is a price of {held.schedule.owner}"
    if (held.state is HeldPriceState.WAITING) is not (held.decided_at is None):
        yield f"it is {held.state}, and when it was decided says otherwise"


def _check_review(review: OrderReview) -> Iterator[str]:
    order, _, number = review.id.rpartition("/")
    if order != review.order or not number.isdigit():
        yield f"it is of {review.order}, and its id of another order"
    if (review.closed_at is None) is not (review.closed_by is None):
        yield "who closed it, and when, are told only together"


SELF_TOLD: Mapping[str, Callable[[Any], Iterable[str]]] = {
    MEMBERSHIPS.name: _check_life,
    PRICE_APPROVALS.name: _check_votes,
    HELD_PRICES.name: _check_held,
    ORDER_REVIEWS.name: _check_review,
}
"""What is wrong with a record, by its kind, where it tells the same thing twice."""


@attrs.frozen(eq=False)
class Owner:
    """Of what records of one kind are the more precise word, under the same id.

    Attributes:
        kind: Whose records belong to one.
        target: The kind of what they belong to.
        agree: Returns what of a record is told by what it belongs to, too: by each of both.
    """

    kind: Kind[Any]
    target: Kind[Any]
    agree: Callable[[Any, Any], Mapping[str, tuple[object, object]]]


def _compare_approval(approval: PriceApproval, part: MerchantOrder) -> Mapping[str, tuple[object, object]]:
    lines = sum([line.totals.subtotal_minor for line in part.lines])
    return {"merchant": (approval.merchant, part.merchant), "ordered": (approval.ordered.minor, lines)}


OWNERS: tuple[Owner, ...] = (
    Owner(FRESHNESS, OFFERS, lambda one, offer: {"merchant": (one.merchant, offer.merchant)}),
    Owner(PRICE_APPROVALS, MERCHANT_ORDERS, _compare_approval),
)
"""What is found by the id of what it belongs to, and repeats some of it."""
