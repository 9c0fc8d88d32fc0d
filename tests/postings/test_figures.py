"""Worked examples, to the cent, as a merchant would check them against a statement."""

from itertools import permutations

import attrs
import pytest

from mktcore.ledger import Transaction
from mktcore.money import Money
from mktcore.postings import OrderFunds, Pool, SaleFigures, find_figures
from mktcore.postings.payout_postings import post_payout_paid, post_payout_sent, post_release, post_reserve
from mktcore.postings.refund_postings import post_goodwill, post_refund_executed
from mktcore.postings.sale_postings import post_capture
from postings.books import EUR, Books, make_commission

ACME = "merchant:acme"


def eur(text: str) -> Money:
    return Money.of(text, "EUR")


def pay(books: Books, amount: str, buyer: str = "b1") -> None:
    assert books.post(post_capture(books.name(), amount=eur(amount), buyer=buyer)) == ()


def earn(funds: OrderFunds) -> OrderFunds:
    return attrs.evolve(funds, pools=tuple(pool.earn(pool.open.pieces) for pool in funds.pools))


def refund(funds: OrderFunds, amount: int) -> OrderFunds:
    keys = [pool.key for pool in funds.pools if pool.merchant is not None]
    return funds.refund(funds.spread_refund(amount, keys))


def find_amounts(transactions: tuple[Transaction, ...], kind: str) -> dict[str, str]:
    [found] = [one for one in transactions if one.kind == kind]
    return {leg.account.type.code: str(leg.amount.amount) for leg in found.legs}


# A sale of 119.00 with 5.95 freight and 1.19 service; 20.00 off, of which the marketplace bears 8.00; 12 % and 19 % tax
SALE = OrderFunds(
    "order-1",
    EUR,
    (
        Pool.of("l1", "acme", pieces=1, paid=9900, tax=0, borne=800),
        Pool.of("/freight", "acme", pieces=1, paid=595, tax=0, borne=0),
        Pool.of("/service", None, pieces=1, paid=119, tax=19, borne=0),
    ),
)
FEES = {"acme": (make_commission("l1", "10.79", "2.05"),)}


def test_a_sale_is_refunded_in_part_paid_out_refunded_whole_and_set_off_against_the_next() -> None:
    books = Books()
    pay(books, "106.14")
    sold = earn(SALE)
    posted = books.follow(SALE, sold, FEES)
    assert find_amounts(posted, "earning") == {
        "OF": "106.14", "PR": "8.00", "PE": "-112.95", "SI": "-1.00", "VT": "-0.19",
    }  # fmt: skip
    assert find_amounts(posted, "commission") == {"PE": "12.84", "CI": "-10.79", "VT": "-2.05"}
    assert books.find("pending", ACME) == "100.11"

    part = refund(sold, 3000)
    posted = books.follow(sold, part, FEES)
    assert find_amounts(posted, "refund") == {
        "PE": "28.62", "CI": "3.08", "VT": "0.59", "PR": "-2.29", "RD": "-30.00",
    }  # fmt: skip
    books.post(post_release(books.name(), books.find_position(), amount=eur("71.49")))
    books.post(post_payout_sent(books.name(), books.find_position(), amount=eur("71.49")))
    books.post(post_payout_paid(books.name(), books.find_position(), amount=eur("71.49")))
    assert {name: books.find(name, ACME) for name in ("pending", "available", "in_transit")} == {
        "pending": "0.00", "available": "0.00", "in_transit": "0.00",
    }  # fmt: skip

    whole = refund(part, 7495)
    books.follow(part, whole, FEES)
    assert books.find("merchant_debt", ACME) == "71.49"
    assert {name: books.find(name) for name in ("commission_income", "promotion_cost", "own_vat")} == {
        "commission_income": "0.00", "promotion_cost": "0.00", "own_vat": "0.19",
    }  # fmt: skip

    pay(books, "200.00")
    following = OrderFunds("order-2", EUR, (Pool.of("l1", "acme", pieces=1, paid=20000, tax=0, borne=0),))
    books.follow(following, earn(following), {"acme": (make_commission("l1", "24.00", "4.56"),)})
    assert (books.find("merchant_debt", ACME), books.find("pending", ACME)) == ("0.00", "99.95")
    assert books.is_balanced()


def test_a_refund_after_a_reserve_and_a_payout_takes_what_is_there_in_order() -> None:
    books = Books()
    pay(books, "106.14")
    sold = earn(SALE)
    books.follow(SALE, sold, FEES)
    books.post(post_release(books.name(), books.find_position(), amount=eur("60.11")))
    books.post(post_reserve(books.name(), books.find_position(), amount=eur("10.11")))
    posted = books.follow(sold, refund(sold, 10495), FEES)
    assert find_amounts(posted, "refund") == {
        "PE": "40.00", "AV": "50.00", "RS": "10.11", "CI": "10.79", "VT": "2.05", "PR": "-8.00", "RD": "-104.95",
    }  # fmt: skip
    assert books.find("merchant_debt", ACME) == "0.00"


REFUNDS = [*permutations((2904, 2904, 2904)), *permutations((1000, 3333, 4379))]


