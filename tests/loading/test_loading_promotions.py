"""`promotions.csv`: every part of a promotion has a column, or a document."""

import csv
from datetime import UTC, datetime
from decimal import Decimal
from io import StringIO
from pathlib import Path

import pytest

from markets import LAMPS, open_market
from mktcore.loading import LoadRefused
from mktcore.marketplace import Marketplace
from mktcore.money import Money
from mktcore.promotions import (
    PROMOTIONS,
    AllOf,
    Amount,
    AmountOff,
    BuyXGetY,
    FixedPrice,
    Limits,
    LineFilter,
    PercentOff,
    Promotion,
    ShippingOff,
    WithCode,
)
from mktcore.promotions.conditions import WithPoolCode
from mktcore.promotions.effects import Gift
from mktcore.promotions.line_filter import ChargeFilter
from mktcore.promotions.piece_selection import Pieces, SetPart, Sets, Which
from mktcore.promotions.promotion import Level
from mktcore.testing.fakes import ManualClock
from mktcore.totals.inputs import Basis
from mktcore.wire import to_json

TENTH = Decimal("0.1")
BUNDLE = Sets((SetPart(1, LineFilter(skus=("lamp",))), SetPart(2, LineFilter(skus=("vase",)))), 3)


def eur(amount: str) -> Money:
    return Money.of(amount, "EUR")


def write(rows: list[dict[str, str]]) -> str:
    text = StringIO()
    names = dict.fromkeys(["promotion", "effect", *(name for row in rows for name in row)])
    writer = csv.DictWriter(text, list(names), lineterminator="\n")
    writer.writeheader()
    writer.writerows([{"promotion": f"p{number}", **row} for number, row in enumerate(rows)])
    return text.getvalue()


ROWS: list[tuple[dict[str, str], Promotion]] = [
    (
        {"effect": "fixed-price", "amount": "50.00", "bundle": "lamp; 2 x vase", "times": "3"},
        Promotion("p", FixedPrice(eur("50.00")), pieces=BUNDLE),
    ),
    (
        {"effect": "percent-off", "percent": "0.1", "bundle": "category:lights; 3 x sku:lamp|vase; brand:Orlik|Solara"},
        Promotion(
            "p",
            PercentOff(TENTH),
            pieces=Sets(
                (
                    SetPart(1, LineFilter(categories=("lights",))),
                    SetPart(3, LineFilter(skus=("lamp", "vase"))),
                    SetPart(1, LineFilter(brands=("Orlik", "Solara"))),
                )
            ),
        ),
    ),
    (
        {"effect": "buy-x-get-y", "buy": "1", "skus": "lamp", "get_skus": "vase"},
        Promotion("p", BuyXGetY(1, of=LineFilter(skus=("vase",))), targets=LineFilter(skus=("lamp",))),
    ),
    (
        {"effect": "percent-off", "percent": "0.1", "categories": "lights", "except_brands": "Solara"},
        Promotion(
            "p",
            PercentOff(TENTH),
            targets=LineFilter(categories=("lights",), excluding=LineFilter(brands=("Solara",))),
        ),
    ),
    (
        {"effect": "amount-off", "amount": "5.00", "every": "50.00"},
        Promotion("p", AmountOff(eur("5.00"), every=eur("50.00"))),
    ),
    (
        {"effect": "buy-x-get-y", "buy": "2", "percent": "0.1", "get_which": "dearest"},
        Promotion("p", BuyXGetY(2, percent=TENTH, which=Which.DEAREST)),
    ),
    ({"effect": "gift", "gift": "vase", "gift_kept": "yes"}, Promotion("p", Gift("vase", is_kept=True))),
    (
        {"effect": "percent-off", "percent": "0.1", "of_original_price": "yes", "on_sale": "no"},
        Promotion("p", PercentOff(TENTH, basis=Basis.ORIGINAL), targets=LineFilter(on_sale=False)),
    ),
    (
        {"effect": "amount-off", "amount": "3.00", "per_piece": "yes", "pieces_at_most": "2"},
        Promotion("p", AmountOff(eur("3.00"), per_piece=True), pieces=Pieces(2)),
    ),
    (
        {"effect": "percent-off", "percent": "0.1", "pieces_at_most": "1", "pieces_which": "dearest"},
        Promotion("p", PercentOff(TENTH), pieces=Pieces(1, Which.DEAREST)),
    ),
    (
        {"effect": "fixed-price", "amount": "20.00", "set_of": "3", "times": "2", "spends_pieces": "yes"},
        Promotion("p", FixedPrice(eur("20.00")), pieces=Sets((SetPart(3),), 2), spends_pieces=True),
    ),
    (
        {"effect": "fixed-price", "amount": "50.00", "pieces": to_json(BUNDLE).decode()},
        Promotion("p", FixedPrice(eur("50.00")), pieces=BUNDLE),
    ),
    (
        {"effect": "amount-off", "amount": "5.00", "level": "line", "judged": "order", "from_amount": "50.00"},
        Promotion("p", AmountOff(eur("5.00")), level=Level.LINE, judged=Level.ORDER, condition=Amount(eur("50.00"))),
    ),
    (
        {"effect": "amount-off", "amount": "5.00", "from_amount": "50.00", "from_what_is_left": "yes"},
        Promotion("p", AmountOff(eur("5.00")), condition=Amount(eur("50.00"), basis=Basis.REMAINING)),
    ),
    (
        {"effect": "amount-off", "amount": "50.00", "codes": "V50", "charges": "*", "uses_per_code": "1"},
        Promotion(
            "p",
            AmountOff(eur("50.00")),
            condition=WithCode(("V50",)),
            charges=ChargeFilter(),
            limits=Limits(per_code=1),
        ),
    ),
    (
        {"effect": "percent-off", "percent": "0.1", "codes": "A", "pool": "spring"},
        Promotion("p", PercentOff(TENTH), condition=AllOf((WithCode(("A",)), WithPoolCode("spring")))),
    ),
    (
        {"effect": "shipping-off", "shipping_price": "2.90", "per_charge": "yes", "charges": "*-express;pickup"},
        Promotion(
            "p",
            ShippingOff(price=eur("2.90"), per_charge=True),
            charges=ChargeFilter(keys=("*-express", "pickup")),
        ),
    ),
    ({"effect": "shipping-off", "amount": "2.00"}, Promotion("p", ShippingOff(amount=eur("2.00")))),
    ({"effect": "shipping-off", "percent": "0.1"}, Promotion("p", ShippingOff(TENTH))),
    ({"effect": "gift", "gift": "vase"}, Promotion("p", Gift("vase"))),
    (
        {"effect": "gift", "gift": "vase", "get": "2", "gift_offer": "acme-vase"},
        Promotion("p", Gift("vase", 2, "acme-vase")),
    ),
]


