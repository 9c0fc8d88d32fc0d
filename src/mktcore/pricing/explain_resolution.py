"""Why a price is what it is: every candidate, the rule it falls under, and why it won or lost."""

from collections.abc import Iterable, Iterator
from datetime import datetime

from mktcore.explain import Explanation
from mktcore.money import Money
from mktcore.pricing.cheapest_price import find_cheapest
from mktcore.pricing.contender import Contender
from mktcore.pricing.precedence import Precedence, TieBreak
from mktcore.pricing.price_answer import PriceResolution, Unpriced
from mktcore.pricing.price_query import PriceQuery

__all__ = ["explain_answer"]


def explain_answer(
    answer: PriceResolution | Unpriced,
    contenders: Iterable[Contender],
    precedence: Precedence,
    *,
    to_buyer: bool = False,
) -> Explanation:
    """Return the tree of reasons behind an answer of a price book.

    Args:
        answer: What the book answered.
        contenders: Every contender it looked at, in any order.
        precedence: The order of rules.
        to_buyer: Whether it is a buyer who is told, who hears of no sale but the present one.
    """
    query, now = answer.query, answer.at
    ordered = sorted(contenders, key=lambda one: (bool(one.find_bar(query, now)), one.rank))
    if isinstance(answer, Unpriced):
        losers = (_explain_loser(one, None, query=query, now=now, precedence=precedence) for one in ordered)
        return Explanation("unit price", "none", answer.notice.message, tuple(losers))
    # By rule too: one schedule may contend under two of them.
    winner = next(one for one in ordered if one.schedule.id == answer.schedule and one.rule == answer.rule)
    others = [one for one in ordered if one is not winner]
    losers = (_explain_loser(one, winner, query=query, now=now, precedence=precedence) for one in others)
    reason = f"{winner.describe()}: price schedule {answer.schedule} for a quantity of {query.quantity}"
    if answer.is_ambiguous:
        reason += ", ambiguous"
    if answer.entered is not None:
        reason += f", entered as {answer.entered}"
    return Explanation(
        "unit price",
        _price(answer.unit_price, answer.per),
        reason,
        (*_breaks(winner, answer, precedence=precedence, to_buyer=to_buyer), *losers),
    )


def _price(amount: Money, per: int) -> str:
    return str(amount) if per == 1 else f"{amount} per {per}"


def _breaks(
    winner: Contender, answer: PriceResolution, *, precedence: Precedence, to_buyer: bool
) -> Iterator[Explanation]:
    counted = winner.count(answer.query)
    is_sale = winner.schedule.sale.contains(answer.at)
    for entry in winner.schedule.breaks:
        if entry.quantity == answer.break_quantity:
            why = "the least that is reached" if precedence.is_cheapest else "the highest quantity reached"
            verdict = f"applies: {why}"
            if counted != answer.query.quantity:
                verdict += f", {counted} on all lines together"
        else:
            beaten = "costs no less" if precedence.is_cheapest else "a higher quantity is reached"
            verdict = "not reached" if entry.quantity > counted else beaten
        price = _price(entry.unit_price, winner.schedule.per)
        if entry.sale_price is not None and (is_sale or not to_buyer):
            when = "on sale at" if is_sale else "outside the sale at"
            price += f", {when} {_price(entry.sale_price, winner.schedule.per)}"
        yield Explanation(f"from {entry.quantity}", price, verdict)


def _explain_loser(
    loser: Contender, winner: Contender | None, query: PriceQuery, *, now: datetime, precedence: Precedence
) -> Explanation:
    counted = loser.count(query)
    entry = loser.schedule.find_break(counted)
    price = "" if entry is None else _price(entry.unit_price, loser.schedule.per)
    why = loser.find_bar(query, now)
    if not why and precedence.is_cheapest and loser.schedule.accepts(counted) and winner is not None:
        cheapest = find_cheapest(loser, query, now)
        price = _price(cheapest.price, loser.schedule.per)
        is_compared = (loser.product is None) == (winner.product is None)
        why = "it costs more" if is_compared and cheapest.each != find_cheapest(winner, query, now).each else ""
    why = why or _find_verdict(loser, winner, counted=counted, precedence=precedence)
    return Explanation(f"not {loser.schedule.id}", price, f"{loser.describe()}: {why}")


def _find_verdict(loser: Contender, winner: Contender | None, counted: int, *, precedence: Precedence) -> str:
    goes_first = winner is None or precedence.is_cheapest or loser.rank < winner.rank
    if not loser.schedule.accepts(counted) and goes_first:
        return f"it takes {loser.schedule.describe_accepted()}, not {counted}"
    if winner is None:
        return "it ranks behind the schedule that refused the quantity"
    if loser.product is not None and winner.product is None:
        return "the SKU has a price of its own"
    if loser.rule is not winner.rule:
        return f"a {winner.rule.value} comes first"
    for position, name in enumerate(precedence.tie_breaks, start=1):
        if loser.rank[position] != winner.rank[position]:
            kind, party = winner.audience
            return {
                TieBreak.AUDIENCE: f"less specific than for {kind} {party}",
                TieBreak.OFFER: f"less specific than for offer {winner.offer}",
                TieBreak.CHANNEL: f"less specific than in channel {winner.channel}",
                TieBreak.DATED: "undated",
                TieBreak.NARROWER: "a wider window",
                TieBreak.LATER: "it started earlier",
            }[name]
    if loser.schedule.id == winner.schedule.id:
        return "the same schedule again"
    return "as much right as the winner, but it sorts later"
