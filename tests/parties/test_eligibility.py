"""Whose offers an order may take: routing, relations, membership, and the right to sell."""

from typing import Any

import pytest

from mktcore.access import PermissionDenied
from mktcore.carts import Cart, CartLine
from mktcore.checkout import PlacementRefused
from mktcore.errors import InvalidValue
from mktcore.marketplace import Marketplace
from mktcore.notice import Notice
from mktcore.parties import SellingRights
from mktcore.parties.selling_rights.rights import (
    NotOpenToMerchants,
    SellingRule,
    find_rule,
    opt_in,
    opt_out,
    weigh_rules,
)
from mktcore.persistence import NotFound
from mktcore.persistence.errors import ColumnFixed


def make_cart(offer: str | None = None, sold_by: str | None = None, sku: str = "lamp", name: str = "cart-1") -> Cart:
    return Cart.of(name, buyer="ann", lines=[CartLine("l1", sku, 1, offer=offer)], sold_by=sold_by)


def simulate(market: Marketplace, *args: Any, **options: Any) -> tuple[Notice, ...]:
    return market.simulate(make_cart(*args, **options), scope=market.as_buyer("ann")).issues


def find_winner(market: Marketplace, sold_by: str | None = None) -> str | None:
    lines = market.simulate(make_cart(sold_by=sold_by), scope=market.as_buyer("ann")).lines
    return lines[0].offer.id if lines else None


def close(market: Marketplace, merchant: str) -> None:
    market.parties.change_membership(merchant, all_buyers_can_order=False, scope=market.as_operator())


def test_an_order_sold_by_a_merchant_takes_its_offers_only(market: Marketplace) -> None:
    assert find_winner(market) == "bolt-lamp"
    assert find_winner(market, "acme") == "acme-lamp"
    (issue,) = simulate(market, "bolt-lamp", "acme")
    assert (issue.code, issue.line) == ("sold-by-another", "l1")
    assert issue.operands == {"sold_by": "acme", "merchant": "bolt", "line": "l1"}
    order = market.place(make_cart(sold_by="acme"), key="k1", scope=market.as_buyer("ann"))
    assert (order.marketplace_order.sold_by, order.marketplace_order.merchants) == ("acme", ("acme",))
    assert str(order.totals.subtotal) == "30.00 EUR"


def test_an_order_sold_by_the_operator_takes_any_offer(market: Marketplace) -> None:
    lines = [CartLine("l1", "lamp", 1, offer="acme-lamp"), CartLine("l2", "lamp", 1, offer="bolt-lamp")]
    order = market.place(Cart.of("c", buyer="ann", lines=lines), key="k1", scope=market.as_buyer("ann"))
    assert order.marketplace_order.sold_by is None
    assert [part.merchant for part in order.merchant_orders] == ["acme", "bolt"]


def test_a_merchant_may_take_related_buyers_only(market: Marketplace) -> None:
    close(market, "bolt")
    assert find_winner(market) == "acme-lamp"
    (issue,) = simulate(market, "bolt-lamp")
    assert (issue.code, issue.line) == ("no-relation", "l1")
    assert issue.operands == {"buyer": "ann", "merchant": "bolt", "line": "l1"}
    relation = market.parties.relate("ann", "bolt", scope=market.as_operator())
    assert market.parties.relate("ann", "bolt", scope=market.as_operator()) == relation
    assert find_winner(market) == "bolt-lamp"
    assert simulate(market, "bolt-lamp") == ()


def test_a_relation_that_ended_is_an_error_at_simulation_and_at_placement(market: Marketplace) -> None:
    close(market, "bolt")
    market.parties.relate("ann", "bolt", scope=market.as_operator())
    cart = make_cart(sold_by="bolt")
    assert market.simulate(cart, scope=market.as_buyer("ann")).is_placeable()
    for _ in range(2):
        market.parties.unrelate("ann", "bolt", scope=market.as_operator())
    codes = [(issue.code, issue.line) for issue in market.simulate(cart, scope=market.as_buyer("ann")).issues]
    assert codes == [("no-relation", None), ("no-offer", "l1")]
    with pytest.raises(PlacementRefused) as refused:
        market.place(cart, key="k1", scope=market.as_buyer("ann"))
    assert [issue.code for issue in refused.value.issues] == ["no-relation", "no-offer"]


