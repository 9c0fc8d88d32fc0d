"""The seven totals of an order, step by step: they close, and every level is the sum of its parts."""

from collections.abc import Iterator
from random import Random

import pytest

from mktcore.errors import Hidden
from mktcore.money import Money, Rounding
from mktcore.orders import Order
from mktcore.totals import Expense, Line
from mktcore.totals.errors import UnknownFigure
from mktcore.totals.figures import Figures
from orders.made_figures import VAT_7, VAT_19, Life, make_order, make_worked_order

UNDONE = ("canceled_total", "canceled_tax_total", "refund_total", "refund_tax_total")


def tell(figures: Figures) -> tuple[str, ...]:
    """Return grand and tax, then what was canceled with its tax, then what was refunded with its tax."""
    names = ("grand_total", "tax_total", *UNDONE)
    return tuple(str(getattr(figures, name)).removesuffix(" EUR") for name in names)


def find_line(order: Order, key: str) -> Figures:
    return next(line.totals for part in order.merchant_orders for line in part.lines if line.key == key)


def test_five_units_ship_three_cancel_one_keep_one_waiting_and_one_half_comes_back() -> None:
    life = Life(make_worked_order())
    assert tell(life.order.totals) == ("141.35", "18.57", "0.00", "0.00", "0.00", "0.00")
    assert tell(life.order.get_part("order-1--acme").totals)[:2] == ("97.98", "15.64")
    assert tell(life.order.get_part("order-1--bolt").totals)[:2] == ("42.37", "2.77")
    life.move("l1", ship=3)
    assert tell(life.order.totals) == ("141.35", "18.57", "0.00", "0.00", "0.00", "0.00")
    order = life.move("l1", cancel=1)
    assert tell(find_line(order, "l1")) == ("74.46", "11.89", "18.62", "2.97", "0.00", "0.00")
    assert tell(order.get_part("order-1--acme").totals) == ("79.36", "12.67", "18.62", "2.97", "0.00", "0.00")
    assert tell(order.totals) == ("122.73", "15.60", "18.62", "2.97", "0.00", "0.00")
    order = life.refund("l1", 931)
    assert tell(order.totals) == ("122.73", "15.60", "18.62", "2.97", "9.31", "1.49")
    assert order.get_part("order-1--bolt").totals == make_worked_order().get_part("order-1--bolt").totals


def test_what_was_placed_stays_readable() -> None:
    life = Life(make_worked_order())
    life.move("l1", ship=3)
    order = life.move("l1", cancel=2)
    placed = make_worked_order()
    assert order.totals.as_placed() == placed.totals
    assert find_line(order, "l1").as_placed() == find_line(placed, "l1")
    assert (str(order.totals.subtotal), str(order.totals.discount_total)) == ("145.45 EUR", "10.00 EUR")


def test_an_odd_amount_closes_over_a_cancellation_and_a_return() -> None:
    life = Life(make_order([Line("l1", "acme", Money.of("9.99", "EUR"), 2, per=2)]))
    life.move("l1", cancel=1)
    life.move("l1", ship=1)
    order = life.move("l1", give_back=1)
    assert tell(order.totals) == ("4.99", "0.00", "5.00", "0.00", "4.99", "0.00")


def test_of_prices_without_tax_canceled_and_refunded_are_net_beside_their_tax() -> None:
    life = Life(make_order([Line("l1", "acme", Money.of("30.00", "EUR"), 3, tax_rates=(VAT_19,))], included=False))
    life.move("l1", cancel=1)
    assert tell(life.order.totals) == ("71.40", "11.40", "30.00", "5.70", "0.00", "0.00")
    life.move("l1", ship=2)
    order = life.move("l1", give_back=1)
    assert tell(order.totals) == ("71.40", "11.40", "30.00", "5.70", "30.00", "5.70")
    assert str(order.totals.net) == "60.00 EUR"


def test_the_charges_of_a_merchant_are_canceled_with_its_last_piece() -> None:
    life = Life(make_worked_order())
    order = life.move("l1", cancel=5)
    assert tell(order.get_part("order-1--acme").totals) == ("0.00", "0.00", "97.98", "15.64", "0.00", "0.00")
    order = life.move("l2", cancel=1)
    assert tell(order.totals) == ("0.00", "0.00", "141.35", "18.57", "0.00", "0.00")


@pytest.mark.parametrize("mode", list(Rounding))
@pytest.mark.parametrize("included", [True, False], ids=["included", "excluded"])
def test_every_way_through_closes_and_every_level_is_the_sum_of_its_parts(mode: Rounding, included: bool) -> None:
    random = Random(f"{mode.name} {included}")  # noqa: S311 - the same in every run
    for _ in range(15):
        life = Life(draw_order(random, included=included, mode=mode))
        placed = life.order.totals
        for _ in range(3):
            for key in ("l1", "l2", "l3"):
                order = step(life, key, random)
                check_sums(order)
                check_formula(order.totals, included=included)
        for key, counts in life.counts.items():
            life.move(key, cancel=counts.open, give_back=counts.earned)
        for pool in life.funds.pools:
            if pool.is_charge():
                life.refund(pool.key, pool.kept.paid)
        order = life.state()
        check_sums(order)
        gone = sum_gone(order.totals, included=included)
        assert gone == (placed.grand_minor, placed.tax_minor)


