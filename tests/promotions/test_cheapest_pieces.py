"""Which pieces are the cheapest: by what one costs, however many there are, and to fractions of a minor unit."""

import attrs
import pytest

from mktcore.promotions import CheapestFree, Promotion
from mktcore.promotions.events import PromotionChanged
from mktcore.promotions.promotion import Caps
from mktcore.promotions.promotion_line import PromotionLine
from mktcore.promotions.promotion_lines import PromotionCart
from mktcore.totals import Line
from promotions.test_applying import CART, NOW, apply, eur, find_parts


def sell(*lines: Line) -> PromotionCart:
    return PromotionCart([PromotionLine(one, f"sku-{one.key}") for one in lines], NOW, context=CART.context)


@pytest.mark.parametrize(
    ("lines", "of", "expected"),
    [
        # Two of 10.00 cost more than one of 15.00, and a piece of them less.
        ((Line("a", "acme", eur("10.00"), 2), Line("b", "acme", eur("15.00"))), 3, {"a": "10.00"}),
        # Many pieces make none of them cheaper.
        ((Line("a", "acme", eur("10.00"), 4), Line("b", "acme", eur("9.00"))), 5, {"b": "9.00"}),
        # Seven for 10.01 and seven for 10.00: a seventh of a cent decides, and not the line's key.
        (
            (Line("a", "acme", eur("10.01"), 7, per=7), Line("b", "acme", eur("10.00"), 7, per=7)),
            14,
            {"b": "1.43"},
        ),
    ],
)
def test_the_cheapest_piece_is_free(lines: tuple[Line, ...], of: int, expected: dict[str, str]) -> None:
    assert find_parts(apply(Promotion("f", CheapestFree(of)), cart=sell(*lines))) == expected


@pytest.mark.parametrize("noun", [Caps, PromotionChanged])
def test_amounts_and_what_is_told_are_given_by_name(noun: type) -> None:
    with pytest.raises(TypeError, match="positional argument"):
        noun(eur("1.00"))


def test_of_a_promotion_nothing_beyond_its_owner_goes_by_position() -> None:
    parameters = [field for field in attrs.fields(Promotion) if not field.kw_only]
    assert [field.name for field in parameters] == ["id", "effect", "owner"]