def test_the_sellers_of_a_buyer_and_the_buyers_of_a_merchant(market: Marketplace) -> None:
    close(market, "bolt")
    market.parties.relate("ann", "bolt", scope=market.as_operator())
    market.parties.relate("bob", "acme", scope=market.as_operator())
    sellers = {
        buyer: [one.id for one in market.parties.find_sellers(buyer, scope=market.as_operator())]
        for buyer in ("ann", "bob")
    }
    assert sellers == {"ann": ["acme", "bolt"], "bob": ["acme"]}
    assert market.access.see_related(market.as_buyer("bob")).merchants == {"acme"}
    assert market.access.see_related(market.as_merchant("acme")) == market.as_merchant("acme")
    own = market.parties.relations.page(scope=market.as_merchant("bolt")).items
    assert [relation.buyer for relation in own] == ["ann"]
    assert market.parties.relations.page(scope=market.as_merchant("bolt"), where={"merchant": "acme"}).items == ()
    for scope in (market.as_buyer("bob"), market.as_merchant("bolt")):
        with pytest.raises(NotFound):
            market.parties.find_sellers("ann", scope=scope)


def test_relations_are_the_operators_to_write(market: Marketplace) -> None:
    for scope in (market.as_merchant("acme"), market.as_buyer("ann")):
        with pytest.raises(PermissionDenied):
            market.parties.relate("ann", "acme", scope=scope)
        with pytest.raises(PermissionDenied):
            market.parties.unrelate("ann", "acme", scope=scope)
    with pytest.raises(NotFound):
        market.parties.relate("ann", "no-such", scope=market.as_operator())


def test_a_merchants_write_of_all_buyers_can_order_is_ignored_and_the_answer_says_so(market: Marketplace) -> None:
    changed = market.parties.change_membership("acme", all_buyers_can_order=False, scope=market.as_merchant("acme"))
    assert changed.membership.all_buyers_can_order
    assert [problem.code for problem in changed.ignored] == ["parties.write-ignored"]
    assert market.parties.get_membership("acme", scope=market.as_merchant("acme")).all_buyers_can_order
    same = market.parties.change_membership("acme", all_buyers_can_order=True, scope=market.as_merchant("acme"))
    assert same.ignored == ()
    for merchant in ("acme", "no-such"):
        with pytest.raises(NotFound):
            market.parties.get_membership(merchant, scope=market.as_merchant("bolt"))


@pytest.mark.parametrize(
    ("rights", "rule"),
    [
        (SellingRights("lamp", default_merchant="bolt"), SellingRule.DEFAULT),
        (SellingRights("lamp", owner="bolt"), SellingRule.OWNER),
        (SellingRights("lamp", admitted=["bolt"]), SellingRule.ADMITTED),
        (SellingRights("lamp", all_merchants_can_sell=True, opted_in=["bolt"]), SellingRule.OPTED_IN),
        (SellingRights("lamp", opted_in=["bolt"]), None),
        (SellingRights("lamp", all_merchants_can_sell=True), None),
        (SellingRights("lamp", owner="acme", opted_in=["bolt"]), None),
        (SellingRights("lamp", owner="acme", default_merchant="bolt"), SellingRule.DEFAULT),
        (None, "unrestricted"),
    ],
)
def test_one_of_four_rules_lets_a_merchant_sell(
    market: Marketplace, rights: SellingRights | None, rule: str | None
) -> None:
    assert find_rule(rights, "bolt") == rule
    if rights is not None:
        market.parties.save_selling_rights(rights, scope=market.as_operator())
    codes = [issue.code for issue in simulate(market, "bolt-lamp")]
    assert codes == ([] if rule else ["no-right-to-sell"])