def draw_order(random: Random, *, included: bool, mode: Rounding) -> Order:
    lines = [
        Line(key, merchant, Money.from_minor(random.randint(0, 9999), "EUR"), random.randint(1, 7), tax_rates=(rate,))
        for key, merchant, rate in (("l1", "acme", VAT_19), ("l2", "acme", VAT_7), ("l3", "bolt", VAT_19))
    ]
    expenses = [
        Expense("freight", "acme", Money.from_minor(random.randint(0, 999), "EUR"), (VAT_19,)),
        Expense("fee", None, Money.from_minor(random.randint(0, 999), "EUR"), (VAT_7,)),
    ]
    return make_order(lines, expenses=expenses, included=included, mode=mode)


def step(life: Life, key: str, random: Random) -> Order:
    counts = life.counts[key]
    ship = random.randint(0, counts.open)
    cancel = random.randint(0, counts.open - ship)
    return life.move(key, ship=ship, cancel=cancel, give_back=random.randint(0, counts.earned))


def check_sums(order: Order) -> None:
    """Every figure is the sum of its parts, counted here by hand."""
    for name in ("subtotal", "discount_total", "expense_total", "grand_total", "tax_total", *UNDONE):
        own = [entry.totals for entry in order.marketplace_order.expenses]
        levels: list[tuple[Figures, list[Figures]]] = [
            (order.totals, [*(part.totals for part in order.merchant_orders), *own])
        ]
        for part in order.merchant_orders:
            below = [*(line.totals for line in part.lines), *(entry.totals for entry in part.expenses)]
            levels.append((part.totals, below))
        for whole, parts in levels:
            assert getattr(whole, name).minor == sum(getattr(one, name).minor for one in parts), name


def check_formula(figures: Figures, *, included: bool) -> None:
    """grand = subtotal - discount + expense - canceled, and the tax on top where prices do not contain it."""
    grand = figures.subtotal - figures.discount_total + figures.expense_total - figures.canceled_total
    assert figures.grand_total == (grand if included else grand + figures.tax_total)


def sum_gone(figures: Figures, *, included: bool) -> tuple[int, int]:
    back = figures.canceled_total + figures.refund_total
    tax = figures.canceled_tax_total + figures.refund_tax_total
    return (back if included else back + tax).minor, tax.minor


def list_paths(order: Order) -> Iterator[tuple[str, Figures]]:
    yield "order", order.totals
    for part in order.merchant_orders:
        yield f"merchants.{part.merchant}", part.totals
        for line in part.lines:
            yield f"lines.{line.key}", line.totals
        for entry in part.expenses:
            yield f"expenses.{entry.expense.key}", entry.totals


def test_every_figure_of_every_level_is_explained_at_its_value() -> None:
    life = Life(make_worked_order())
    life.move("l1", ship=3, cancel=1)
    order = life.refund("l1", 931)
    names = ("subtotal", "discount_total", "expense_total", "tax_total", "grand_total", "net", *UNDONE)
    for path, figures in list_paths(order):
        for name in names:
            assert order.explain(f"{path}.{name}").value == str(getattr(figures, name)), f"{path}.{name}"


def test_a_canceled_total_is_explained_down_to_its_lines() -> None:
    life = Life(make_worked_order())
    life.move("l1", ship=3)
    order = life.move("l1", cancel=1)
    assert order.explain("merchants.acme.canceled_total").to_text() == (
        "merchants.acme.canceled_total: 18.62 EUR - the sum of\n"
        "└─ lines.l1.canceled_total: 18.62 EUR - of 93.08 EUR for 5 pieces as placed: "
        "each time the share of what was left"
    )
    told = order.explain("merchants.acme.grand_total")
    assert told.to_line() == "merchants.acme.grand_total: 79.36 EUR - as placed - canceled"
    assert [(part.title, part.value) for part in told.parts] == [
        ("merchants.acme.grand_total, as placed", "97.98 EUR"),
        ("merchants.acme.canceled_total", "18.62 EUR"),
    ]
    part = order.get_part("order-1--acme")
    assert part.explain("merchants.acme.canceled_total") == order.explain("merchants.acme.canceled_total")
    assert part.explain("lines.l1.tax_total").value == "11.89 EUR"


def test_what_is_no_figure_or_not_the_callers_is_refused() -> None:
    order = make_worked_order()
    for path in ("merchants.fern.canceled_total", "lines.l9.grand_total", "order.sum", "grand_total"):
        with pytest.raises(UnknownFigure):
            order.explain(path)
    part = order.get_part("order-1--acme")
    for path in ("merchants.bolt.canceled_total", "order.grand_total", "lines.l1.as_placed"):
        with pytest.raises(UnknownFigure):
            part.explain(path)
    with pytest.raises(Hidden):
        part.without_bearers().explain("lines.l1.merchant_borne")
