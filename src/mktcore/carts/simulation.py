"""What a cart would cost and whether it can be had: the answer, and its reasons."""

import attrs

from mktcore.carts.cart import Cart, CartLine
from mktcore.carts.shown_issues import show_issue
from mktcore.catalog import Sku
from mktcore.catalog.inherited_goods import GoodsNature
from mktcore.delivery.delivery_plan import NO_DELIVERY, DeliveryPlan
from mktcore.explain import Explanation
from mktcore.goods import Measure
from mktcore.market_policy import MarketPolicy
from mktcore.notice import Notice
from mktcore.offers import BuyBox, Offer
from mktcore.offers.choose_stock_places import StockSource
from mktcore.payments.payment_options import NO_OPTIONS, PaymentOptions
from mktcore.persistence import Party, Scope
from mktcore.pricing import PriceResolution
from mktcore.promotions import PromotionOutcome
from mktcore.promotions.gift_grounds import GiftGround
from mktcore.promotions.outcome import NO_PROMOTIONS
from mktcore.totals import Expense, Line, Reduction, TaxRate, Totals

__all__ = ["PricedLine", "Simulation"]


@attrs.frozen
class PricedLine:
    """A cart line with its SKU, the offer that serves it, and its price.

    Attributes:
        line: The cart line.
        sku: The SKU.
        offer: The offer named by the buyer, or chosen by the buy box.
        price: What one piece costs, and why.
        choice: The buy box's decision; None when the buyer named the offer.
        tax_rates: The rates of the goods' tax category.
        sources: The stock items that its pieces come from; none where there is too little stock.
        nature: What the goods are: what the SKU does not say itself, its product says.
        gift_of: The promotion whose gift it is; empty for a line of the cart.
        gift_grounds: What the gift rests on; none for one that is kept.
        handling_days: Days until its pieces can be handed over.
    """

    line: CartLine
    sku: Sku
    offer: Offer
    price: PriceResolution = attrs.field(kw_only=True)
    choice: BuyBox | None = attrs.field(kw_only=True)
    tax_rates: tuple[TaxRate, ...] = attrs.field(kw_only=True)
    sources: tuple[StockSource, ...] = attrs.field(default=(), kw_only=True)
    nature: GoodsNature = attrs.field(kw_only=True)
    gift_of: str = attrs.field(default="", kw_only=True)
    gift_grounds: tuple[GiftGround, ...] = attrs.field(default=(), kw_only=True)
    handling_days: int = attrs.field(default=0, kw_only=True)

    def view_for(self, scope: Scope) -> "PricedLine":
        """Return what the caller may see: a buyer, nothing of the choice and the price that is between others."""
        if scope.caller.party is not Party.BUYER:
            return self
        choice = None if self.choice is None else self.choice.view_for(scope)
        return attrs.evolve(
            self,
            line=self.line.view_for(scope),
            offer=self.offer.view_for(scope),
            price=self.price.for_buyer(),
            choice=choice,
        )

    @property
    def measure(self) -> Measure | None:
        """How much its pieces are, in the SKU's unit; None where they are only counted."""
        return self.sku.measure(self.line.quantity)

    def to_totals_line(self) -> Line:
        """Return what the totals compute with."""
        return Line(
            self.line.key,
            merchant=self.offer.merchant,
            unit_price=self.price.unit_price,
            quantity=self.line.quantity,
            tax_rates=self.tax_rates,
            per=self.price.per,
            options=self.price.options,
        )

    def explain(self) -> Explanation:
        """Say why this offer, and why this price."""
        parts = [self.price.explain(), *([] if self.choice is None else [self.choice.explain()])]
        places = [
            f"{source.quantity}{source.part and f' of {source.part}'}{source.location and f' from {source.location}'}"
            for source in self.sources
            if source.location or source.part
        ]
        parts += [Explanation("stock", ", ".join(places), "as few locations as serve it")] if places else []
        named = "named by the promotion that gives it" if self.gift_of else "named by the buyer"
        reason = "chosen by the buy box" if self.choice is not None else named
        amount = f" ({self.measure})" if self.measure is not None else ""
        title = f"line {self.line.key}, {self.line.quantity} x {self.sku.name}{amount}"
        return Explanation(title, f"offer {self.offer.id}", reason, tuple(parts))


@attrs.frozen(kw_only=True)
class Simulation:
    """What the cart would cost now, and every issue that stands in the way.

    Attributes:
        cart: The cart it was made for.
        policy: How prices are stated and rounded.
        lines: The lines that have an offer and a price, in the cart's order, and then the gifts of promotions.
        expenses: Shipping fees and the cart's own expenses.
        totals: Over the priced lines. Lines without a price are left out, and have an issue; then the cart's
            reductions are left out too when they need such a line.
        promotions: Those that were applied, and why the others were not.
        issues: Everything that must be mended before the cart can be placed, in the order of the lines;
            empty when nothing stands in the way. `line` is None where it is about the whole cart.
        notices: What the buyer should know and nothing stands in the way of: a coupon code that takes nothing off.
        delivery: How the goods could be delivered, and the shipments to expect.
        payment: How it can be paid.
    """

    cart: Cart
    policy: MarketPolicy
    lines: tuple[PricedLine, ...]
    expenses: tuple[Expense, ...]
    totals: Totals
    issues: tuple[Notice, ...]
    promotions: PromotionOutcome = NO_PROMOTIONS
    notices: tuple[Notice, ...] = ()
    delivery: DeliveryPlan = NO_DELIVERY
    payment: PaymentOptions = NO_OPTIONS

    @property
    def reductions(self) -> tuple[Reduction, ...]:
        """What was taken off, in order: by promotions, then by the cart's own reductions."""
        return self.totals.inputs.reductions

    def view_for(self, scope: Scope) -> "Simulation":
        """Return what the caller may see.

        A coupon code that a buyer did not enter is none of its business, nor is what merchants agreed with the
        marketplace or among themselves, nor are budgets, limits and who bears what, prices that are not its own,
        nor the host's data for other parties.
        """
        if scope.caller.party is not Party.BUYER:
            return self
        return attrs.evolve(
            self,
            cart=self.cart.view_for(scope),
            lines=tuple(line.view_for(scope) for line in self.lines),
            totals=self.totals.without_bearers(),
            issues=tuple(show_issue(issue, scope) for issue in self.issues),
            promotions=self.promotions.for_buyer(),
        )

    def to_agreed(self) -> Cart:
        """Return the cart with the prices and the total that the buyer was shown, for placing it at no more than these.

        A rise since then needs the buyer's consent; a drop passes on.
        """
        shown = {priced.line.key: priced.price.unit_price for priced in self.lines}
        lines = tuple(attrs.evolve(line, agreed=shown.get(line.key, line.agreed)) for line in self.cart.lines)
        return attrs.evolve(self.cart, lines=lines, agreed_total=self.totals.order.grand_total)

    def is_placeable(self) -> bool:
        """Tell whether nothing stands in the way of an order."""
        return not self.issues

    def explain(self) -> Explanation:
        """Say why each offer, each price and each total is what it is."""
        issues = tuple(Explanation("issue", issue.code, str(issue)) for issue in self.issues)
        issues += tuple(Explanation("notice", notice.code, str(notice)) for notice in self.notices)
        totals = self.totals.explain("order.grand_total")
        lines = tuple(line.explain() for line in self.lines)
        offered = self.promotions.explain()
        promotions = (offered,) if offered.parts else ()
        parts = (*issues, *lines, *promotions, totals)
        return Explanation(f"cart {self.cart.id}", str(self.totals.order.grand_total), "", parts)
