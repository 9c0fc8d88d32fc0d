"""Whether a gift is still earned by what is kept of an order, in figures that a person can check."""

from mktcore.money import Money
from mktcore.promotions.gift_grounds import GiftGround, GiftNeed, KeptLine, stands

# The camera was 60.00 for two, the bag 20.00.
BOTH = ("camera", "bag")


def keep(cameras: int, bags: int) -> dict[str, KeptLine]:
    return {"camera": KeptLine(cameras, of=2, amount=6_000), "bag": KeptLine(bags, of=1, amount=2_000)}


def test_a_gift_stands_while_what_is_kept_costs_enough() -> None:
    grounds = [GiftGround((GiftNeed(BOTH, amount=Money.of("50.00", "EUR")),))]
    assert [stands(grounds, keep(*kept)) for kept in ((2, 1), (2, 0), (1, 1), (1, 0), (0, 1))] == [
        True,  # 80.00
        True,  # 60.00
        True,  # 50.00
        False,  # 30.00
        False,  # 20.00
    ]


def test_a_gift_stands_while_pieces_enough_are_kept() -> None:
    grounds = [GiftGround((GiftNeed(BOTH, pieces=2),))]
    assert [stands(grounds, keep(*kept)) for kept in ((2, 1), (2, 0), (1, 1), (1, 0))] == [True, True, True, False]


def test_one_way_of_several_is_enough_and_all_needs_of_it_are() -> None:
    camera, bag = GiftNeed(("camera",), pieces=2), GiftNeed(("bag",))
    assert [stands([GiftGround((camera, bag))], keep(*kept)) for kept in ((2, 1), (2, 0), (1, 1))] == [
        True,
        False,
        False,
    ]
    assert [stands([GiftGround((camera,)), GiftGround((bag,))], keep(*kept)) for kept in ((2, 0), (1, 1), (1, 0))] == [
        True,
        True,
        False,
    ]
