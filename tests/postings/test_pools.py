"""A line's money, taken piece by piece, and the shares that follow it: every way through closes exactly."""

from collections.abc import Callable
from itertools import permutations
from random import Random

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mktcore.errors import InvalidValue
from mktcore.money import Currency, Rounding
from mktcore.postings.earned_share import Progress, find_standing
from mktcore.postings.line_funds import FundedPieces, Pool
from mktcore.postings.order_funds import OrderFunds, PieceCounts

EUR = Currency.of("EUR")


def make_pool(pieces: int = 5, paid: int = 9308, tax: int = 0, borne: int = 0) -> Pool:
    return Pool.of("l1", "acme", pieces=pieces, paid=paid, tax=tax, borne=borne)


def test_five_pieces_ship_cancel_and_wait() -> None:
    pool = make_pool(tax=1486).earn(3).cancel(1)
    assert (pool.earned, pool.canceled, pool.open) == (
        FundedPieces(3, 5585, 892),
        FundedPieces(1, 1862, 297),
        FundedPieces(1, 1861, 297),
    )


def test_one_pool_of_an_odd_amount_closes_over_both_kinds_of_taking() -> None:
    pool = make_pool(pieces=2, paid=999).cancel(1).earn(1).refund_pieces(1)
    assert (pool.canceled.paid, pool.refunded.paid, pool.kept.paid) == (500, 499, 0)


def test_single_pieces_differ_by_one_minor_unit_and_sum_to_all() -> None:
    pool, steps = make_pool(pieces=10, paid=17925).earn(10), []
    for _ in range(10):
        after = pool.refund_pieces(1)
        steps.append(after.refunded.paid - pool.refunded.paid)
        pool = after
    assert set(steps) == {1793, 1792}
    assert sum(steps) == 17925


@pytest.mark.parametrize(
    ("refunds", "fees", "taxes"),
    [
        ((2904, 2904, 2904), (465, 464, 465), (88, 89, 88)),
        ((1000, 3333, 4379), (160, 533, 701), (30, 102, 133)),
        ((4379, 1000, 3333), (701, 160, 533), (133, 31, 101)),
    ],
)
def test_three_refunds_reverse_commission_and_its_tax_exactly(
    refunds: tuple[int, ...], fees: tuple[int, ...], taxes: tuple[int, ...]
) -> None:
    assert reverse(refunds) == (fees, taxes)


@pytest.mark.parametrize("refunds", [*permutations((2904, 2904, 2904)), *permutations((1000, 3333, 4379))])
def test_every_permutation_of_three_refunds_ends_at_the_whole(refunds: tuple[int, ...]) -> None:
    fees, taxes = reverse(refunds)
    assert (sum(fees), sum(taxes)) == (1394, 265)