def test_a_refusal_names_each_rule_and_what_would_make_it_pass(market: Marketplace) -> None:
    rights = SellingRights("lamp", all_merchants_can_sell=True, default_merchant="acme")
    market.parties.save_selling_rights(rights, scope=market.as_operator())
    (issue,) = simulate(market, "bolt-lamp")
    assert issue.operands == {
        "merchant": "bolt",
        "product": "lamp",
        "default-merchant": "its default merchant is acme; make bolt the product's default merchant",
        "owner": "it belongs to the operator; let bolt sell a product of its own",
        "admitted-by-operator": "the operator did not opt it in; let the operator opt bolt in",
        "opted-in": "it is open to all merchants, and bolt did not opt in; let bolt opt in",
        "line": "l1",
    }
    for outcome in weigh_rules(rights, "bolt"):
        assert outcome.rule in issue.message
        assert outcome.remedy in issue.remedy
    market.parties.opt_in("lamp", scope=market.as_merchant("bolt"))
    assert simulate(market, "bolt-lamp") == ()
    market.parties.opt_out("lamp", scope=market.as_merchant("bolt"))
    market.parties.opt_in("lamp", scope=market.as_operator(), merchant="bolt")
    assert simulate(market, "bolt-lamp") == ()
    market.parties.opt_out("lamp", scope=market.as_operator(), merchant="bolt")
    assert [issue.code for issue in simulate(market, "bolt-lamp")] == ["no-right-to-sell"]


def test_remedies_on_a_merchants_product_leave_out_what_is_impossible() -> None:
    remedies = [outcome.remedy for outcome in weigh_rules(SellingRights("lamp", owner="acme"), "bolt")]
    assert remedies[2:] == ["impossible on a merchant's product"] * 2


def test_a_merchants_product_is_not_opened_to_others(market: Marketplace) -> None:
    with pytest.raises(InvalidValue, match="only the operator's products are open to all"):
        SellingRights("lamp", owner="acme", all_merchants_can_sell=True)
    with pytest.raises(InvalidValue):
        SellingRights("lamp", owner="acme", admitted=["bolt"])
    with pytest.raises(NotOpenToMerchants, match="bolt cannot opt in to product lamp"):
        opt_in(SellingRights("lamp"), "bolt")
    market.parties.save_selling_rights(SellingRights("lamp", owner="acme"), scope=market.as_operator())
    with pytest.raises(NotOpenToMerchants):
        market.parties.opt_in("lamp", scope=market.as_operator(), merchant="bolt")
    with pytest.raises(ColumnFixed):
        market.parties.save_selling_rights(SellingRights("lamp", owner="bolt", version=1), scope=market.as_operator())


def test_opting_in_reveals_nothing_of_others(market: Marketplace) -> None:
    rights = SellingRights("lamp", default_merchant="acme", all_merchants_can_sell=True, admitted=["acme"])
    market.parties.save_selling_rights(rights, scope=market.as_operator())
    seen = market.parties.opt_in("lamp", scope=market.as_merchant("bolt"))
    assert (seen.default_merchant, seen.admitted, seen.opted_in) == (None, frozenset(), frozenset({"bolt"}))
    market.parties.save_selling_rights(SellingRights("vase", owner="acme"), scope=market.as_operator())
    for scope, product, merchant in (
        (market.as_merchant("bolt"), "vase", None),
        (market.as_merchant("bolt"), "no-such", None),
        (market.as_merchant("bolt"), "lamp", "acme"),
        (market.as_buyer("ann"), "lamp", None),
        (market.as_operator(), "lamp", None),
    ):
        with pytest.raises(NotFound):
            market.parties.opt_in(product, scope=scope, merchant=merchant)
    assert opt_out(rights, "bolt") == rights


def test_loading_again_leaves_memberships_and_relations_as_they_are(market: Marketplace, tmp_path: Any) -> None:
    close(market, "bolt")
    market.load(tmp_path / "files")
    assert not market.parties.get_membership("bolt", scope=market.as_operator()).all_buyers_can_order
