"""By what a promotion is found, and that a store finds those of a cart and no others."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from mktcore.money import Money
from mktcore.periods import ALWAYS, Period
from mktcore.promotions import PROMOTIONS, AllOf, Amount, AnyOf, LineFilter, Not, PercentOff, Promotion, WithCode
from mktcore.promotions.cart_marks import WantedGoods, list_cart_marks, list_goods_marks
from mktcore.promotions.conditions import Condition, During, FirstOrder, InChannel, InGroup, Quantity, WithPoolCode
from mktcore.promotions.effects import Gift
from mktcore.promotions.promotion_marks import list_marks, to_mark
from mktcore.sales_context import SalesContext

TEN_OFF = PercentOff(Decimal("0.1"))
MAY = Period(datetime(2026, 5, 1, tzinfo=UTC), datetime(2026, 6, 1, tzinfo=UTC))
JUNE = Period(datetime(2026, 6, 1, tzinfo=UTC), datetime(2026, 7, 1, tzinfo=UTC))
MAY_AND_JUNE = Period(MAY.start, JUNE.end)
CAMERAS = LineFilter(categories=("photo",), skus=("camera", "lens"))
FIVE_EURO = Amount(Money.of("5.00", "EUR"))


def find_marks(
    condition: Condition | None = None,
    *,
    owner: str | None = None,
    targets: LineFilter | None = None,
    valid: Period = ALWAYS,
) -> dict[str, Period]:
    promotion = Promotion("p", TEN_OFF, owner, condition=condition, targets=targets or LineFilter(), valid=valid)
    return {mark.text: mark.valid for mark in list_marks(promotion)}


def test_a_promotion_that_needs_nothing_is_found_by_every_cart_while_it_is_valid() -> None:
    assert find_marks(valid=MAY) == {"any  ": MAY}
    assert find_marks(owner="acme") == {"any acme ": ALWAYS}


@pytest.mark.parametrize(
    "condition", [FIVE_EURO, FirstOrder(), Not(InGroup(("vip",))), AnyOf((InGroup(("vip",)), FIVE_EURO)), AllOf(())]
)
def test_what_any_cart_may_meet_is_found_by_every_cart(condition: Condition) -> None:
    assert find_marks(condition)["any  "] == ALWAYS


def test_codes_are_found_when_they_are_entered_also_when_the_promotion_is_over() -> None:
    assert find_marks(WithCode(("SUMMER", "Sun")), valid=MAY) == {"code  summer": ALWAYS, "code  sun": ALWAYS}
    assert find_marks(WithPoolCode("sent-out"), owner="acme", valid=MAY) == {"pool acme sent-out": ALWAYS}


def test_a_code_that_is_not_needed_is_one_mark_beside_another() -> None:
    either = AnyOf((WithCode(("SUN",)), InGroup(("vip",))))
    assert find_marks(either, valid=MAY) == {"code  sun": ALWAYS, "group  vip": MAY}
    assert find_marks(Not(WithCode(("SUN",)))) == {"code  sun": ALWAYS, "any  ": ALWAYS}


def test_of_several_needs_the_rarest_is_taken() -> None:
    needs = AllOf((InChannel(("app",)), InGroup(("vip", "staff")), Quantity(2, of=CAMERAS)))
    assert set(find_marks(needs)) == {"sku  camera", "sku  lens"}
    assert set(find_marks(InChannel(("app",)), targets=LineFilter(merchants=("acme",)))) == {"merchant  acme"}
    assert set(find_marks(InGroup(("vip",)), targets=LineFilter(categories=("photo",)))) == {"category  photo"}


def test_a_merchants_goods_are_found_by_sku_and_else_by_the_merchant() -> None:
    assert set(find_marks(owner="acme", targets=CAMERAS)) == {"sku acme camera", "sku acme lens"}
    assert set(find_marks(owner="acme", targets=LineFilter(categories=("photo",)))) == {"any acme "}


def test_an_amount_of_nothing_needs_no_goods() -> None:
    nothing = Amount(Money.of("0.00", "EUR"), of=CAMERAS)
    assert set(find_marks(nothing)) == {"any  "}
    assert set(find_marks(Quantity(0, 3, of=CAMERAS))) == {"any  "}


def test_periods_of_conditions_narrow_that_of_the_promotion() -> None:
    assert find_marks(During(JUNE), valid=MAY_AND_JUNE) == {"any  ": JUNE}
    assert find_marks(AllOf((During(JUNE), InGroup(("vip",)))), valid=MAY_AND_JUNE) == {"group  vip": JUNE}
    assert find_marks(During(JUNE), valid=MAY) == {}
    assert find_marks(AnyOf((During(JUNE), During(MAY))), valid=MAY_AND_JUNE) == {"any  ": MAY_AND_JUNE}


def test_what_never_holds_is_never_found() -> None:
    assert find_marks(AnyOf(())) == {}


def test_a_gift_means_no_lines() -> None:
    given = Promotion("p", Gift("mug"), targets=CAMERAS)
    assert [mark.text for mark in list_marks(given)] == ["any  "]


def test_long_and_strange_texts_are_marks_too() -> None:
    for code in ("x" * 5_000, "nul\0", "\ud800", "straße"):
        texts = set(find_marks(WithCode((code,))))
        assert texts == {to_mark("code", None, code.casefold())}
        assert all(0 < len(text) <= 500 for text in texts)
    assert to_mark("code", None, "x" * 5_000) != to_mark("code", "acme", "x" * 5_000)


def test_a_promotion_that_names_very_much_is_found_by_something_else() -> None:
    many = LineFilter(skus=tuple(f"s{n}" for n in range(5_001)), brands=("Orlik",))
    assert set(find_marks(targets=many)) == {"brand  Orlik"}
    assert set(find_marks(targets=LineFilter(skus=many.skus))) == {"any  "}


def test_a_cart_asks_for_what_it_has() -> None:
    context = SalesContext("ann", groups=["vip"], channel="app")
    asked = set(list_cart_marks(["acme"], context, ("Sun",), pooled={("acme", "sent-out"): ("sun",)}))
    assert asked == {
        *("any  ", "channel  app", "group  vip", "code  sun"),
        *("any acme ", "channel acme app", "group acme vip", "code acme sun", "pool acme sent-out"),
    }
    goods = WantedGoods("lens", frozenset({"acme"}), brand="Orlik", category="photo/lenses", ancestors=("optics",))
    assert set(list_goods_marks([goods])) == {
        *("sku  lens", "sku acme lens", "merchant  acme", "brand  Orlik"),
        *("category  photo/lenses", "category  photo", "category  optics"),
    }


def test_promotions_declare_their_marks() -> None:
    assert PROMOTIONS.marks is list_marks
