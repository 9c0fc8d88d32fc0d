"""The price book: which price applies, by precedence."""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime

from mktcore.clock import to_utc
from mktcore.explain import Explanation
from mktcore.money import Money
from mktcore.notice import Notice
from mktcore.pricing.assignment import Assignment, Audience, list_audiences, to_product_key
from mktcore.pricing.cheapest_price import find_cheapest
from mktcore.pricing.contender import Contender, enter_assignment, enter_default
from mktcore.pricing.explain_resolution import explain_answer
from mktcore.pricing.precedence import PRECEDENCE, Precedence, PriceRule
from mktcore.pricing.price_answer import NoPrice, PriceResolution, Unpriced
from mktcore.pricing.price_mode import EnteredPrice
from mktcore.pricing.price_query import PriceQuery
from mktcore.pricing.price_schedule import PriceSchedule
from mktcore.totals import Option

__all__ = ["PriceBook"]


class PriceBook:
    """Price schedules and who they are for, indexed once; asked as often as needed, for any instant.

    >>> from datetime import UTC
    >>> from mktcore.money import Money
    >>> from mktcore.pricing.price_schedule import PriceBreak
    >>> from mktcore.sales_context import SalesContext
    >>> now = datetime(2026, 5, 1, tzinfo=UTC)
    >>> book = PriceBook(
    ...     [
    ...         PriceSchedule("camera", "acme", [PriceBreak(1, Money.of("179.00", "EUR"))]),
    ...         PriceSchedule("camera-vip", "acme", [PriceBreak(1, Money.of("159.00", "EUR"))]),
    ...     ],
    ...     [Assignment("a1", sku="camera", merchant="acme", schedule="camera-vip", group="vip")],
    ...     defaults={"acme-camera": "camera"},
    ... )
    >>> vip = SalesContext(groups=("vip",))
    >>> query = PriceQuery("camera", "acme", "EUR", offer="acme-camera", context=vip)
    >>> print(book.resolve(query, now=now).explain().to_text())
    unit price: 159.00 EUR - merchant-assignment to group vip: price schedule camera-vip for a quantity of 1
    ├─ from 1: 159.00 EUR - applies: the highest quantity reached
    └─ not camera: 179.00 EUR - merchant-default: a merchant-assignment comes first

    The answer depends on the query and the instant alone: never on the order in which schedules were given.

    Attributes:
        schedules: The schedules, by id.
        assignments: The assignments.
        defaults: The schedule that each offer names, by offer: the merchant's default.
        precedence: The order of rules.
        states_tax: Whether some schedule says by itself whether it contains its tax.
    """

    def __init__(
        self,
        schedules: Iterable[PriceSchedule],
        assignments: Iterable[Assignment] = (),
        *,
        defaults: Mapping[str, str] | None = None,
        precedence: Precedence = PRECEDENCE,
    ) -> None:
        """Index schedules by what they price and for whom.

        What names a schedule that is not among `schedules` prices nothing; `lint_prices` finds it.
        """
        self.schedules: Mapping[str, PriceSchedule] = {schedule.id: schedule for schedule in schedules}
        self.assignments = tuple(assignments)
        # An empty name is that of an offer without a schedule of its own.
        self.defaults: Mapping[str, str] = {offer: name for offer, name in (defaults or {}).items() if name}
        self.precedence = precedence
        self._tries_all = precedence.tries_all
        self._assigned: dict[tuple[str, str | None], dict[Audience, list[Contender]]] = {}
        self._defaults: dict[str | None, Contender] = {}
        # Most markets state all prices alike, and no product has one: nothing is asked for then.
        self.states_tax = any(one.includes_tax is not None for one in self.schedules.values())
        self._has_inherited = any(one.product is not None for one in self.assignments)
        self._index()

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, PriceBook):
            return NotImplemented
        return (
            self.schedules == other.schedules
            and set(self.assignments) == set(other.assignments)
            and self.defaults == other.defaults
            and self.precedence == other.precedence
        )

    def __hash__(self) -> int:
        # Of the ids only: hashing all prices of a market costs more than comparing the few books that share them.
        return hash(frozenset(self.schedules))

    def _index(self) -> None:
        for assignment in self.assignments:
            schedule = self.schedules.get(assignment.schedule)
            contender = None if schedule is None else enter_assignment(assignment, schedule, self.precedence)
            if contender is not None:
                entries = self._assigned.setdefault((assignment.priced, assignment.merchant), {})
                entries.setdefault(contender.audience, []).append(contender)
        for offer, name in self.defaults.items():
            schedule = self.schedules.get(name)
            contender = None if schedule is None else enter_default(offer, schedule, self.precedence)
            if contender is not None:
                self._defaults[offer] = contender

    def resolve(self, query: PriceQuery, *, now: datetime) -> PriceResolution:
        """Return the price that applies.

        Args:
            query: Which price.
            now: For which instant, aware; a past or future one is as good.

        Raises:
            NoPrice: None applies to this quantity; it says why.
        """
        found = self.find(query, now=now)
        if isinstance(found, Unpriced):
            raise NoPrice(found)
        return found

    def resolve_all(self, queries: Iterable[PriceQuery], *, now: datetime) -> tuple[PriceResolution | Unpriced, ...]:
        """Return the answer to each query, in their order."""
        at = to_utc(now)
        return tuple([self.find(query, now=at) for query in queries])

    def find(self, query: PriceQuery, *, now: datetime) -> PriceResolution | Unpriced:
        """Return the price that applies, or why there is none."""
        at = to_utc(now)
        if self._tries_all:
            found = self._find_cheapest if self.precedence.is_cheapest else self._find_accepting
            return found(query, at)
        # Step by step, without sorting: most queries are answered by the first step, and by its only contender.
        for rule in self.precedence.steps:
            suiting = [one for one in self._contend(rule, query) if one.suits(query, at)]
            if len(suiting) == 1:
                return self._price(suiting[0], query, at, is_ambiguous=False)
            if suiting:
                return self._price_best(suiting, query, at)
        if self._has_inherited and query.product is not None:
            for contenders in self._list_inherited(query, to_product_key(query.product)):
                suiting = [one for one in contenders if one.suits(query, at)]
                if suiting:
                    return self._price_best(suiting, query, at)
        return self._find_nothing(query, at)

    def _price_best(self, suiting: list[Contender], query: PriceQuery, at: datetime) -> PriceResolution | Unpriced:
        """Return the price of the best of those that one step has."""
        best = min(suiting, key=_get_rank)
        tied = any(_is_tie(best, one) for one in suiting)
        return self._price(best, query, at, is_ambiguous=tied)

    def explain(self, query: PriceQuery, *, now: datetime, to_buyer: bool = False) -> Explanation:
        """Say which price applies, and why each other candidate does not.

        Only candidates that are for this buyer are named: what others pay is their matter.

        Args:
            query: Which price.
            now: For which instant (aware).
            to_buyer: Whether it is a buyer who is told: then nothing is of prices and sales that do not apply now.
        """
        answer, contenders = self.find(query, now=now), self._contend_all(query)
        if to_buyer:
            contenders = [one for one in contenders if not one.find_bar(query, answer.at)]
        return explain_answer(answer, contenders, self.precedence, to_buyer=to_buyer)

    def list_contenders(self) -> Iterator[Contender]:
        """Yield every schedule under each rule by which it could apply to somebody."""
        yield from (one for _, one in self.list_assigned())
        yield from self._defaults.values()

    def list_assigned(self) -> Iterator[tuple[tuple[str, str | None], Contender]]:
        """Yield what assignments make, with the SKU (or `product NAME`) and the merchant (None for a default)."""
        for place, entries in self._assigned.items():
            for contenders in entries.values():
                for one in contenders:
                    yield place, one

    def list_for(self, query: PriceQuery) -> list[Contender]:
        """Return what could apply to a query by its seller, product and buyer, whether it does now or not."""
        return self._contend_all(query)

    def list_for_any_buyer(self, query: PriceQuery) -> Iterator[Contender]:
        """Yield what could apply to a query's seller and product for some buyer."""
        priced = [query.sku, *([] if query.product is None else [to_product_key(query.product)])]
        for one in priced:
            for merchant in (query.merchant, None):
                for contenders in self._assigned.get((one, merchant), {}).values():
                    yield from contenders

    def _list_steps(self, query: PriceQuery) -> Iterator[list[Contender]]:
        """Yield what each step has, and then what each has for the product: it holds where nothing of the SKU does."""
        for rule in self.precedence.steps:
            yield self._contend(rule, query)
        if self._has_inherited and query.product is not None:
            yield from self._list_inherited(query, to_product_key(query.product))

    def _list_inherited(self, query: PriceQuery, product: str) -> Iterator[list[Contender]]:
        for rule in self.precedence.steps:
            if rule is not PriceRule.MERCHANT_DEFAULT:
                yield self._find_assigned(rule, query, product)

    def _contend(self, rule: PriceRule, query: PriceQuery) -> list[Contender]:
        """Return what one step has for this seller, SKU and buyer, whether it applies now or not."""
        if rule is PriceRule.MERCHANT_DEFAULT:
            default = self._defaults.get(query.offer)
            return [] if default is None else [default]
        return self._find_assigned(rule, query, query.sku)

    def _find_assigned(self, rule: PriceRule, query: PriceQuery, priced: str) -> list[Contender]:
        entries = self._assigned.get((priced, query.merchant if rule is PriceRule.MERCHANT_ASSIGNMENT else None))
        if entries is None:
            return []
        found: list[Contender] = []
        for audience in list_audiences(query.context):
            if audience in entries:
                found += entries[audience]
        return found

    def _contend_all(self, query: PriceQuery) -> list[Contender]:
        return [one for step in self._list_steps(query) for one in step]

    def _find_accepting(self, query: PriceQuery, at: datetime) -> PriceResolution | Unpriced:
        """Return the price of the best schedule that accepts the quantity; what the best one says when none does."""
        ordered = sorted([one for one in self._contend_all(query) if one.suits(query, at)], key=_get_rank)
        for position, one in enumerate(ordered):
            if one.schedule.accepts(one.count(query)):
                tied = any(_is_tie(one, other) for other in ordered[position + 1 :])
                return self._price(one, query, at, is_ambiguous=tied)
        return self._price(ordered[0], query, at, is_ambiguous=False) if ordered else self._find_nothing(query, at)

    def _find_cheapest(self, query: PriceQuery, at: datetime) -> PriceResolution | Unpriced:
        """Return the least of all prices that apply; what the best by rank says when none accepts the quantity."""
        suiting = sorted([one for one in self._contend_all(query) if one.suits(query, at)], key=_get_rank)
        found = [find_cheapest(one, query, at) for one in suiting if one.schedule.accepts(one.count(query))]
        if not found:
            return self._price(suiting[0], query, at, is_ambiguous=False) if suiting else self._find_nothing(query, at)
        # What a product costs is asked where its SKU has no price, be it a dearer one.
        found = [one for one in found if one.contender.product is None] or found
        # The first of equals is the best by rank.
        best = min(found, key=lambda one: one.each)
        tied = any(one.each == best.each and _is_tie(best.contender, one.contender) for one in found)
        return self._answer(best.contender, (best.price, best.regular), query, reached=(at, best.entry.quantity, tied))

    def _find_nothing(self, query: PriceQuery, at: datetime) -> Unpriced:
        message = f"{query.merchant} has no price for {query.sku} in {query.currency} now"
        operands = {"sku": query.sku, "merchant": query.merchant, "currency": query.currency}
        return Unpriced(
            Notice("no-price", "", message, remedy="choose another offer or product", operands=operands),
            query,
            at=at,
            book=self,
        )

    def _price(
        self, one: Contender, query: PriceQuery, at: datetime, *, is_ambiguous: bool
    ) -> PriceResolution | Unpriced:
        schedule, counted = one.schedule, one.count(query)
        # A price is asked for far more often than it is refused: what can refuse nothing is not asked.
        is_bounded = counted < one.least or schedule.restricted or schedule.maximum is not None
        if is_bounded and not schedule.accepts(counted):
            return self._refuse(schedule, counted, query=query, at=at)
        # Never before the first break: `least` is not below its quantity, and that was asked above.
        entry = schedule.breaks[bisect_right(one.quantities, counted) - 1]
        price = entry.unit_price
        if entry.sale_price is not None and schedule.sale.contains(at):
            price = entry.sale_price
        prices, reached = (price, entry.unit_price), (at, entry.quantity, is_ambiguous)
        if schedule.includes_tax is None and not query.options:
            return self._resolve(one, (prices, schedule.per, ()), query, reached=reached)
        return self._answer(one, prices, query, reached=reached)

    def _answer(
        self, one: Contender, prices: tuple[Money, Money], query: PriceQuery, *, reached: tuple[datetime, int, bool]
    ) -> PriceResolution:
        """Return a price as it was asked for.

        Args:
            one: The schedule that won.
            prices: What it asks, and what it would without a sale.
            query: What was asked.
            reached: For which instant, the break's quantity, and whether another schedule has the same right.
        """
        schedule = one.schedule
        chosen = tuple([option for option in schedule.options if option.key in query.options]) if query.options else ()
        stated, mode = schedule.includes_tax, query.mode
        if stated is not None and mode is not None and stated is not mode.includes_tax:
            found = mode.restate([*prices], per=schedule.per, entered_with_tax=stated, options=chosen)
            entered = EnteredPrice(prices[0], schedule.per, stated)
            price, regular = found.prices
            return self._resolve(
                one, ((price, regular), found.per, found.options), query, reached=reached, entered=entered
            )
        return self._resolve(one, (prices, schedule.per, chosen), query, reached=reached)

    def _resolve(
        self,
        one: Contender,
        stated: tuple[tuple[Money, Money], int, tuple[Option, ...]],
        query: PriceQuery,
        *,
        reached: tuple[datetime, int, bool],
        entered: EnteredPrice | None = None,
    ) -> PriceResolution:
        (price, regular), per, options = stated
        at, quantity, is_ambiguous = reached
        # positional: one is built for every price that is asked for
        return PriceResolution(
            price,
            one.schedule.id,
            one.rule,
            quantity,
            per,
            regular,
            is_ambiguous,
            options,
            query,
            at,
            self,
            entered,
        )

    def _refuse(self, schedule: PriceSchedule, counted: int, query: PriceQuery, *, at: datetime) -> Unpriced:
        accepted = schedule.describe_accepted()
        operands = {
            "sku": query.sku,
            "schedule": schedule.id,
            "quantity": counted,
            "accepted": accepted,
        }
        message = f"{counted} of {query.sku} cannot be had from {query.merchant}"
        return Unpriced(
            Notice("quantity-refused", "", message, remedy=f"take {accepted}", operands=operands),
            query,
            at=at,
            book=self,
        )


def _get_rank(one: Contender) -> tuple[int | str, ...]:
    return one.rank


def _is_tie(one: Contender, other: Contender) -> bool:
    """Tell whether only the id decides between two schedules."""
    return one.rank[-1] != other.rank[-1] and one.rank[:-1] == other.rank[:-1]
