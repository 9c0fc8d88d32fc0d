"""Linting prices: what precedence cannot decide, what is never reached, and what nobody could have meant. Pure."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from itertools import pairwise

from mktcore.clock import to_utc
from mktcore.money import Money
from mktcore.notice import Notice, Severity
from mktcore.pricing.assignment import to_product_key
from mktcore.pricing.contender import OPEN_START, Contender
from mktcore.pricing.price_book import PriceBook
from mktcore.pricing.price_query import PriceQuery
from mktcore.pricing.price_schedule import PriceBreak, PriceSchedule
from mktcore.pricing.price_ties import find_ties
from mktcore.pricing.price_timeline import Sweep, sweep_queries

__all__ = ["lint_prices", "tabulate_findings"]


def lint_prices(
    book: PriceBook, asked: Iterable[PriceQuery] = (), *, since: datetime | None = None
) -> tuple[Notice, ...]:
    """Return what is wrong with prices before a buyer meets it: findings, in the order of their codes and places.

    Ties that only an id decides; instants and quantities without a price between those that have one; schedules that
    never apply; sale prices above the price; prices that rise with the quantity. It sorts and sweeps, so 100,000
    schedules take seconds.

    >>> from mktcore.pricing.price_schedule import PriceBreak
    >>> def price(amount, sale=None):
    ...     return [PriceBreak(1, Money.of(amount, "EUR"), sale and Money.of(sale, "EUR"))]
    >>> book = PriceBook(
    ...     [PriceSchedule("own", "acme", price("9.00", "9.90")), PriceSchedule("old", "acme", price("8.00"))],
    ...     defaults={"o1": "own"},
    ... )
    >>> for finding in lint_prices(book, [PriceQuery("pen", "acme", "EUR", offer="o1")]):
    ...     print(finding)
    price schedule own: the sale price 9.90 EUR from 1 is above the price 9.00 EUR (lower it, or raise the price)
    price schedule old: no assignment and no offer names it (assign it, or remove it)

    Each finding has the operand `merchant`: whose matter it is, None for the operator's.

    Args:
        book: The prices.
        asked: What is sold: a query for each offer, in the currency that buyers pay in, for no buyer and no channel;
            the audiences and channels of the book are tried on each. Gaps, and what never wins, are looked for in
            these only.
        since: Findings about what ended before are left out; None looks at all times.
    """
    at = OPEN_START if since is None else to_utc(since)
    queries = tuple(asked)
    merchants = {query.offer: query.merchant for query in queries if query.offer is not None}
    findings = [found for schedule in book.schedules.values() for found in _judge_schedule(schedule, book)]
    findings += _find_misnamed(book, merchants)
    findings += _find_lost_assignments(book, queries)
    # Where the price decides, equal right means an equal price.
    findings += [] if book.precedence.is_cheapest else find_ties(book, at)
    sweep = sweep_queries(book, queries, at)
    findings += sweep.findings
    findings += _find_unreached(book, sweep, at, is_swept=bool(queries))
    return tuple(sorted(findings, key=_get_place))


def tabulate_findings(findings: Iterable[Notice]) -> str:
    """Return findings as a table in Markdown."""
    head = "| code | where | what | remedy |\n|---|---|---|---|"
    return "\n".join([head, *(f"| {one.code} | {one.where} | {one.message} | {one.remedy} |" for one in findings)])


def _get_place(finding: Notice) -> tuple[str, str, str]:
    return finding.code, finding.where, finding.message


def _judge_schedule(schedule: PriceSchedule, book: PriceBook) -> Iterator[Notice]:
    """Find what is odd about a schedule by itself."""
    where = f"price schedule {schedule.id}"
    whose: dict[str, object] = {"schedule": schedule.id, "merchant": schedule.owner}
    for entry in schedule.breaks:
        if entry.sale_price is not None and entry.sale_price > entry.unit_price:
            message = f"the sale price {entry.sale_price} from {entry.quantity} is above the price {entry.unit_price}"
            operands = {**whose, "quantity": entry.quantity, "price": entry.unit_price, "sale_price": entry.sale_price}
            yield Notice(
                "prices.sale-above-price", where, message, remedy="lower it, or raise the price", operands=operands
            )
    # Where the cheapest wins, nobody pays a break that rises: the one before it still applies.
    for before, after in () if book.precedence.is_cheapest else pairwise(schedule.breaks):
        for name, lower, higher in _pair_prices(before, after):
            if higher > lower:
                message = f"the {name} rises from {lower} to {higher} at a quantity of {after.quantity}"
                operands = {**whose, "quantity": after.quantity, "before": lower, "after": higher}
                yield Notice(
                    "prices.rising-break", where, message, remedy="let more pieces cost no more each", operands=operands
                )


def _pair_prices(before: PriceBreak, after: PriceBreak) -> Iterator[tuple[str, Money, Money]]:
    yield "price", before.unit_price, after.unit_price
    # Also of one sale alone: where only the first break is on sale, the second may be dearer without any rise above.
    if before.sale_price is not None or after.sale_price is not None:
        yield "sale price", _now(before), _now(after)


def _now(entry: PriceBreak) -> Money:
    """Return what a break costs in its sale."""
    return entry.unit_price if entry.sale_price is None else entry.sale_price


def _find_misnamed(book: PriceBook, merchants: Mapping[str, str]) -> Iterator[Notice]:
    """Find who names a schedule that is not there, or one which the merchant may not sell at."""
    named = [(f"assignment {one.id}", one.schedule, one.merchant) for one in book.assignments]
    named += [(f"offer {offer}", name, merchants.get(offer)) for offer, name in book.defaults.items()]
    for where, name, merchant in named:
        schedule = book.schedules.get(name)
        if schedule is None:
            message, remedy = f"there is no price schedule {name}", "store it, or name another"
            yield Notice(
                "prices.missing-schedule",
                where,
                message,
                remedy=remedy,
                operands={"schedule": name, "merchant": merchant},
            )
        elif merchant is not None and schedule.owner != merchant:
            whose = "the operator" if schedule.owner is None else schedule.owner
            message = f"price schedule {name} is of {whose}, and {merchant} sells at its own only"
            operands = {"schedule": name, "owner": schedule.owner, "merchant": merchant}
            yield Notice(
                "prices.foreign-schedule", where, message, remedy=f"name one that {merchant} owns", operands=operands
            )


def _find_lost_assignments(book: PriceBook, queries: Iterable[PriceQuery]) -> Iterator[Notice]:
    """Find assignments that price nothing that is sold: another's goods, goods or an offer that are not there."""
    asked = [(query, priced) for query in queries for priced in _list_priced(query)]
    sold = {(priced, query.merchant) for query, priced in asked}
    if not sold:
        return
    offers = {(query.offer, priced) for query, priced in asked}
    skus = {sku for sku, _ in sold}
    for one in book.assignments:
        is_sold = one.priced in skus if one.merchant is None else (one.priced, one.merchant) in sold
        if is_sold and (one.offer is None or (one.offer, one.priced) in offers):
            continue
        seller = "nobody" if one.merchant is None else f"{one.merchant} does not"
        what = f"{seller} {'sells' if one.merchant is None else 'sell'} {one.priced}"
        message = what if not is_sold else f"there is no offer {one.offer} of {one.priced}"
        operands = {"assignment": one.id, "sku": one.sku, "product": one.product, "merchant": one.merchant}
        yield Notice(
            "prices.lost-assignment",
            f"assignment {one.id}",
            message,
            remedy="correct it, or take it away",
            operands=operands,
            severity=Severity.WARNING,
        )


