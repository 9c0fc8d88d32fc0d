"""How carts can be paid: what the marketplace offers, agreements add and merchants accept, and what the cart allows."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from markets import NOON, open_market
from mktcore.access import PermissionDenied
from mktcore.addresses import Address
from mktcore.carts import Cart, CartLine, Simulation
from mktcore.channels import Channel
from mktcore.checkout.errors import PlacementRefused
from mktcore.marketplace import Marketplace
from mktcore.money import Currency, Money
from mktcore.parties import Agreement
from mktcore.parties.agreements.agreement import PaymentTerms
from mktcore.payments import MixedPayment, Payment, PaymentMethod
from mktcore.periods import Period
from mktcore.testing.fakes import ManualClock

FILES = {
    "merchants.csv": "merchant,name\nacme,Acme\nbolt,Bolt\n",
    "skus.csv": "sku,name,tax_category\nlamp,Lamp,\nbook,Book,\n",
    "offers.csv": "offer,merchant,sku,price,stock\nacme-lamp,acme,lamp,50.00,9\nbolt-book,bolt,book,10.00,9\n",
}
LAMP, BOOK = CartLine("l1", "lamp"), CartLine("l2", "book")


def eur(amount: str) -> Money:
    return Money.of(amount, "EUR")


@pytest.fixture(params=["memory", "sqlite"])
def market(request: pytest.FixtureRequest, tmp_path: Path, clock: ManualClock) -> Iterator[Marketplace]:
    with open_market(request.param, tmp_path, clock, FILES) as market:
        yield market


def save(market: Marketplace, method: str, **terms: object) -> PaymentMethod:
    made = PaymentMethod(method, method.title(), **terms)  # type: ignore[arg-type]  # its fields
    return market.payment_methods.save(made, scope=market.as_operator())


def agree(market: Marketplace, merchant: str, **terms: object) -> None:
    payment = PaymentTerms(**terms)  # type: ignore[arg-type]  # its fields
    agreement = Agreement(f"of-{merchant}", merchant, Period(NOON), payment=payment)
    market.agreements.sign(agreement, scope=market.as_operator())


def make_cart(*lines: CartLine, **more: object) -> Cart:
    given = {"deliver_to": Address("DE"), **more}
    return Cart.of("c1", buyer="ann", lines=lines, **given)  # type: ignore[arg-type]  # payments, channel, deliver_to


def simulate(market: Marketplace, *lines: CartLine, **more: object) -> Simulation:
    return market.simulate(make_cart(*lines, **more), scope=market.as_buyer("ann"))


def list_ways(simulation: Simulation) -> list[str]:
    return [one.method for one in simulation.payment.methods if one.merchant is None]


def list_reasons(simulation: Simulation) -> dict[str, str]:
    return {str(one.operands["method"]): one.message for one in simulation.payment.excluded}


def test_where_no_method_is_kept_any_word_pays(market: Marketplace) -> None:
    found = simulate(market, LAMP, payments=[Payment("barter", eur("50.00"))])
    assert (found.issues, found.payment.is_kept) == ((), False)


def test_a_mixed_cart_is_paid_by_what_all_accept_and_every_exclusion_is_told(market: Marketplace) -> None:
    for method in ("card", "invoice", "transfer"):
        save(market, method)
    save(market, "credit", is_by_agreement=True)
    agree(market, "acme", methods=["card", "invoice"], added=["credit"])
    agree(market, "bolt", methods=["card", "transfer"])
    assert list_ways(simulate(market, LAMP)) == ["card", "credit", "invoice"]
    both = simulate(market, LAMP, BOOK)
    assert list_ways(both) == ["card"]
    assert list_reasons(both) == {
        "credit": "bolt has not agreed on Credit",
        "invoice": "bolt does not accept Invoice",
        "transfer": "acme does not accept Transfer",
    }
    refused = simulate(market, LAMP, BOOK, payments=[Payment("invoice", eur("60.00"))])
    assert [(one.code, one.message) for one in refused.issues] == [
        ("payment-not-accepted", "bolt does not accept Invoice")
    ]
    unknown = simulate(market, LAMP, BOOK, payments=[Payment("barter", eur("60.00"))])
    assert [(one.code, one.remedy) for one in unknown.issues] == [("payment-unknown", "pay by card")]
    cart = make_cart(LAMP, BOOK, payments=[Payment("card", eur("60.00"))])
    market.place(cart, key="k", scope=market.as_buyer("ann"))
    assert market.verify() == ()


def test_a_cart_allows_by_its_amount_its_country_and_its_channel(market: Marketplace) -> None:
    save(market, "invoice", least=eur("20.00"), most=eur("50.00"))
    save(market, "debit", countries=["DE", "AT"])
    save(market, "app-pay", channels=["app"])
    save(market, "card")
    channel = Channel("web", "Web", Currency.of("EUR"), payment_methods=["card", "invoice"])
    market.channels.save(channel, scope=market.as_operator())
    assert list_ways(simulate(market, LAMP, deliver_to=Address("DE"))) == ["card", "debit", "invoice"]
    assert list_ways(simulate(market, LAMP, channel="web")) == ["card", "invoice"]
    assert list_reasons(simulate(market, LAMP, BOOK, deliver_to=Address("FR"))) == {
        "debit": "Debit is not for goods that go to FR",
        "invoice": "Invoice is for 50.00 EUR at most, 60.00 EUR is due",
    }
    assert list_reasons(simulate(market, BOOK)) == {"invoice": "Invoice is for 20.00 EUR and more, 10.00 EUR is due"}


def test_merchants_are_paid_by_themselves_where_the_policy_says_so(tmp_path: Path, clock: ManualClock) -> None:
    with open_market("memory", tmp_path, clock, FILES) as opened:
        market = Marketplace(opened.store, "EUR", clock=clock, mixed_payment=MixedPayment.PER_MERCHANT)
        save(market, "card")
        save(market, "invoice")
        agree(market, "acme", methods=["invoice"])
        agree(market, "bolt", methods=["card"])
        found = simulate(market, LAMP, BOOK)
        assert [(one.method, one.merchant) for one in found.payment.methods] == [("invoice", "acme"), ("card", "bolt")]
        wrong = [Payment("invoice", eur("45.00"), merchant="acme"), Payment("card", eur("15.00"), merchant="bolt")]
        assert [one.message for one in simulate(market, LAMP, BOOK, payments=wrong).issues] == [
            "the payments for acme sum to 45.00 EUR, its part to 50.00 EUR",
            "the payments for bolt sum to 15.00 EUR, its part to 10.00 EUR",
        ]
        right = [Payment("invoice", eur("50.00"), merchant="acme"), Payment("card", eur("10.00"), merchant="bolt")]
        order = market.place(make_cart(LAMP, BOOK, payments=right), key="k", scope=market.as_buyer("ann"))
        assert [one.merchant for one in order.marketplace_order.payments] == ["acme", "bolt"]
        swapped = [Payment("card", eur("50.00"), merchant="acme"), Payment("card", eur("10.00"), merchant="bolt")]
        assert [one.message for one in simulate(market, LAMP, BOOK, payments=swapped).issues] == [
            "acme does not accept Card"
        ]
        assert market.verify() == ()


def test_a_payment_for_a_merchant_is_refused_where_all_pay_at_once(market: Marketplace) -> None:
    payments = [Payment("card", eur("50.00"), merchant="acme")]
    with pytest.raises(PlacementRefused, match="one payment for all merchants"):
        market.place(make_cart(LAMP, payments=payments), key="k", scope=market.as_buyer("ann"))


def test_a_cart_that_tells_nothing_asks_for_prices_alone(market: Marketplace) -> None:
    save(market, "card")
    assert simulate(market, LAMP, deliver_to=None).payment.is_kept is False
    paid = simulate(market, LAMP, deliver_to=None, payments=[Payment("barter", eur("50.00"))])
    assert [one.code for one in paid.issues] == ["payment-unknown"]


def test_payment_methods_are_the_operators(market: Marketplace) -> None:
    card = save(market, "card")
    for scope in (market.as_merchant("acme"), market.as_buyer("ann")):
        with pytest.raises(PermissionDenied):
            market.payment_methods.save(card, scope=scope)
    market.payment_methods.remove(card, scope=market.as_operator())
    assert simulate(market, LAMP).payment.is_kept is False
