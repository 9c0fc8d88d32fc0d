"""What is remembered of a cart under the key it was placed with never changes: an old key replays after an upgrade."""

from decimal import Decimal

import attrs
import pytest

from mktcore.addresses import Address
from mktcore.carts import Cart, CartLine
from mktcore.delivery import DeliveryChoice
from mktcore.errors import InvalidValue
from mktcore.extra import Extra
from mktcore.money.amount import Money
from mktcore.payments import Payment
from mktcore.persistence.answer_once import to_canonical
from mktcore.sales_context import SalesContext
from mktcore.totals import Expense, Reduction, TaxRate
from mktcore.totals.inputs import TaxOwner


def eur(amount: str) -> Money:
    return Money.of(amount, "EUR")


RICH = Cart.of(
    "cart-1",
    buyer="buyer-1",
    lines=[
        CartLine("l1", sku="camera", quantity=2, agreed=eur("179.00")),
        CartLine("l2", sku="tripod", offer="bolt-tripod", options=("bag",)),
    ],
    shipping=[Expense("ship", "acme", eur("4.90"), tax_rates=(TaxRate("VAT", Decimal("0.19")),))],
    expenses=[Expense("wrap", None, eur("1.00"))],
    reductions=[Reduction("SORRY", amount=eur("5.00"), lines=("l1",))],
    payments=[Payment("card", eur("400.00"), "ref-1")],
    sold_by="acme",
    user="user-1",
    groups=("vip", "staff"),
    channel="web",
    codes=("SUMMER",),
    agreed_total=eur("400.00"),
)
FORMER = {
    "id": "cart-1",
    "buyer": "buyer-1",
    "lines": [
        {"key": "l1", "sku": "camera", "quantity": 2, "offer": None, "options": [], "agreed": "179.00 EUR"},
        {"key": "l2", "sku": "tripod", "quantity": 1, "offer": "bolt-tripod", "options": ["bag"], "agreed": None},
    ],
    "shipping": [
        {
            "key": "ship",
            "merchant": "acme",
            "amount": "4.90 EUR",
            "tax_rates": [{"name": "VAT", "rate": "19E-2", "compound": False, "treatment": "standard"}],
            "pinned_taxes": [],
        }
    ],
    "expenses": [{"key": "wrap", "merchant": None, "amount": "1.00 EUR", "tax_rates": [], "pinned_taxes": []}],
    "reductions": [
        {
            "key": "SORRY",
            "amount": "5.00 EUR",
            "percent": None,
            "lines": ["l1"],
            "merchant": None,
            "expenses": None,
            "basis": "remaining",
            "cap": None,
            "cap_at_base": False,
            "merchant_share": "0",
            "ratio": None,
            "single": "l1",
        }
    ],
    "payments": [{"method": "card", "amount": "400.00 EUR", "reference": "ref-1"}],
    "sold_by": "acme",
    "user": "user-1",
    "groups": ["vip", "staff"],
    "channel": "web",
    "codes": ["SUMMER"],
    "agreed_total": "400.00 EUR",
}


def test_a_tax_that_the_marketplace_owes_is_another_request() -> None:
    plain, owed = TaxRate("VAT", Decimal("0.19")), TaxRate("VAT", Decimal("0.19"), owner=TaxOwner.MARKETPLACE)
    assert to_canonical(plain) != to_canonical(owed)


def test_a_cart_is_remembered_as_it_always_was() -> None:
    assert to_canonical(RICH) == FORMER
    bare = to_canonical(Cart.of("c", buyer="b", lines=[]))
    assert bare == {
        **{name: [] for name in ("lines", "shipping", "expenses", "reductions", "payments", "groups", "codes")},
        **dict.fromkeys(("sold_by", "user", "channel", "agreed_total"), None),
        "id": "c",
        "buyer": "b",
    }


@pytest.mark.parametrize(
    "change",
    [
        {"id": "cart-2"},
        {"lines": RICH.lines[:1]},
        {"shipping": ()},
        {"expenses": ()},
        {"reductions": ()},
        {"payments": ()},
        {"sold_by": None},
        {"codes": ()},
        {"agreed_total": None},
        {"deliver_to": Address("DE")},
        {"delivery": (DeliveryChoice("post"),)},
        {"lines": (attrs.evolve(RICH.lines[0], deliver_to=Address("DE")), *RICH.lines[1:])},
        {"context": attrs.evolve(RICH.context, buyer="buyer-2")},
        {"context": attrs.evolve(RICH.context, user=None)},
        {"context": attrs.evolve(RICH.context, groups=["vip"])},
        {"context": attrs.evolve(RICH.context, channel="app")},
    ],
    ids=str,
)
def test_a_cart_that_differs_in_anything_is_another_request(change: dict[str, object]) -> None:
    assert to_canonical(attrs.evolve(RICH, **change)) != FORMER  # type: ignore[arg-type]  # fields of a cart


def test_no_field_of_a_cart_is_left_out_of_the_request() -> None:
    told = {field.name for field in attrs.fields(Cart)} - {"context"}
    told |= {field.name for field in attrs.fields(SalesContext)}
    # All came later: they are told of where there are any, and a cart without any asks for what it always did.
    later = {"extra": Extra({"gift": True}), "deliver_to": Address("DE"), "delivery": (DeliveryChoice("post"),)}
    assert attrs.evolve(RICH, **later).to_request().keys() == told  # type: ignore[arg-type]  # fields of a cart
    assert RICH.to_request().keys() == told - later.keys()


def test_no_field_of_a_line_is_left_out_of_the_request() -> None:
    told = {field.name for field in attrs.fields(CartLine)}
    later = {"extra": Extra({"gift": True}), "deliver_to": Address("DE"), "delivery": DeliveryChoice("post")}
    line = attrs.evolve(RICH.lines[0], **later)  # type: ignore[arg-type]  # fields of a line
    assert line.to_request().keys() == told
    assert attrs.evolve(line, extra=Extra(), deliver_to=None, delivery=None).to_request().keys() == told - later.keys()


def test_a_cart_without_a_buyer_is_refused() -> None:
    with pytest.raises(InvalidValue, match="one with a buyer"):
        Cart("c", SalesContext(), ())
