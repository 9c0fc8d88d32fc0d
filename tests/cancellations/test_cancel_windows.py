"""Cancel windows by policy: free inside, asked for after; the merchant answers or time decides."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from markets import NOON, TWO_MERCHANTS
from mktcore.cancellations import CancellationChanged, CancellationRefused
from mktcore.carts import Cart, CartLine
from mktcore.errors import InvalidValue
from mktcore.marketplace import Marketplace
from mktcore.money import Money
from mktcore.order_thresholds import OrderThreshold
from mktcore.orders import MerchantOrder, Order
from mktcore.orders.bind_processes import bind_order_processes
from mktcore.orders.cancellation_policy import CancellationPolicy, MissedMinimum
from mktcore.persistence import Scope
from mktcore.postings.charge_refund_rule import ChargeRule, ChargeRules
from mktcore.processes import EventRefused, verify, verify_jointly
from mktcore.testing.fakes import CountingIds, ManualClock
from mktcore.totals.thresholds import ThresholdKind

FILES = TWO_MERCHANTS | {
    "skus.csv": "sku,name,tax_category\nlens,Lens,\nbook,Book,\n",
    "offers.csv": "offer,merchant,sku,price,stock\nlens,acme,lens,9.99,99\nbook,bolt,book,45.50,99\n",
    "shipping_fees.csv": "merchant,fee,free_from,tax_category\nacme,4.90,500.00,\n",
}
ACME, BUYER, OPERATOR = Scope.merchant("acme"), Scope.buyer("b1"), Scope.operator()
PART = "order-1--acme"


@contextmanager
def placed(policy: CancellationPolicy, folder: Path) -> Iterator[tuple[Marketplace, ManualClock]]:
    clock = ManualClock(NOON)
    for name, text in FILES.items():
        (folder / name).write_text(text, encoding="utf-8")
    processes = bind_order_processes(policy)
    with Marketplace.in_memory("EUR", clock=clock, ids=CountingIds(), processes=processes) as market:
        market.load(folder)
        lines = [CartLine("l1", "lens", 3, offer="lens"), CartLine("l2", "book", 1, offer="book")]
        market.place(Cart.of("cart-1", buyer="b1", lines=lines), key="k1", scope=BUYER)
        yield market, clock
        assert market.verify() == ()


def states(market: Marketplace) -> dict[str, dict[str, int]]:
    part = market.orders.get_merchant_order(PART, scope=OPERATOR)
    return {line: dict(own) for line, own in part.states.items()}


def test_a_buyer_cancels_freely_inside_the_window_and_asks_after_it(tmp_path: Path) -> None:
    with placed(CancellationPolicy(free_for=timedelta(hours=2)), tmp_path) as (market, clock):
        clock.advance(timedelta(hours=2) - timedelta(seconds=1))
        preview = market.orders.preview_cancel("order-1", {"l1": 1}, scope=BUYER)
        assert (preview.canceled, preview.asked, str(preview.amount)) == ({"l1": 1}, {}, "9.99 EUR")
        market.orders.cancel("order-1", {"l1": 1}, key="c1", scope=BUYER, agreed=preview)
        assert states(market) == {"l1": {"new": 2, "canceled": 1}}
        assert market.stock.levels.get("lens", scope=OPERATOR).available == 97
        # Agreed to inside of the window, confirmed after it: it is not what was agreed to.
        agreed = market.orders.preview_cancel("order-1", {"l1": 1}, scope=BUYER)
        clock.advance(timedelta(seconds=1))
        with pytest.raises(CancellationChanged):
            market.orders.cancel("order-1", {"l1": 1}, key="c2", scope=BUYER, agreed=agreed)
        asked = market.orders.cancel("order-1", {"l1": 1}, key="c3", scope=BUYER)
        assert isinstance(asked, Order)
        assert states(market) == {"l1": {"new": 1, "canceled": 1, "cancellation asked": 1}}


@pytest.mark.parametrize(
    ("cancels", "expected"),
    [
        (True, {"l1": {"new": 2, "canceled": 1}}),
        (False, {"l1": {"new": 2, "picking": 1}}),
    ],
)
def test_time_answers_for_a_merchant_that_does_not(
    tmp_path: Path, cancels: bool, expected: dict[str, dict[str, int]]
) -> None:
    policy = CancellationPolicy(answer_within=timedelta(hours=12), silence_cancels=cancels)
    with placed(policy, tmp_path) as (market, clock):
        market.orders.cancel("order-1", {"l1": 1}, key="c1", scope=BUYER)
        clock.advance(timedelta(hours=12))
        market.orders.expire()
        assert states(market) == expected
        assert market.orders.get("order-1", scope=BUYER).marketplace_order.fulfilment.states()["l1"] == (
            {"sent": 2, "canceled": 1} if cancels else {"sent": 3}
        )


def test_a_question_waits_for_ever_where_the_policy_says_so(tmp_path: Path) -> None:
    with placed(CancellationPolicy(answer_within=None), tmp_path) as (market, clock):
        market.orders.cancel("order-1", {"l1": 1}, key="c1", scope=BUYER)
        clock.advance(timedelta(days=999))
        assert market.orders.expire() == 0
        assert states(market) == {"l1": {"new": 2, "cancellation asked": 1}}


def test_what_is_not_shipped_in_time_is_canceled_and_the_rest_goes_on(tmp_path: Path) -> None:
    with placed(CancellationPolicy(ship_within=timedelta(days=5)), tmp_path) as (market, clock):
        market.fire(PART, "ship", key="s1", scope=ACME, lines={"l1": 1})
        market.fire(PART, "back-order", key="b1", scope=ACME, lines={"l1": 1})
        clock.advance(timedelta(days=5))
        market.orders.expire()
        assert states(market) == {"l1": {"shipped": 1, "back-ordered": 1, "canceled": 1}}
        order = market.orders.get("order-1", scope=OPERATOR)
        assert order.get_part("order-1--bolt").states == {"l2": {"canceled": 1}}
        assert str(order.totals.canceled_total) == "55.49 EUR"
        assert market.stock.levels.get("lens", scope=OPERATOR).available == 97


def test_only_reasons_of_the_policy_are_taken(tmp_path: Path) -> None:
    with placed(CancellationPolicy(codes={"found-cheaper", "late"}), tmp_path) as (market, _):
        for code in (None, "bored"):
            with pytest.raises(CancellationRefused, match="give one of found-cheaper, late"):
                market.orders.cancel("order-1", {"l1": 1}, key=f"c-{code}", scope=BUYER, code=code)
        market.orders.cancel("order-1", {"l1": 1}, key="c1", scope=BUYER, code="late")


@pytest.mark.parametrize(
    ("rule", "steps"),
    [
        # Of 4.90 over 3 x 9.99: what is canceled of the freight to date, after each piece.
        (ChargeRule.WITH_LAST, ["0.00", "0.00", "4.90"]),
        (ChargeRule.BY_VALUE, ["1.63", "3.27", "4.90"]),
        (ChargeRule.NEVER, ["0.00", "0.00", "0.00"]),
    ],
)
def test_freight_goes_with_what_is_canceled_as_the_policy_says(
    tmp_path: Path, rule: ChargeRule, steps: list[str]
) -> None:
    with placed(CancellationPolicy(charges=ChargeRules(freight=rule)), tmp_path) as (market, _):
        found = []
        for number in range(3):
            preview = market.orders.preview_cancel(PART, {"l1": 1}, scope=ACME)
            part = market.orders.cancel(PART, {"l1": 1}, key=f"c{number}", scope=ACME, agreed=preview)
            assert isinstance(part, MerchantOrder)
            assert part.totals.grand_total == preview.grand_after
            found.append(f"{part.expenses[0].totals.canceled_total.amount}")
        assert found == steps


def test_a_buyer_leaves_at_least_so_much_of_an_order_or_nothing(tmp_path: Path) -> None:
    policy = CancellationPolicy(free_for=timedelta(days=1), least_left=Money.of("50.00", "EUR"))
    with placed(policy, tmp_path) as (market, _):  # 3 x 9.99 and 45.50
        with pytest.raises(
            CancellationRefused, match=r"45\.50 EUR of the order would be left, and at least 50\.00 EUR"
        ):
            market.orders.preview_cancel("order-1", {"l1": 3}, scope=BUYER)
        market.orders.cancel("order-1", {"l1": 2}, key="c1", scope=BUYER)
        with pytest.raises(CancellationRefused, match=r"45\.50 EUR of the order would be left"):
            market.orders.cancel("order-1", {"l1": 1}, key="c2", scope=BUYER)
        assert states(market) == {"l1": {"new": 1, "canceled": 2}}
        market.orders.cancel("order-1", {"l1": 1}, key="c3", scope=OPERATOR)  # whom it does not bind
        market.orders.cancel("order-1", key="c4", scope=BUYER)  # all of it
        assert str(market.orders.get("order-1", scope=BUYER).totals.grand_total) == "0.00 EUR"


def test_freight_by_value_comes_back_of_what_is_canceled_after_a_piece_has_left(tmp_path: Path) -> None:
    policy = CancellationPolicy(charges=ChargeRules(freight=ChargeRule.BY_VALUE))
    with placed(policy, tmp_path) as (market, _):
        market.fire(PART, "ship", key="s1", scope=ACME, lines={"l1": 1})
        part = market.orders.cancel(PART, {"l1": 2}, key="c1", scope=ACME)
        assert isinstance(part, MerchantOrder)
        [freight] = part.expenses
        assert (str(freight.totals.canceled_total), str(freight.totals.refund_total)) == ("0.00 EUR", "3.27 EUR")


@pytest.mark.parametrize(
    "policy",
    [
        CancellationPolicy(free_for=timedelta(hours=1), ship_within=timedelta(days=1)),
        CancellationPolicy(answer_within=None, silence_cancels=False),
        CancellationPolicy(free_for=timedelta(days=1), silence_cancels=False, ship_within=timedelta(days=1)),
    ],
)
def test_whatever_the_policy_both_processes_can_talk(policy: CancellationPolicy) -> None:
    pair = bind_order_processes(policy)
    whole, part = pair.whole.process, pair.part.process
    assert [*verify(whole), *verify(part)] == []
    assert verify_jointly(whole, part, pair.interaction, parts=1).findings == ()


def test_a_policy_that_means_nothing_is_refused() -> None:
    for wrong in (
        {"free_for": timedelta(seconds=-1)},
        {"ship_within": timedelta.max},
        {"codes": ()},
        {"codes": ["Not A Code"]},
        {"codes": "late"},
        {"least_left": 5},
    ):
        with pytest.raises(InvalidValue):
            CancellationPolicy(**wrong)


def test_a_stored_minimum_is_asked_anew_of_what_a_buyer_leaves(tmp_path: Path) -> None:
    with placed(CancellationPolicy(minimums=MissedMinimum.REFUSED), tmp_path) as (market, _):
        hard = ThresholdKind.HARD_MINIMUM
        for id_, limit, merchant in (("acme", "20.00", "acme"), ("all", "60.00", None), ("high", "500.00", None)):
            threshold = OrderThreshold(id_, hard, Money.of(limit, "EUR"), merchant=merchant)
            market.order_thresholds.save(threshold, scope=OPERATOR)
        # 9.99 of acme's 29.97 would be left, and 55.49 of 75.47; the third it never met.
        with pytest.raises(CancellationRefused) as refused:
            market.orders.preview_cancel("order-1", {"l1": 2}, scope=BUYER)
        assert [one.operands["threshold"] for one in refused.value.problems] == ["acme", "all"]
        assert [str(one.operands["left"]) for one in refused.value.problems] == ["9.99 EUR", "55.49 EUR"]
        assert market.orders.preview_cancel("order-1", {"l1": 2}, scope=OPERATOR).canceled == {"l1": 2}
        # All of it may go.
        assert market.orders.preview_cancel("order-1", scope=BUYER).asked == {"l1": 3, "l2": 1}


def test_minimums_are_for_placing_unless_the_policy_says_otherwise(tmp_path: Path) -> None:
    with placed(CancellationPolicy(), tmp_path) as (market, _):
        threshold = OrderThreshold("acme", ThresholdKind.HARD_MINIMUM, Money.of("20.00", "EUR"), merchant="acme")
        market.order_thresholds.save(threshold, scope=OPERATOR)
        assert market.orders.preview_cancel("order-1", {"l1": 2}, scope=BUYER).asked == {"l1": 2}


def test_a_buyer_that_fires_the_event_itself_is_bound_by_the_same_rules(tmp_path: Path) -> None:
    policy = CancellationPolicy(minimums=MissedMinimum.REFUSED, least_left=Money.of("60.00", "EUR"))
    with placed(policy, tmp_path) as (market, _):
        for lines, codes in (
            ({"l1": 2}, {"orders.below-least", "orders.cancel-by-call"}),
            ({"l1": 1}, {"orders.cancel-by-call"}),
        ):
            with pytest.raises(EventRefused) as refused:
                market.orders.fire("order-1", "ask to cancel", key=f"f{lines['l1']}", scope=BUYER, lines=lines)
            assert {one.code for one in refused.value.problems} == codes
        # All of it may be canceled by the event, and a part by the call.
        market.orders.cancel("order-1", {"l1": 1}, key="c", scope=BUYER)
        market.orders.fire("order-1", "ask to cancel", key="f", scope=BUYER)
        assert states(market) == {"l1": {"cancellation asked": 3}}


def test_who_asked_about_a_piece_may_cancel_all_the_rest(tmp_path: Path) -> None:
    with placed(CancellationPolicy(least_left=Money.of("60.00", "EUR")), tmp_path) as (market, _):
        market.orders.cancel("order-1", {"l1": 1}, key="c1", scope=BUYER)
        # 55.49 would be left beside the one that acme was asked about; nothing is, once all of it goes.
        with pytest.raises(CancellationRefused):
            market.orders.preview_cancel("order-1", {"l1": 1}, scope=BUYER)
        assert market.orders.preview_cancel("order-1", scope=BUYER).asked == {"l1": 2, "l2": 1}
