"""Sweeping time: for what is sold, when does which schedule win, and when and for how many is there none? Pure."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from heapq import heappop, heappush
from itertools import pairwise

import attrs

from mktcore.notice import Notice
from mktcore.pricing.assignment import EVERYONE, Audience
from mktcore.pricing.contender import OPEN_END, OPEN_START, Contender
from mktcore.pricing.price_book import PriceBook
from mktcore.pricing.price_query import PriceQuery
from mktcore.sales_context import SalesContext

__all__ = ["Sweep", "sweep_queries"]

Entry = tuple[tuple[int | str, ...], int, Contender]


@attrs.frozen
class Sweep:
    """What a sweep over time found.

    Attributes:
        findings: Gaps.
        reached: Identities of the contenders that win at some instant.
        beaten_by: For others, by identity: the schedule that wins when they start.
    """

    findings: list[Notice] = attrs.field(factory=list)
    reached: set[int] = attrs.field(factory=set)
    beaten_by: dict[int, str] = attrs.field(factory=dict)


def sweep_queries(book: PriceBook, asked: Iterable[PriceQuery], since: datetime) -> Sweep:
    """Sweep each query as asked, and for each audience and channel that the book has prices for."""
    sweep = Sweep()
    for query in asked:
        noted: set[tuple[object, ...]] = set()
        found = False
        for variant in _vary(book, query):
            fitting = [one for one in book.list_for(variant) if _fits(one, variant)]
            found = found or bool(fitting)
            lane = _Lane(
                book,
                variant,
                fitting=[one for one in fitting if one.end > since],
                since=since,
                sweep=sweep,
                noted=noted,
            )
            lane.run()
        if not found:
            sweep.findings.append(_to_unpriced(query))
    return sweep


def _vary(book: PriceBook, query: PriceQuery) -> Iterator[PriceQuery]:
    """Yield the query itself first, then as each audience in each channel that may have a price of its own."""
    standing = list(book.list_for_any_buyer(query))
    audiences = {EVERYONE, *[one.audience for one in standing]}
    asked = query.context.channel
    channels = {asked, *[one.channel for one in standing]}
    reaches = [(audience, channel) for audience in audiences for channel in channels]
    # The query as asked comes first: a gap that everybody meets is told of once, and not for each audience again.
    for (kind, name), channel in sorted(reaches, key=lambda reach: (reach != (EVERYONE, asked), str(reach))):
        whom = {"groups": (name,)} if kind == "group" else {} if kind == "everyone" else {kind: name}
        yield attrs.evolve(query, context=attrs.evolve(query.context, channel=channel, **whom))


def _fits(one: Contender, query: PriceQuery) -> bool:
    """Tell whether a contender could apply to a query at some instant."""
    return (
        one.currency == query.currency
        and one.seller in (None, query.merchant)
        and one.channel in (None, query.context.channel)
        and one.offer in (None, query.offer)
    )


@attrs.frozen
class _Lane:
    """The time of one query: its contenders one after the other, and which of them wins in between.

    Attributes:
        book: The price book.
        query: What is asked.
        fitting: The contenders that could apply at some instant.
        since: Where the lane begins.
        sweep: Where findings go.
        noted: Gaps of the query that were found for another audience or channel.
    """

    book: PriceBook
    query: PriceQuery
    fitting: Sequence[Contender] = attrs.field(kw_only=True)
    since: datetime = attrs.field(kw_only=True)
    sweep: Sweep = attrs.field(kw_only=True)
    noted: set[tuple[object, ...]] = attrs.field(kw_only=True)

    def run(self) -> None:
        ordered = sorted(self.fitting, key=lambda one: one.start)
        edges = sorted({edge for one in ordered for edge in (max(one.start, self.since), one.end)})
        active: list[Entry] = []
        position = 0
        gap: tuple[datetime, list[Contender]] | None = None
        for start, end in pairwise(edges):
            fresh = position
            while position < len(ordered) and ordered[position].start <= start:
                # The position decides between equal ranks, so that contenders are never compared.
                heappush(active, (ordered[position].rank, position, ordered[position]))
                position += 1
            winners = self.pop_winners(active, start)
            self.note_beaten(ordered[fresh:position], winners)
            steady = [one for _, _, one in winners if one.recurs is None]
            if steady:
                self.close(gap, start)
                gap = None
                self.judge_quantities([one for _, _, one in winners], active, start)
            # Only what always applies closes a gap: a recurring window leaves some beside itself.
            elif gap is None:
                gap = (start, [one for _, _, one in winners])
            for entry in winners:
                # Taken out to see who stands behind them; they contend in the next interval too.
                heappush(active, entry)
            if end == edges[-1]:
                self.close(gap, end)

    def pop_winners(self, active: list[Entry], at: datetime) -> list[Entry]:
        """Take those that win at some instant from `at` on, the best first: down to one that leaves nothing over."""
        winners: list[Entry] = []
        while active:
            entry = heappop(active)
            if entry[2].end > at:
                if self.is_tried([one for _, _, one in winners], entry[2]):
                    self.sweep.reached.add(id(entry[2]))
                winners.append(entry)
                if self.is_last(entry[2]):
                    break
        return winners

    def is_tried(self, before: Sequence[Contender], one: Contender) -> bool:
        """Tell whether some quantity is left to a contender by those that rank before it and always apply."""
        if self.book.precedence.is_cheapest:
            return True
        steady = [other for other in before if other.recurs is None]
        probes = {one.least, *one.quantities}
        probes |= {quantity for other in steady for quantity in _list_probes(other, one)}
        return any(
            one.schedule.accepts(quantity) and not any(other.schedule.accepts(quantity) for other in steady)
            for quantity in probes
        )

    def is_last(self, one: Contender) -> bool:
        """Tell whether nothing that ranks behind is ever tried while this one applies."""
        if one.recurs is not None:
            return False
        if not self.book.precedence.tries_all:
            return True
        return not self.book.precedence.is_cheapest and not _is_bounded(one)

    def note_beaten(self, fresh: Iterable[Contender], winners: Sequence[Entry]) -> None:
        if winners:
            for one in fresh:
                self.sweep.beaten_by.setdefault(id(one), winners[-1][2].schedule.id)

    def close(self, gap: tuple[datetime, list[Contender]] | None, end: datetime) -> None:
        """Note a gap that ends here."""
        if gap is None or ("time", gap[0], end) in self.noted:
            return
        start, recurring = gap
        self.noted.add(("time", start, end))
        when = _describe(start, end)
        operands = {**_to_operands(self.query), "start": start, "end": end}
        message = f"no price schedule applies {when}"
        if recurring:
            names = ", ".join(sorted({one.schedule.id for one in recurring})[:5])
            message += f", outside the recurring windows of {names}"
        remedy = "extend one of the schedules, or name one that is always valid"
        self.sweep.findings.append(
            Notice("prices.gap", _to_place(self.query), message, remedy=remedy, operands=operands)
        )

    def judge_quantities(self, winners: Sequence[Contender], active: Sequence[Entry], at: datetime) -> None:
        """Look for quantities that no schedule takes although others around them can be had."""
        last = winners[-1]
        if not _is_bounded(last):
            return
        if not self.book.precedence.tries_all:
            others = [one for _, _, one in active if one.end > at]
            # The least, and of several schedules that take it the first by id: no order of storing tells.
            found = min(
                ((q, one.schedule.id) for one in others for q in _list_probes(last, one) if _differ(q, last, one)),
                default=None,
            )
            if found is not None:
                quantity, other = found
                message = f"price schedule {last.schedule.id} refuses {quantity}, which {other} would take"
                self.note_quantity(
                    quantity,
                    last,
                    message=message,
                    remedy="let it take more quantities, or let refused ones fall through",
                )
            return
        for quantity in sorted({one.schedule.maximum + 1 for one in winners if one.schedule.maximum is not None}):
            above = any(one.schedule.maximum is None or one.schedule.maximum > quantity for one in winners)
            if above and not any(one.schedule.accepts(quantity) for one in winners):
                message = f"no price schedule takes {quantity}, although fewer and more can be had"
                self.note_quantity(quantity, last, message=message, remedy="let one of them take it")
                return

    def note_quantity(self, quantity: int, last: Contender, message: str, *, remedy: str) -> None:
        key = ("quantity", last.schedule.id, quantity)
        if key not in self.noted:
            self.noted.add(key)
            operands = {**_to_operands(self.query), "schedule": last.schedule.id, "quantity": quantity}
            self.sweep.findings.append(
                Notice("prices.quantity-gap", _to_place(self.query), message, remedy=remedy, operands=operands)
            )


def _is_bounded(one: Contender) -> bool:
    return one.least > 1 or one.schedule.restricted or one.schedule.maximum is not None


def _list_probes(last: Contender, other: Contender) -> list[int]:
    """Return quantities of which one shows that `other` takes what `last` refuses, where any does."""
    bounds = [last.least - 1, other.least, other.schedule.maximum or other.least]
    bounds += [last.schedule.maximum + 1] if last.schedule.maximum is not None else []
    bounds += [step for quantity in last.quantities for step in (quantity - 1, quantity + 1)] + list(other.quantities)
    return sorted({bound for bound in bounds if bound > 0})


def _differ(quantity: int, last: Contender, other: Contender) -> bool:
    return other.schedule.accepts(quantity) and not last.schedule.accepts(quantity)


def _describe(start: datetime, end: datetime) -> str:
    if start <= OPEN_START and end >= OPEN_END:
        return "at any time"
    if start <= OPEN_START:
        return f"before {end.isoformat()}"
    return f"from {start.isoformat()}" + ("" if end >= OPEN_END else f" to {end.isoformat()}")


def _to_place(query: PriceQuery) -> str:
    sold = f"{query.sku} of {query.merchant}" if query.offer is None else f"offer {query.offer}"
    audience = _find_audience(query.context)
    whom = "" if audience == EVERYONE else f" for {audience[0]} {audience[1]}"
    return sold + whom + ("" if query.context.channel is None else f" in channel {query.context.channel}")


def _find_audience(context: SalesContext) -> Audience:
    if context.user is not None:
        return ("user", context.user)
    if context.groups:
        return ("group", context.groups[0])
    return EVERYONE if context.buyer is None else ("buyer", context.buyer)


def _to_operands(query: PriceQuery) -> dict[str, object]:
    return {"sku": query.sku, "merchant": query.merchant, "offer": query.offer, "channel": query.context.channel}


def _to_unpriced(query: PriceQuery) -> Notice:
    message = f"it has no price in {query.currency} at any time, for anybody"
    remedy = "name a schedule that its merchant owns, or give the product a default"
    return Notice("prices.unpriced", _to_place(query), message, remedy=remedy, operands=_to_operands(query))
