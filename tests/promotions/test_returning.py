"""What is cancelled gives its limits back: uses once all of it is, a budget by the piece, and never twice."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from mktcore.promotions.release_limits import PromotionUse, UsedPart, find_returns

TWO = PromotionUse("P", (UsedPart(1000, ("a",)), UsedPart(500, ("b",))), counters=("uses", "buyer"), budget="budget")


def test_a_use_comes_back_when_everything_it_reduced_is_cancelled() -> None:
    pieces = {"a": 2, "b": 1, "c": 9}
    assert find_returns([TWO], {}, {"a": 2}, pieces=pieces) == {"budget": 1000}
    assert find_returns([TWO], {"a": 2}, {"a": 2, "b": 1}, pieces=pieces) == {"budget": 500, "buyer": 1, "uses": 1}
    assert find_returns([TWO], {}, {"c": 9}, pieces=pieces) == {}  # it took nothing off the line c


def test_what_did_not_change_gives_nothing_back() -> None:
    pieces = {"a": 2, "b": 1}
    assert find_returns([TWO], {"a": 2, "b": 1}, {"a": 2, "b": 1}, pieces=pieces) == {}
    assert find_returns([], {}, {"a": 2}, pieces=pieces) == {}


def test_a_charge_comes_back_with_the_last_of_its_lines() -> None:
    shipping = PromotionUse("S", (UsedPart(490, ("a", "b")),), budget="budget")
    pieces = {"a": 1, "b": 2}
    assert find_returns([shipping], {}, {"a": 1, "b": 1}, pieces=pieces) == {}
    assert find_returns([shipping], {"a": 1, "b": 1}, {"a": 1, "b": 2}, pieces=pieces) == {"budget": 490}


@given(
    st.lists(st.tuples(st.integers(1, 10_000), st.integers(1, 7)), min_size=1, max_size=4),
    st.data(),
)
def test_any_sequence_of_cancellations_gives_back_exactly_what_was_claimed(
    lines: list[tuple[int, int]], data: st.DataObject
) -> None:
    pieces = {f"l{n}": quantity for n, (_, quantity) in enumerate(lines)}
    use = PromotionUse(
        "P",
        tuple(UsedPart(minor, (f"l{n}",)) for n, (minor, _) in enumerate(lines)),
        counters=("uses",),
        budget="budget",
    )
    canceled, returned = dict.fromkeys(pieces, 0), {"uses": 0, "budget": 0}
    steps = [line for line, quantity in pieces.items() for _ in range(quantity)]
    for line in data.draw(st.permutations(steps)):
        after = {**canceled, line: canceled[line] + 1}
        for counter, amount in find_returns([use], canceled, after, pieces=pieces).items():
            assert amount > 0
            returned[counter] += amount
        canceled = after
        assert returned["budget"] <= sum(minor for minor, _ in lines)
        assert returned["uses"] == (canceled == pieces)
    assert returned == {"uses": 1, "budget": sum(minor for minor, _ in lines)}


def test_of_a_budget_comes_back_what_was_taken_off_the_pieces_that_are_canceled() -> None:
    use = PromotionUse("SUMMER", (UsedPart(1000, ("l1",)),), counters=("uses",), budget="budget")
    steps: list[dict[str, int]] = [{}, {"l1": 1}, {"l1": 2}, {"l1": 3}]
    returned = [find_returns([use], before, after, pieces={"l1": 3}) for before, after in pairwise(steps)]
    assert returned == [{"budget": 333}, {"budget": 333}, {"budget": 334, "uses": 1}]