def _list_priced(query: PriceQuery) -> list[str]:
    return [query.sku] if query.product is None else [query.sku, to_product_key(query.product)]


def _find_unreached(book: PriceBook, sweep: Sweep, since: datetime, *, is_swept: bool) -> Iterator[Notice]:
    """Find schedules that price nothing: nobody names them, nobody sells what they price, or another always wins."""
    places: dict[str, list[Contender]] = {}
    for one in book.list_contenders():
        places.setdefault(one.schedule.id, []).append(one)
    named = {one.schedule for one in book.assignments} | set(book.defaults.values())
    for schedule in book.schedules.values():
        where = f"price schedule {schedule.id}"
        whose = {"schedule": schedule.id, "merchant": schedule.owner}
        own = places.get(schedule.id, [])
        if schedule.id not in named:
            message, remedy = "no assignment and no offer names it", "assign it, or remove it"
            yield Notice("prices.unused-schedule", where, message, remedy=remedy, operands=whose)
        # What is over by now cannot be reached, and needs no mending.
        # The first tells of all: the period is the schedule's own, whoever it is assigned to.
        elif is_swept and own and own[0].end > since and not any(id(one) in sweep.reached for one in own):
            beaten_by = sorted({sweep.beaten_by[id(one)] for one in own if id(one) in sweep.beaten_by})
            message = f"price schedule {beaten_by[0]} comes first for as long as it is valid" if beaten_by else ""
            operands = {**whose, "beaten_by": ", ".join(beaten_by)}
            reason = message or "nobody sells what it prices, in its currency, to and where it does"
            yield Notice(
                "prices.unreachable",
                where,
                reason,
                remedy="change its period or assignment, or remove it",
                operands=operands,
            )