def load(market: Marketplace, folder: Path, rows: list[dict[str, str]]) -> None:
    folder.mkdir(exist_ok=True)
    (folder / "promotions.csv").write_text(write(rows), encoding="utf-8")
    market.load(folder)


def test_every_part_of_a_promotion_can_be_loaded(tmp_path: Path) -> None:
    clock = ManualClock(datetime(2026, 7, 1, 12, tzinfo=UTC))
    with open_market("memory", tmp_path, clock, LAMPS) as market:
        load(market, tmp_path / "more", [row for row, _ in ROWS])
        with market.store.begin(market.as_operator()) as unit:
            found = unit.repository(PROMOTIONS).find_many([f"p{number}" for number in range(len(ROWS))])
    for number, (_, expected) in enumerate(ROWS):
        stored = found[f"p{number}"]
        fields = ("effect", "condition", "targets", "level", "judged", "pieces", "spends_pieces", "charges", "limits")
        assert {name: getattr(stored, name) for name in fields} == {name: getattr(expected, name) for name in fields}


@pytest.mark.parametrize(
    ("row", "where"),
    [
        ({"effect": "shipping-off"}, "percent"),
        ({"effect": "shipping-off", "percent": "0.1", "shipping_price": "1.00"}, "shipping_price"),
        ({"effect": "gift"}, "gift"),
        ({"effect": "gift", "gift": "vase", "get": "0"}, "gift_offer"),
        ({"effect": "percent-off", "percent": "0.1", "pieces_at_most": "0"}, "pieces_which"),
        ({"effect": "percent-off", "percent": "0.1", "pieces_at_most": "1", "pieces_which": "best"}, "pieces_which"),
        ({"effect": "percent-off", "percent": "0.1", "set_of": "0"}, "times"),
        ({"effect": "percent-off", "percent": "0.1", "pieces": to_json(WithCode(("A",))).decode()}, "pieces"),
        ({"effect": "percent-off", "percent": "0.1", "pieces": "{"}, "pieces"),
        ({"effect": "percent-off", "percent": "0.1", "judged": "cart"}, "judged"),
        ({"effect": "percent-off", "percent": "0.1", "pool": "a pool"}, "pool"),
        ({"effect": "cheapest-free", "buy": "3", "charges": "*"}, "promotion"),
    ],
)
def test_what_is_wrong_is_told_where_it_stands(
    row: dict[str, str], where: str, market: Marketplace, tmp_path: Path
) -> None:
    names = dict.fromkeys(["promotion", "effect", "percent", "gift", "gift_offer", "pieces_which", "times"], "")
    with pytest.raises(LoadRefused) as caught:
        load(market, tmp_path / "more", [names | {"promotion": "p"} | row])
    assert [problem.where for problem in caught.value.problems] == [f"promotions.csv:2:{where}"]


@pytest.mark.parametrize(
    ("bundle", "said"),
    [
        ("lamp; 0 x vase", "part 2"),
        ("lamp; category:", "part 2"),
        ("lamp|category:lights", "part 1"),
        ("vase; category:lights|brand:Orlik", "part 2"),
        ("a;b;c;d;e;f;g;h;i", "1 to 8 parts"),
        (";", "1 to 8 parts"),
    ],
)
def test_a_bundle_that_is_none_says_which_part(tmp_path: Path, clock: ManualClock, bundle: str, said: str) -> None:
    rows = [{"effect": "fixed-price", "amount": "5.00", "bundle": bundle}]
    with (
        pytest.raises(LoadRefused, match=said) as refused,
        open_market("memory", tmp_path, clock, LAMPS | {"promotions.csv": write(rows)}),
    ):
        pass
    assert [one.operands["column"] for one in refused.value.problems] == ["bundle"]


def test_a_document_that_is_none_says_where(tmp_path: Path, clock: ManualClock) -> None:
    document = to_json(BUNDLE).decode().replace('"pieces":2', '"pieces":0')
    rows = [{"effect": "fixed-price", "amount": "5.00", "pieces": document}]
    with (
        pytest.raises(LoadRefused, match=r"parts\[1\]"),
        open_market("memory", tmp_path, clock, LAMPS | {"promotions.csv": write(rows)}),
    ):
        pass
