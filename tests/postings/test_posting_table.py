"""The table in the documents is the one in the code, and whatever the amounts are, its rows balance."""

from collections import Counter
from pathlib import Path

import pytest

from mktcore.errors import InvalidValue
from mktcore.ledger import CHART, Account
from mktcore.money import Money
from mktcore.postings import POSTING_TABLE, MerchantPosition, Occasion, PostingParties, Row
from mktcore.postings.buyer_postings import (
    post_account_paid,
    post_bad_debt,
    post_deposit_applied,
    post_deposit_returned,
    post_deposit_taken,
    post_escrow_funded,
    post_escrow_refunded,
    post_escrow_released,
    post_forfeit,
    post_top_up,
    post_withdrawal,
)
from mktcore.postings.currency_exchange import post_exchange
from mktcore.postings.payout_postings import post_tax_remitted
from mktcore.postings.posting_table import draw_table
from mktcore.postings.refund_postings import post_own_charge_refund, post_refund_executed
from mktcore.postings.sale_postings import (
    hold_payment,
    post_bill_reversed,
    post_capture,
    post_commission,
    post_commission_billed,
    post_promotion_owed,
)
from postings.books import EUR, NOON, Books

PAGE = Path(__file__).parents[2] / "docs" / "postings.md"
ACME, BUYER = "merchant:acme", "buyer:b1"
NOBODY = MerchantPosition("acme", EUR)


def eur(text: str) -> Money:
    return Money.of(text, "EUR")


def test_the_documents_show_the_table() -> None:
    page = PAGE.read_text(encoding="utf-8")
    shown = page.split("<!-- table -->\n")[1].split("<!-- end of table -->")[0]
    assert shown.strip() == draw_table().strip()


@pytest.mark.parametrize("row", POSTING_TABLE, ids=lambda row: row.event)
def test_each_row_balances_symbol_by_symbol(row: Row) -> None:
    sides: list[Counter[str]] = []
    for parts in (row.debits, row.credits):
        side: Counter[str] = Counter()
        for sign, symbol in (term for part in parts for term in part.terms):
            side[symbol] += sign
        sides.append(Counter({symbol: count for symbol, count in side.items() if count}))
    # What is only on one side must cancel out there: R+b-t and t.
    assert sides[0] == sides[1]


@pytest.mark.parametrize("row", POSTING_TABLE, ids=lambda row: row.event)
def test_each_row_names_accounts_of_the_chart(row: Row) -> None:
    words = {"take", "give", "give-available", "source"} | {one.code for one in CHART.values()}
    assert {part.word for part in (*row.debits, *row.credits)} <= words


def test_no_two_rows_bear_one_name() -> None:
    assert len({row.event for row in POSTING_TABLE}) == len(POSTING_TABLE) == 41


def test_a_long_key_keeps_its_event_and_stays_one() -> None:
    long, other = (Occasion(f"{'o' * 118}/{number}", NOON, "order") for number in (1, 2))
    keys = {one.name_key("capture") for one in (long, other)}
    assert len(keys) == 2
    assert all(key.endswith("/capture") and len(key) <= 116 for key in keys)


def test_nothing_is_posted_where_nothing_moves() -> None:
    assert post_capture(Occasion("k", NOON, "o"), amount=eur("0.00"), buyer="b1") == ()


def test_a_row_asks_whose_accounts_it_moves() -> None:
    [capture] = [row for row in POSTING_TABLE if row.event == "capture"]
    with pytest.raises(InvalidValue, match="whose order_funds it is"):
        capture.fill(Occasion("k", NOON, "o"), {"x": eur("1.00")}, PostingParties())


def test_escrow_goes_to_the_merchant_or_back() -> None:
    books = Books()
    books.post(post_escrow_funded(books.name(), amount=eur("100.00"), buyer="b1"))
    books.post(post_escrow_released(books.name(), books.find_position(), amount=eur("60.00"), buyer="b1"))
    books.post(post_commission(books.name(), books.find_position(), amount=eur("6.00"), tax=eur("1.14")))
    books.post(post_escrow_refunded(books.name(), amount=eur("40.00"), buyer="b1"))
    assert books.list_balances() == {
        "clearing": "100.00",
        "own_vat": "1.14",
        "commission_income": "6.00",
        "available": "52.86",
        "refund_due": "40.00",
    }


def test_a_deposit_is_applied_returned_and_forfeited_to_the_last_cent() -> None:
    books = Books()
    books.post(post_deposit_taken(books.name(), amount=eur("3000.03"), buyer="b1"))
    books.post(post_deposit_applied(books.name(), amount=eur("300.00"), buyer="b1"))
    books.post(post_deposit_returned(books.name(), amount=eur("200.00"), buyer="b1"))
    forfeit = post_forfeit(
        books.name(), books.find_position(), amount=eur("2500.03"), share=eur("2000.02"), tax=eur("0.00"), buyer="b1"
    )
    books.post(forfeit)
    assert (books.find("available", ACME), books.find("forfeit_income")) == ("2000.02", "500.01")
    assert books.find("deposit", BUYER) == "0.00"