@pytest.mark.parametrize("refunds", REFUNDS)
def test_three_refunds_give_back_all_commission_and_tax_in_every_order(refunds: tuple[int, ...]) -> None:
    books, fees = Books(), {"acme": (make_commission("l1", "13.94", "2.65"),)}
    placed = OrderFunds("order-1", EUR, (Pool.of("l1", "acme", pieces=3, paid=8712, tax=0, borne=0),))
    pay(books, "87.12")
    funds = earn(placed)
    books.follow(placed, funds, fees)
    assert (books.find("commission_income"), books.find("own_vat")) == ("13.94", "2.65")
    for amount in refunds:
        after = refund(funds, amount)
        books.follow(funds, after, fees)
        funds = after
    assert books.list_balances() == {}


@pytest.mark.parametrize(
    ("refunds", "steps"),
    [
        ((2904, 2904, 2904), [("4.65", "0.88"), ("4.64", "0.89"), ("4.65", "0.88")]),
        ((1000, 3333, 4379), [("1.60", "0.30"), ("5.33", "1.02"), ("7.01", "1.33")]),
        ((4379, 1000, 3333), [("7.01", "1.33"), ("1.60", "0.31"), ("5.33", "1.01")]),
    ],
)
def test_each_of_three_refunds_gives_back_its_share(refunds: tuple[int, ...], steps: list[tuple[str, str]]) -> None:
    books, fees = Books(), {"acme": (make_commission("l1", "13.94", "2.65"),)}
    placed = OrderFunds("order-1", EUR, (Pool.of("l1", "acme", pieces=3, paid=8712, tax=0, borne=0),))
    pay(books, "87.12")
    funds = earn(placed)
    books.follow(placed, funds, fees)
    found = []
    for amount in refunds:
        after = refund(funds, amount)
        amounts = find_amounts(books.follow(funds, after, fees), "refund")
        found.append((amounts["CI"], amounts["VT"]))
        funds = after
    assert found == steps


def test_what_half_a_refund_costs_the_merchant_after_a_cancellation() -> None:
    # Five units of 93.08: three ship, one is canceled, one waits; one of the three comes back and is half refunded.
    books, fees = Books(), {"acme": (make_commission("l1", "9.80"),)}
    placed = OrderFunds("order-1", EUR, (Pool.of("l1", "acme", pieces=5, paid=9308, tax=0, borne=412),))
    pay(books, "93.08")
    shipped = attrs.evolve(placed, pools=(placed.pools[0].earn(3),))
    books.follow(placed, shipped, fees)
    canceled = attrs.evolve(shipped, pools=(shipped.pools[0].cancel(1),))
    assert {one.kind for one in books.follow(shipped, canceled, fees)} == {"cancellation", "refund-executed"}
    posted = books.follow(canceled, canceled.refund({"l1": 931}), fees)
    assert find_amounts(posted, "refund") == {"PE": "8.75", "CI": "0.98", "PR": "-0.42", "RD": "-9.31"}
    # Goodwill costs the merchant nothing.
    pending = books.find("pending", ACME)
    books.post(post_goodwill(books.name(), amount=eur("9.31"), buyer="b1"))
    books.post(post_refund_executed(books.name(), amount=eur("9.31"), buyer="b1"))
    assert (books.find("pending", ACME), books.find("losses")) == (pending, "9.31")


def test_half_a_cent_of_commission_goes_back_in_thirds_that_sum_to_it() -> None:
    books, fees = Books(), {"acme": (make_commission("l1", "0.50"),)}
    placed = OrderFunds("order-1", EUR, (Pool.of("l1", "acme", pieces=1, paid=9999, tax=0, borne=0),))
    pay(books, "99.99")
    funds, found = earn(placed), []
    books.follow(placed, funds, fees)
    for _ in range(3):
        after = refund(funds, 3333)
        found.append(find_amounts(books.follow(funds, after, fees), "refund")["CI"])
        funds = after
    assert found == ["0.17", "0.16", "0.17"]


def test_tax_that_the_marketplace_owes_never_is_the_merchants() -> None:
    # 100.00 and 8.25 state tax that a facilitator owes: 12.00 commission are taken of what is the merchant's.
    books, fees = Books(), {"acme": (make_commission("l1", "12.00"),)}
    placed = OrderFunds("order-1", EUR, (Pool.of("l1", "acme", pieces=2, paid=10825, tax=825, borne=0),))
    pay(books, "108.25")
    sold = earn(placed)
    posted = books.follow(placed, sold, fees)
    assert find_amounts(posted, "earning") == {"OF": "108.25", "PE": "-100.00", "TX": "-8.25"}
    assert (books.find("pending", ACME), books.find("sales_tax")) == ("88.00", "8.25")
    half = attrs.evolve(sold, pools=(sold.pools[0].refund_pieces(1),))
    books.follow(sold, half, fees)
    assert (books.find("pending", ACME), books.find("sales_tax")) == ("44.00", "4.12")
    books.follow(half, attrs.evolve(half, pools=(half.pools[0].refund_pieces(1),)), fees)
    assert books.list_balances() == {}


def test_figures_to_date_are_by_merchant_and_for_the_marketplace() -> None:
    found = find_figures(refund(earn(SALE), 3000), FEES)
    assert found["acme"] == SaleFigures(earned=10495, refunded=3000, borne=571, commission=771, commission_tax=146)
    assert found[None] == SaleFigures(earned=119, earned_tax=19)
