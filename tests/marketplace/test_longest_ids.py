"""Whatever a host calls its things, in the characters that an id may have, every use case takes it."""

from decimal import Decimal

from carts.shop import eur, open_shop
from mktcore.carts import Cart, CartLine
from mktcore.catalog import Catalog, Category, Product, Sku
from mktcore.money import Money
from mktcore.offers import Offer
from mktcore.orders.actions import Ship
from mktcore.parties import MERCHANTS, Agreement, Merchant, Relation
from mktcore.parties.agreements.agreement import CommissionTerms
from mktcore.pricing import Assignment, PriceBreak, PriceSchedule
from mktcore.promotions import Limits, PercentOff, Promotion


def name(what: str, length: int = 120) -> str:
    return f"{what}-".ljust(length, "x")


MERCHANT, BUYER, KEY = name("merchant", 60), name("buyer"), name("line", 60)


def test_all_that_can_be_stored_under_the_longest_ids_can_be_sold() -> None:
    market = open_shop()
    operator, seller = market.as_operator(), market.as_merchant(MERCHANT)
    with market.store.begin(operator) as unit:
        unit.repository(MERCHANTS).add(Merchant(MERCHANT, "Long"))
        unit.commit()
    market.catalog.save_category(Category(name("category"), "Long"), scope=operator)
    product = Product(name("product"), "Long", category=name("category"))
    market.catalog.save_product(product, scope=operator)
    market.catalog.save_sku(Sku(name("sku"), "Long", product=product.id), scope=operator)
    market.prices.save_schedule(PriceSchedule(name("price"), MERCHANT, [PriceBreak(1, eur("9.00"))]), scope=seller)
    market.prices.assign(
        Assignment(name("given"), name("sku"), name("price"), merchant=MERCHANT, group=name("group")), scope=seller
    )
    market.offers.save(Offer(name("offer"), MERCHANT, name("sku"), schedule=name("price")), scope=seller)
    market.stock.count(name("offer"), 5, scope=seller)
    limits = Limits(uses=5, per_buyer=2, budget=Money.of("9.00", "EUR"))
    tenth = PercentOff(Decimal("0.1"))
    market.promotions.save(Promotion(name("promotion"), tenth, MERCHANT, limits=limits), scope=seller)
    terms = CommissionTerms(Decimal("0.1"), by_category={name("category"): Decimal("0.2")})
    market.agreements.sign(Agreement(name("agreement"), MERCHANT, commission=terms), scope=operator)
    market.parties.relate(BUYER, MERCHANT, scope=operator)
    market.parties.relate(BUYER, MERCHANT, scope=operator)
    market.catalog.save_catalog(Catalog(name("catalog", 55), "Long"), scope=operator)
    market.catalog.add_products(name("catalog", 55), [product.id], scope=operator)
    market.catalog.assign(name("catalog", 55), buyer=BUYER, scope=operator)
    cart = Cart.of(name("cart"), buyer=BUYER, lines=[CartLine(KEY, name("sku"), 2)])
    order = market.place(cart, key=name("key"), scope=market.as_buyer(BUYER))
    assert str(order.totals.grand_total) == "16.20 EUR"
    part = order.merchant_orders[0].id
    market.fire(part, Ship(carrier="DHL", tracking="1"), key=name("ship"), scope=seller)
    assert market.verify() == ()
    market.catalog.unassign(name("catalog", 55), buyer=BUYER, scope=operator)
    market.catalog.remove_products(name("catalog", 55), [product.id], scope=operator)
    market.parties.unrelate(BUYER, MERCHANT, scope=operator)
    assert market.parties.relations.page(scope=operator).items == ()


def test_relations_of_long_ids_are_apart() -> None:
    pairs = [(name("b"), name("m", 60)), (name("b", 119), name("xm", 60)), (name("b"), name("n", 60)), ("b", "m")]
    assert len({Relation.of(*pair).id for pair in pairs}) == len(pairs)
    assert Relation.of("b", "m").id == "1:b:m"