def test_prepaid_money_pays_an_order_and_comes_back() -> None:
    books = Books()
    books.post(post_top_up(books.name(), amount=eur("50.00"), buyer="b1"))
    [hold] = hold_payment(books.name(), amount=eur("30.00"), buyer="b1", source="prepaid")
    with books.store.begin(books.scope) as unit:
        assert unit.ledger.hold([hold], at=NOON) == ()
        [capture] = post_capture(books.name(), amount=eur("30.00"), buyer="b1", source="prepaid")
        unit.ledger.settle(hold.id, capture, at=NOON)
        unit.commit()
    assert (books.find("prepaid", BUYER), books.find("order_funds", BUYER)) == ("20.00", "30.00")
    assert books.post(post_withdrawal(books.name(), amount=eur("20.01"), buyer="b1")) != ()
    assert books.post(post_withdrawal(books.name(), amount=eur("20.00"), buyer="b1")) == ()
    assert books.find("refund_due", BUYER) == "20.00"
    books.post(post_refund_executed(books.name(), amount=eur("20.00"), buyer="b1"))
    assert books.find("clearing") == "30.00"


def test_goods_on_account_are_paid_or_never_are() -> None:
    books = Books()
    with books.store.begin(books.scope) as unit:
        unit.ledger.set_limits({next(iter(find_account())): eur("100.00")})
        unit.commit()
    assert books.post(post_capture(books.name(), amount=eur("100.01"), buyer="b1", source="buyer_debt")) != ()
    assert books.post(post_capture(books.name(), amount=eur("100.00"), buyer="b1", source="buyer_debt")) == ()
    books.post(post_account_paid(books.name(), amount=eur("70.00"), buyer="b1"))
    books.post(post_bad_debt(books.name(), amount=eur("30.00"), buyer="b1"))
    assert books.list_balances() == {"bank": "70.00", "losses": "30.00", "order_funds": "100.00"}


def find_account() -> set[Account]:
    return {Account(BUYER, "buyer_debt", "EUR")}


def test_a_merchant_that_takes_the_payment_itself_owes_commission_less_our_share() -> None:
    books = Books()
    books.post(post_commission_billed(books.name(), NOBODY, amount=eur("10.79"), tax=eur("2.05")))
    assert books.find("merchant_debt", ACME) == "12.84"
    books.post(post_promotion_owed(books.name(), books.find_position(), amount=eur("14.00")))
    assert (books.find("merchant_debt", ACME), books.find("available", ACME)) == ("0.00", "1.16")
    undone = post_bill_reversed(
        books.name(), books.find_position(), amount=eur("10.79"), tax=eur("2.05"), borne=eur("14.00")
    )
    books.post(undone)
    books.post(post_own_charge_refund(books.name(), net=eur("1.00"), tax=eur("0.19"), buyer="b1"))
    left = books.list_balances()
    assert {name: left.get(name, "0.00") for name in ("commission_income", "promotion_cost")} == {
        "commission_income": "0.00",
        "promotion_cost": "0.00",
    }
    assert (left["service_income"], left["own_vat"], left["refund_due"]) == ("-1.00", "-0.19", "1.19")


def test_an_exchange_is_two_balanced_transactions_each_linked_to_the_other() -> None:
    # 8,241.37 USD with a spread of 0.5 %: 41.21; 8,200.16 x 0.9173, rounded down, are 7,522.00 EUR.
    sold, bought = post_exchange(
        Occasion("exchange-1", NOON, "exchange-1"),
        "acme",
        sold=Money.of("8200.16", "USD"),
        spread=Money.of("41.21", "USD"),
        bought=eur("7522.00"),
    )
    assert (sold.linked, bought.linked) == ((bought.key,), (sold.key,))
    assert [(leg.account.type.code, str(leg.amount)) for leg in (*sold.legs, *bought.legs)] == [
        ("AV", "8241.37 USD"),
        ("FX", "-8200.16 USD"),
        ("SI", "-41.21 USD"),
        ("FX", "7522.00 EUR"),
        ("AV", "-7522.00 EUR"),
    ]


def test_the_authority_gets_both_taxes() -> None:
    [remitted] = post_tax_remitted(Occasion("t", NOON, "t"), sales_tax=eur("8.25"), own_vat=eur("2.05"))
    assert [(leg.account.type.code, str(leg.amount)) for leg in remitted.legs] == [
        ("TX", "8.25 EUR"),
        ("VT", "2.05 EUR"),
        ("BK", "-10.30 EUR"),
    ]
