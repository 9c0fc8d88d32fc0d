"""Money followed event by event is what it is when all of it is followed at once, and so is what is posted of it."""

from random import Random

import pytest

from mktcore.money import Currency
from mktcore.postings.followed_funds import FollowedFunds
from mktcore.postings.line_funds import Pool
from mktcore.postings.order_funds import OrderFunds, PieceCounts

EUR = Currency.of("EUR")
PIECES = 3


def place() -> OrderFunds:
    lines = [Pool.of(f"l{one}", f"m{one % 2}", pieces=PIECES, paid=999, tax=160, borne=7) for one in range(4)]
    charges = [Pool.of("/shipping", "m0", pieces=1, paid=495, tax=79, borne=0)]
    own = [Pool.of("/service", None, pieces=1, paid=100, tax=16, borne=0)]
    return OrderFunds("order-1", EUR, (*lines, *charges, *own))


def draw_counts(random: Random, known: PieceCounts) -> PieceCounts:
    """Move some open pieces on, or some earned ones back."""
    earned = random.randint(0, known.open)
    canceled = random.randint(0, known.open - earned)
    back = random.randint(0, known.earned)
    return PieceCounts(
        open=known.open - earned - canceled,
        earned=known.earned + earned - back,
        canceled=known.canceled + canceled + back,
    )


@pytest.mark.parametrize("seed", range(40))
def test_money_followed_step_by_step_is_that_of_the_whole_order(seed: int) -> None:
    random, whole = Random(seed), place()  # noqa: S311 - no secret
    money = FollowedFunds(whole)
    start = dict.fromkeys([pool.key for pool in whole.pools if not pool.is_charge()], PieceCounts(PIECES, 0, 0))
    known = dict(start)
    assert money.follow(start) == ()
    for _ in range(6):
        moved = {key: draw_counts(random, known[key]) for key in random.sample(sorted(known), 2)}
        after = whole.follow(known, known | moved)
        before = money.follow(moved)
        changed = {one.key for one, now in zip(whole.pools, after.pools, strict=True) if one != now}
        assert {pool.key for pool in before} == changed
        assert money.build() == after
        assert money.narrow(changed, before) == whole.narrow(changed)
        assert money.narrow(changed) == after.narrow(changed)
        whole, known = after, known | moved
