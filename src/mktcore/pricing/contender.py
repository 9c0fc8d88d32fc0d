"""Contenders: a schedule under the rule by which it could apply, made once for all the queries that meet it."""

from datetime import UTC, datetime, timedelta
from functools import cached_property

import attrs

from mktcore.pricing.assignment import EVERYONE, Assignment, Audience
from mktcore.pricing.precedence import Precedence, PriceRule, TieBreak
from mktcore.pricing.price_query import PriceQuery
from mktcore.pricing.price_schedule import PriceSchedule
from mktcore.pricing.recurrence import Recurrence

__all__ = ["Contender", "enter_assignment", "enter_default"]

OPEN_START = datetime.min.replace(tzinfo=UTC)
OPEN_END = datetime.max.replace(tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
Reach = tuple[Audience, str | None, str | None]
"""Whom an assignment is for, and the offer and the channel it is bound to."""
_SPECIFIC_FIRST = ("user", "group", "buyer", "everyone")


@attrs.frozen(eq=False)
class Contender:
    """A schedule that could apply.

    Attributes:
        schedule: The schedule.
        rule: The rule it falls under.
        precedence: The order of rules.
        audience: Who it is for.
        offer: Only for this offer, or None.
        channel: Only in this sales channel, or None.
        currency: Code of its currency.
        start: First instant of its period.
        end: End of its period.
        quantities: The breaks' quantities.
        least: The least quantity it accepts.
        seller: The merchant who may sell at it, its owner; None for anyone, as at a product's default.
        recurs: The schedule's recurring window.
        product: The product for all of whose SKUs it is; None for one SKU's own.
    """

    schedule: PriceSchedule
    rule: PriceRule
    precedence: Precedence
    audience: Audience
    offer: str | None
    channel: str | None
    currency: str
    start: datetime
    end: datetime
    quantities: tuple[int, ...]
    least: int
    seller: str | None
    recurs: Recurrence | None
    product: str | None = None

    @cached_property
    def rank(self) -> tuple[int | str, ...]:
        """The lower wins: the step, then the tie-breaks; the last entry is the schedule's id."""
        # Only now: most prices are the only one of their step, and are compared with none.
        keys, steps = _find_keys(self.schedule, (self.audience, self.offer, self.channel)), self.precedence.steps
        # What a SKU says itself comes before whatever it inherits.
        step = steps.index(self.rule) + (0 if self.product is None else len(steps))
        return (step, *(keys[name] for name in self.precedence.tie_breaks), self.schedule.id)

    def suits(self, query: PriceQuery, at: datetime) -> bool:
        """Tell whether nothing keeps it from applying; `find_bar` says what does."""
        return (
            # The questions of `find_bar` without its texts: this is asked for every price there is.
            self.start <= at < self.end
            and self.currency == query.currency
            and (self.seller is None or self.seller == query.merchant)
            and (self.channel is None or self.channel == query.context.channel)
            and (self.offer is None or self.offer == query.offer)
            and (self.recurs is None or self.recurs.contains(at))
        )

    def describe(self) -> str:
        """Name its rule, and for whom it is when that is not everyone."""
        kind, name = self.audience
        told = self.rule.value if kind == "everyone" else f"{self.rule.value} to {kind} {name}"
        return told if self.product is None else f"{told}, inherited from product {self.product}"

    def find_bar(self, query: PriceQuery, now: datetime) -> str:
        """Say what keeps it from applying to a query whoever else contends; empty when nothing does."""
        if self.currency != query.currency:
            return f"in {self.currency}, not {query.currency}"
        if self.seller not in (None, query.merchant):
            return f"not owned by the seller {query.merchant}"
        if self.offer not in (None, query.offer):
            return f"for offer {self.offer} only"
        if self.channel not in (None, query.context.channel):
            return f"in channel {self.channel} only"
        if now < self.start:
            return f"not yet valid: from {self.start.isoformat()}"
        if now >= self.end:
            return f"no longer valid: until {self.end.isoformat()}"
        if self.recurs is not None and not self.recurs.contains(now):
            return "outside its recurring window"
        return ""

    def count(self, query: PriceQuery) -> int:
        """Return the pieces that its breaks and bounds look at."""
        return query.together if self.schedule.cumulative and query.together is not None else query.quantity


def enter_assignment(assignment: Assignment, schedule: PriceSchedule, precedence: Precedence) -> Contender | None:
    """Return the contender that an assignment makes; None where its step is not among the steps."""
    rule = PriceRule.PRODUCT_DEFAULT if assignment.merchant is None else PriceRule.MERCHANT_ASSIGNMENT
    return _enter(
        schedule,
        rule,
        precedence=precedence,
        reach=(assignment.audience, assignment.offer, assignment.channel),
        product=assignment.product,
    )


def enter_default(offer: str, schedule: PriceSchedule, precedence: Precedence) -> Contender | None:
    """Return the contender that an offer's own schedule makes."""
    return _enter(schedule, PriceRule.MERCHANT_DEFAULT, precedence=precedence, reach=(EVERYONE, offer, None))


def _enter(
    schedule: PriceSchedule,
    rule: PriceRule,
    precedence: Precedence,
    *,
    reach: Reach,
    product: str | None = None,
) -> Contender | None:
    if rule not in precedence.steps:
        return None
    audience, offer, channel = reach
    start, end = schedule.valid.start or OPEN_START, schedule.valid.end or OPEN_END
    quantities = tuple([entry.quantity for entry in schedule.breaks])
    least = max(schedule.minimum, quantities[0])
    currency = schedule.currency.code
    # The operator's own schedule is no merchant's to sell at; no merchant is called by an empty name.
    seller = None if rule is PriceRule.PRODUCT_DEFAULT else schedule.owner or ""
    return Contender(
        schedule,
        rule,
        precedence,
        audience=audience,
        offer=offer,
        channel=channel,
        currency=currency,
        start=start,
        end=end,
        quantities=quantities,
        least=least,
        seller=seller,
        recurs=schedule.recurs,
        product=product,
    )


def _find_keys(schedule: PriceSchedule, reach: Reach) -> dict[TieBreak, int]:
    audience, offer, channel = reach
    start, end = schedule.valid.start or OPEN_START, schedule.valid.end or OPEN_END
    width = end - start if schedule.recurs is None else min(end - start, schedule.recurs.lasts)
    # The less, the better, in whole numbers: comparing ranks is the inner loop, and instants compare more slowly.
    return {
        TieBreak.AUDIENCE: _SPECIFIC_FIRST.index(audience[0]),
        TieBreak.OFFER: int(offer is None),
        TieBreak.CHANNEL: int(channel is None),
        TieBreak.DATED: int(schedule.valid.is_always() and schedule.recurs is None),
        TieBreak.NARROWER: width // _MICROSECOND,
        TieBreak.LATER: (OPEN_END - start) // _MICROSECOND,
    }