def reverse(refunds: tuple[int, ...]) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Return what goes back of 13.94 commission and 2.65 tax on 87.12, refund by refund."""
    pool = make_pool(pieces=1, paid=8712).earn(1)
    steps = []
    for refund in refunds:
        after = pool.refund(refund)
        steps.append([find_step(amount, pool, after) for amount in (1394, 265)])
        pool = after
    fees, taxes = zip(*steps, strict=True)
    return fees, taxes


def find_step(amount: int, before: Pool, after: Pool) -> int:
    return find_standing(amount, Progress.of([before])) - find_standing(amount, Progress.of([after]))


def test_who_bears_what_after_a_cancellation_and_half_a_refund() -> None:
    shipped = make_pool(borne=412).earn(3).cancel(1)
    refunded = shipped.refund(931)
    assert (find_step(412, shipped, refunded), find_step(980, shipped, refunded)) == (42, 98)


def test_a_small_fee_goes_back_in_parts_that_sum_to_it() -> None:
    pool, steps = make_pool(pieces=1, paid=9999).earn(1), []
    for _ in range(3):
        after = pool.refund(3333)
        steps.append(find_step(50, pool, after))
        pool = after
    assert steps == [17, 16, 17]


@st.composite
def takings(draw: st.DrawFn) -> tuple[Pool, list[Pool]]:
    """A line, and every state that it goes through until nothing is open."""
    pool = make_pool(draw(st.integers(1, 9)), draw(st.integers(0, 10_000)), borne=0)
    states = [pool]
    while pool.open.pieces:
        pieces = draw(st.integers(1, pool.open.pieces))
        pool = pool.earn(pieces) if draw(st.booleans()) else pool.cancel(pieces)
        states.append(pool)
        if draw(st.booleans()) and pool.kept.paid:
            pool = pool.refund(draw(st.integers(0, pool.kept.paid)))
            states.append(pool)
    return pool, states


@given(takings(), st.integers(0, 3_000))
def test_what_stands_ends_at_the_amount_less_its_reversal_whatever_the_order(
    taken: tuple[Pool, list[Pool]], amount: int
) -> None:
    pool, states = taken
    base = pool.whole.paid or pool.whole.pieces
    gone = (pool.canceled.paid + pool.refunded.paid) if pool.whole.paid else pool.canceled.pieces
    standings = [find_standing(amount, Progress.of([state])) for state in states]
    assert standings[0] == 0
    assert standings[-1] == amount - (2 * amount * gone + base) // (2 * base)
    assert all(0 <= standing <= amount for standing in standings)


@given(takings(), st.integers(0, 3_000))
def test_canceling_what_was_never_earned_takes_and_gives_nothing(taken: tuple[Pool, list[Pool]], amount: int) -> None:
    for before, after in zip(taken[1], taken[1][1:], strict=False):
        if after.canceled != before.canceled and not before.refunded.paid:
            assert find_step(amount, before, after) == 0


def test_a_fee_on_goods_that_cost_nothing_follows_the_pieces() -> None:
    pool = make_pool(pieces=4, paid=0).earn(3).cancel(1)
    assert find_standing(200, Progress.of([pool])) == 150
    assert find_standing(200, Progress.of([pool.refund_pieces(3)])) == 0


def test_what_a_rule_keeps_is_taken_with_every_piece_whatever_becomes_of_it() -> None:
    sold = make_pool(pieces=2, paid=1000).earn(1)
    canceled = sold.cancel(1).refund(500)
    assert [find_standing(100, Progress.of([pool]), refundable=False) for pool in (sold, canceled)] == [50, 100]


@pytest.mark.parametrize("wrong", [lambda pool: pool.earn(6), lambda pool: pool.cancel(6), lambda pool: pool.refund(1)])
def test_nothing_is_taken_that_is_not_there(wrong: Callable[[Pool], Pool]) -> None:
    with pytest.raises(InvalidValue):
        wrong(make_pool())


def make_funds() -> OrderFunds:
    pools = (
        Pool.of("l1", "acme", pieces=2, paid=1000, tax=0, borne=0),
        Pool.of("l2", "bolt", pieces=1, paid=500, tax=0, borne=0),
        Pool.of("/freight", "acme", pieces=1, paid=490, tax=0, borne=0),
        Pool.of("/service", None, pieces=1, paid=119, tax=19, borne=0),
    )
    return OrderFunds("order-1", EUR, pools)


def count(l1: tuple[int, int, int], l2: tuple[int, int, int]) -> dict[str, PieceCounts]:
    return {"l1": PieceCounts(*l1), "l2": PieceCounts(*l2)}


PLACED = count((2, 0, 0), (1, 0, 0))


def find_parts(funds: OrderFunds, part: str) -> dict[str, int]:
    return {pool.key: getattr(pool, part).paid for pool in funds.pools if getattr(pool, part).paid}


def test_charges_are_earned_with_the_first_piece_they_are_for() -> None:
    shipped = make_funds().follow(PLACED, count((1, 1, 0), (1, 0, 0)))
    assert find_parts(shipped, "earned") == {"l1": 500, "/freight": 490, "/service": 119}


def test_charges_are_canceled_with_the_last_piece_they_are_for() -> None:
    one = count((1, 0, 1), (1, 0, 0))
    acme = count((0, 0, 2), (1, 0, 0))
    every = count((0, 0, 2), (0, 0, 1))
    funds = make_funds().follow(PLACED, one)
    assert find_parts(funds, "canceled") == {"l1": 500}
    funds = funds.follow(one, acme)
    assert find_parts(funds, "canceled") == {"l1": 1000, "/freight": 490}
    funds = funds.follow(acme, every)
    assert find_parts(funds, "canceled") == {"l1": 1000, "l2": 500, "/freight": 490, "/service": 119}
    assert find_parts(funds, "earned") == {}


def test_charges_that_were_earned_stay_when_the_rest_is_canceled() -> None:
    shipped, rest = count((1, 1, 0), (1, 0, 0)), count((0, 1, 1), (0, 0, 1))
    funds = make_funds().follow(PLACED, shipped).follow(shipped, rest)
    assert find_parts(funds, "canceled") == {"l1": 500, "l2": 500}


def test_a_piece_that_is_canceled_after_it_left_is_refunded() -> None:
    shipped, lost = count((1, 1, 0), (1, 0, 0)), count((1, 0, 1), (1, 0, 0))
    funds = make_funds().follow(PLACED, shipped).follow(shipped, lost)
    assert (find_parts(funds, "refunded"), find_parts(funds, "canceled")) == ({"l1": 500}, {})
    other = count((0, 1, 1), (1, 0, 0))
    assert find_parts(funds.follow(lost, other), "kept") == {"l1": 500, "/freight": 490, "/service": 119}


def test_a_piece_that_comes_back_to_be_shipped_again_is_earned_once() -> None:
    shipped, back = count((0, 2, 0), (1, 0, 0)), count((1, 1, 0), (1, 0, 0))
    funds = make_funds().follow(PLACED, shipped).follow(shipped, back).follow(back, shipped)
    assert find_parts(funds, "earned") == {"l1": 1000, "/freight": 490, "/service": 119}


def test_a_refund_by_amount_is_spread_by_what_is_kept() -> None:
    pools = (
        Pool.of("l1", "acme", pieces=1, paid=9900, tax=0, borne=800).earn(1),
        Pool.of("/freight", "acme", pieces=1, paid=595, tax=0, borne=0).earn(1),
    )
    funds = OrderFunds("order-1", EUR, pools)
    first = funds.spread_refund(3000, ["l1", "/freight"])
    assert first == {"l1": 2830, "/freight": 170}
    assert funds.refund(first).spread_refund(7495, ["l1", "/freight"]) == {"l1": 7070, "/freight": 425}


@pytest.mark.slow(counted=True)
@pytest.mark.parametrize("mode", list(Rounding))
def test_any_sequence_of_takings_closes_in_every_mode(mode: Rounding) -> None:
    random = Random(mode.name)  # noqa: S311 - the same in every run
    for _ in range(20_000 // len(Rounding) + 1):
        pieces, paid = random.randint(1, 9), random.randint(0, 20_000)
        whole = FundedPieces(pieces, paid, tax=random.randint(0, paid // 5), merchant_tax=random.randint(0, paid // 5))
        pool = Pool("l1", "acme", whole, borne=0, open=whole, rounding=mode)
        while pool.open.pieces or pool.kept.pieces:
            if pool.open.pieces:
                pool = random.choice((pool.earn, pool.cancel))(random.randint(1, pool.open.pieces))
            if pool.kept.pieces:
                pool = pool.refund_pieces(random.randint(0, pool.kept.pieces))
        assert pool.canceled + pool.refunded == whole
        assert pool.kept == pool.open == FundedPieces()


@pytest.mark.parametrize("mode", list(Rounding))
def test_pieces_taken_one_by_one_are_the_floor_or_the_ceiling_of_an_even_share(mode: Rounding) -> None:
    for pieces, paid in ((3, 1000), (7, 9999), (10, 17925), (9, 5)):
        pool, taken = attrs.evolve(make_pool(pieces, paid), rounding=mode), []
        for _ in range(pieces):
            after = pool.cancel(1)
            taken.append(after.canceled.paid - pool.canceled.paid)
            pool = after
        assert sum(taken) == paid
        assert {*taken} <= {paid // pieces, -(-paid // pieces)}
