"""What the rest of an order costs more, to the minor unit, once discounts on it lapse. Pure."""

from collections.abc import Iterable, Mapping
from fractions import Fraction

import attrs

from mktcore.money import Money
from mktcore.orders.lapsed_discounts import find_lapsed_discounts
from mktcore.orders.order import MarketplaceOrder, Order
from mktcore.orders.order_line import OrderLine
from mktcore.orders.order_money import find_marketplace_tax
from mktcore.orders.order_revision import OpenDiscount, OrderRevision, RaisedLine
from mktcore.postings import FundedPieces, OrderFunds, PieceCounts, Pool, Progress, find_standing
from mktcore.promotions.release_limits import PromotionUse
from mktcore.totals import Line, LineTotals, Reduction, compute_totals

__all__ = ["append_revision", "revise_prices"]


def revise_prices(order: Order, funds: OrderFunds, counts: Mapping[str, PieceCounts]) -> OrderRevision | None:
    """Return what becomes of the prices of what is left; None where nothing rises.

    A line whose discounts lapse costs what the same pieces cost without them, as totals compute it, tax included: its
    pool closes at that.

    Args:
        order: The order before the step, with its discounts as they were judged last.
        funds: Its money, after pieces were canceled.
        counts: What of each line is open, earned and canceled then.
    """
    lapsed = find_lapsed_discounts(order, counts)
    if not lapsed:
        return None
    raised = tuple(_raise_lines(order, funds, lapsed))
    return OrderRevision(order.marketplace_order.version + 1, raised) if raised else None


def append_revision(
    whole: MarketplaceOrder, revision: OrderRevision, *, canceled: Mapping[str, int]
) -> MarketplaceOrder:
    """Return an order with one more revision; what lapses is given back to the promotions' limits.

    Args:
        whole: With the states that its pieces come to.
        revision: The revision.
        canceled: Pieces canceled by then, by line.
    """
    pieces = {line: sum(states.values()) for line, states in whole.fulfilment.states().items()}

    def lapse(use: PromotionUse) -> PromotionUse:
        lapsed = {
            line.line: one.lapsed
            for line in revision.raised
            for one in line.discounts
            if one.promotion == use.promotion
        }
        return use.lapse(lapsed, canceled, pieces)

    uses = None if whole.promotion_uses is None else tuple(lapse(use) for use in whole.promotion_uses)
    told = attrs.evolve(revision, former_uses=whole.promotion_uses)
    return attrs.evolve(whole, revisions=(*whole.revisions, told), promotion_uses=uses)


def _raise_lines(
    order: Order, funds: OrderFunds, lapsed: Mapping[str, tuple[OpenDiscount, ...]]
) -> Iterable[RaisedLine]:
    lines = {line.key: line for part in order.merchant_orders for line in part.lines}
    for pool in funds.get_pools(lapsed):
        discounts = lapsed[pool.key]
        placed = _Placed(order.marketplace_order, lines[pool.key], pool)
        before = placed.price([(one.promotion, one.minor + one.lapsed) for one in discounts])
        after = placed.price([(one.promotion, one.minor) for one in discounts])
        added = placed.compare(before, after)
        if added.paid > 0:
            yield RaisedLine(pool.key, pool.open.pieces, added, discounts=discounts)


@attrs.frozen
class _Placed:
    """The open pieces of a line, priced anew by what it was placed with."""

    whole: MarketplaceOrder
    line: OrderLine
    pool: Pool

    def price(self, discounts: Iterable[tuple[str, int]]) -> LineTotals:
        """Return the figures of the open pieces with these discounts of promotions, and their share of all others."""
        line, whole, pieces = self.line, self.whole, self.pool.open.pieces
        reductions = [
            Reduction(
                f"promotion:{promotion}",
                Money.from_minor(minor, whole.policy.currency),
                lines=(line.key,),
                merchant_share=self._find_share(promotion),
            )
            for promotion, minor in (*discounts, ("", self._find_rest()))
            if minor
        ]
        return compute_totals(
            [
                Line(
                    line.key,
                    self.pool.merchant or "",
                    line.unit_price,
                    quantity=pieces,
                    tax_rates=line.tax_rates,
                    per=line.per,
                    options=line.options,
                )
            ],
            reductions,
            prices_include_tax=whole.policy.prices_include_tax,
            profile=whole.policy.profile,
            currency=whole.policy.currency,
        ).lines[line.key]

    def compare(self, before: LineTotals, after: LineTotals) -> FundedPieces:
        """Return what the open pieces cost more by other discounts."""
        known = self.pool.open
        told = FundedPieces(
            paid=before.grand_minor,
            tax=find_marketplace_tax(before, self.line.tax_rates),
            merchant_tax=before.tax_minor - find_marketplace_tax(before, self.line.tax_rates),
        )
        # Shares of a line round as they are taken; what costs its list price again costs exactly that.
        start = known if abs(known.paid - told.paid) <= 1 else told
        tax = find_marketplace_tax(after, self.line.tax_rates)
        borne = self._find_borne(before) - after.marketplace_borne.minor
        return FundedPieces(
            paid=after.grand_minor - start.paid,
            tax=tax - start.tax,
            merchant_tax=after.tax_minor - tax - start.merchant_tax,
            raised=after.grand_minor - start.paid,
            relieved=max(borne, 0),
        )

    def _find_borne(self, before: LineTotals) -> int:
        """Return what the marketplace bears of the open pieces."""
        pool, told = self.pool, before.marketplace_borne.minor
        progress = Progress.of([pool])
        # As if all of them were earned now, less what stands of those that are.
        standing = find_standing(pool.borne, attrs.evolve(progress, open=0)) - find_standing(pool.borne, progress)
        known = standing - pool.open.relieved
        return known if abs(known - told) <= 1 else told

    def _find_share(self, promotion: str) -> Fraction:
        terms = self.whole.discount_terms
        known = {one.promotion.id: one.promotion for one in (() if terms is None else terms.promotions)}
        return Fraction(known[promotion].bearer_share) if promotion in known else Fraction(1)

    def _find_rest(self) -> int:
        """Return what reductions that are no promotions take off the open pieces: they stay as they are."""
        terms, line = self.whole.discount_terms, self.line
        promoted = sum([one.taken.get(line.key, 0) for one in (() if terms is None else terms.promotions)])
        return (line.totals.discount_minor - promoted) * self.pool.open.pieces // line.quantity
