"""The laws of apportionment (invariant I2): sum, sign and zero weight in every mode; the rest for largest remainder."""

from collections import Counter
from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from itertools import accumulate, pairwise

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from mktcore.money import Allocation, CapsTooSmall, Money, Rounding, allocate, round_ratio
from mktcore.testing import strategies

Weights = list[int | Decimal | Fraction]
totals = st.integers(-(10**9), 10**9)
weights = strategies.weights()
modes = strategies.allocations()


def exact_shares(total: int, parts: Weights) -> list[Fraction]:
    fractions = [Fraction(part) for part in parts]
    return [total * part / sum(fractions) for part in fractions]


@given(totals, weights, modes)
def test_parts_sum_keep_the_sign_and_skip_zero_weights(total: int, parts: Weights, mode: Allocation) -> None:
    found = allocate(total, parts, mode=mode)
    assert sum(found) == total
    assert len(found) == len(parts)
    assert all(part * total >= 0 for part in found)
    assert all(part == 0 for part, weight in zip(found, parts, strict=True) if not weight)
    assert [part.minor for part in Money.from_minor(total, "EUR").allocate(parts, mode=mode)] == list(found)


@given(totals, weights, modes)
def test_every_mode_stays_within_a_unit_of_the_exact_share(total: int, parts: Weights, mode: Allocation) -> None:
    for part, share in zip(allocate(total, parts, mode=mode), exact_shares(total, parts), strict=True):
        assert abs(part - share) < 1 or (mode is Allocation.FIRST_COME and abs(part - share) == 1)


@given(totals, weights)
def test_a_larger_weight_never_gets_less(total: int, parts: Weights) -> None:
    found = sorted(zip(parts, map(abs, allocate(total, parts)), strict=True))
    for (less, smaller), (more, larger) in pairwise(found):
        assert less == more or smaller <= larger


@given(totals, weights, st.randoms(use_true_random=False))
def test_permuting_moves_only_ties(total: int, parts: Weights, random: object) -> None:
    order = list(range(len(parts)))
    random.shuffle(order)  # type: ignore[attr-defined]  # a random.Random
    plain = allocate(total, parts)
    shuffled = dict(zip(order, allocate(total, [parts[index] for index in order]), strict=True))
    shares = exact_shares(abs(total), parts)
    for index, share in enumerate(shares):
        if [one % 1 for one in shares].count(share % 1) == 1:
            assert shuffled[index] == plain[index]

    def find_raised(found: Sequence[int]) -> Counter[tuple[Fraction, int]]:
        return Counter((share % 1, abs(part) - share // 1) for share, part in zip(shares, found, strict=True))

    assert find_raised([shuffled[index] for index in range(len(parts))]) == find_raised(plain)


@given(totals, weights)
def test_ties_go_to_the_earlier_part(total: int, parts: Weights) -> None:
    found = [abs(part) for part in allocate(total, parts)]
    rests = [share % 1 for share in exact_shares(abs(total), parts)]
    extra = [part - share // 1 for part, share in zip(found, exact_shares(abs(total), parts), strict=True)]
    for first in range(len(parts)):
        for later in range(first + 1, len(parts)):
            if rests[first] == rests[later]:
                assert extra[first] >= extra[later]


@given(totals, weights)
def test_first_come_raises_the_first_parts_with_a_weight(total: int, parts: Weights) -> None:
    found = allocate(abs(total), parts, mode=Allocation.FIRST_COME)
    extra = [part - share // 1 for part, share in zip(found, exact_shares(abs(total), parts), strict=True) if share]
    assert extra == sorted(extra, reverse=True)
    assert set(extra) <= {0, 1}


@given(totals, weights)
def test_cumulative_parts_are_differences_of_rounded_sums(total: int, parts: Weights) -> None:
    sums = accumulate(exact_shares(total, parts))
    rounded = [round_ratio(one.numerator, one.denominator, Rounding.HALF_UP) for one in sums]
    assert list(accumulate(allocate(total, parts, mode=Allocation.CUMULATIVE))) == rounded


@given(st.integers(0, 10**6), weights, modes, st.data())
def test_caps_hold_and_the_rest_goes_to_the_others(
    total: int, parts: Weights, mode: Allocation, data: st.DataObject
) -> None:
    cap = st.one_of(st.none(), st.integers(0, 10**6))
    caps = data.draw(st.lists(cap, min_size=len(parts), max_size=len(parts)))
    reachable = [cap for cap, weight in zip(caps, parts, strict=True) if weight]
    capacity = None if None in reachable else sum([cap for cap in reachable if cap is not None])
    if capacity is not None and capacity < total:
        with pytest.raises(CapsTooSmall):
            allocate(total, parts, mode=mode, caps=caps)
        return
    found = allocate(total, parts, mode=mode, caps=caps)
    assert sum(found) == total
    assert all(cap is None or 0 <= part <= cap for part, cap in zip(found, caps, strict=True))
    assert all(part == 0 for part, weight in zip(found, parts, strict=True) if not weight)
    assert allocate(-total, parts, mode=mode, caps=caps) == tuple([-part for part in found])
    if all(cap is None or cap >= total for cap in caps):
        assert found == allocate(total, parts, mode=mode)


@given(st.integers(1, 10**6), strategies.weights())
def test_parts_beside_a_binding_cap_share_the_rest_by_weight(total: int, parts: Weights) -> None:
    assume(any(parts[1:]))
    shares = exact_shares(total, parts)
    caps: list[int | None] = [int(shares[0]) // 2, *[None] * (len(parts) - 1)]
    assume(caps[0] != shares[0])
    found = allocate(total, parts, caps=caps)
    assert found[0] == caps[0]
    for part, share in zip(found[1:], exact_shares(total - found[0], parts[1:]), strict=True):
        assert abs(part - share) < 1
