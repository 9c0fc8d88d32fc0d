"""Laws of carts whose prices depend on quantities: how pieces are split over lines makes no difference."""

from collections import defaultdict

from hypothesis import given, settings
from hypothesis import strategies as st

from carts.shop import add_goods, eur, open_shop, sell, simulate
from mktcore.carts import CartLine
from mktcore.catalog import Product, Sku

COLOURS, BREAKS = ("green", "red"), {1: "6.36", 12: "5.88", 24: "4.80"}
MARKET = open_shop()
add_goods(MARKET, Product("tee", "Tee"), *[Sku(f"tee-{one}", one, product="tee") for one in COLOURS], Sku("cap", "Cap"))
for colour in COLOURS:
    sell(MARKET, f"acme-{colour}", f"tee-{colour}", BREAKS, cumulative=True, stock=10**6)
    sell(MARKET, f"bolt-{colour}", f"tee-{colour}", {1: "6.00", 30: "4.50"}, cumulative=True, stock=10**6)
sell(MARKET, "acme-cap", "cap", BREAKS, cumulative=True, stock=10**6)

LINES = st.lists(
    st.tuples(st.sampled_from([*COLOURS, "cap"]), st.integers(1, 15), st.sampled_from([None, "acme", "bolt"])),
    min_size=1,
    max_size=6,
)


def find_price(merchant: str, pieces: int) -> str:
    """Return what one piece costs, said a second time."""
    breaks = BREAKS if merchant == "acme" else {1: "6.00", 30: "4.50"}
    return max((least, price) for least, price in breaks.items() if least <= pieces)[1]


@given(drawn=LINES)
@settings(max_examples=200)
def test_every_line_has_the_price_of_all_pieces_that_go_with_it(drawn: list[tuple[str, int, str | None]]) -> None:
    lines = []
    for number, (name, quantity, merchant) in enumerate(drawn):
        seller = "acme" if name == "cap" and merchant else merchant
        sku = name if name == "cap" else f"tee-{name}"
        lines.append(CartLine(f"l{number}", sku, quantity, offer=None if seller is None else f"{seller}-{name}"))
    priced = simulate(MARKET, *lines).lines
    assert len(priced) == len(lines)
    pieces: dict[tuple[str, str], int] = defaultdict(int)
    for line in priced:
        pieces[line.sku.product_id, line.offer.merchant] += line.line.quantity
    for line in priced:
        merchant = line.offer.merchant
        assert line.price.unit_price == eur(find_price(merchant, pieces[line.sku.product_id, merchant]))


@given(drawn=LINES)
@settings(max_examples=60)  # a line for every piece
def test_splitting_a_line_changes_no_sum(drawn: list[tuple[str, int, str | None]]) -> None:
    whole = [CartLine(f"l{n}", "cap", quantity) for n, (_, quantity, _) in enumerate(drawn)]
    split = [CartLine(f"l{n}", "cap", 1) for n in range(sum(line.quantity for line in whole))]
    assert simulate(MARKET, *whole).totals.order.subtotal == simulate(MARKET, *split).totals.order.subtotal
