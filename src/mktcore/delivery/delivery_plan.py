"""How the goods of a cart could be delivered, how they are going to be, and what stands in the way. Pure."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

import attrs

from mktcore.delivery.delivery_method import DeliveryMethod
from mktcore.delivery.expected_shipment import ExpectedPieces, ExpectedShipment
from mktcore.delivery.parcel_item import ParcelItem, SplitParcels, split_by_merchant
from mktcore.delivery.ports import AnsweredQuotes, AskQuotes, ParcelQuery, leave_unquoted
from mktcore.delivery.price_parcel import PricedParcel, apportion_cost, price_parcel, to_query
from mktcore.delivery.transit_time import Arrival
from mktcore.money import Currency, Money
from mktcore.notice import Notice

__all__ = ["NO_DELIVERY", "CarriageTerms", "DeliveryGroup", "DeliveryOption", "DeliveryPlan", "plan_delivery"]


@attrs.frozen
class DeliveryOption:
    """A method by which goods could travel together.

    Attributes:
        method: Id of the delivery method.
        name: As buyers see it.
        cost: What it would cost.
        arrival: When they would arrive; None where nobody says.
        points: Ids of the points where they could be fetched.
    """

    method: str
    name: str
    cost: Money
    arrival: Arrival | None = None
    points: tuple[str, ...] = ()


@attrs.frozen
class DeliveryGroup:
    """Goods that could travel together, and how.

    Attributes:
        lines: Keys of the lines, each once.
        options: The methods that carry all of it, the cheapest first.
        refused: Why each other method that is for these goods does not.
    """

    lines: tuple[str, ...]
    options: tuple[DeliveryOption, ...]
    refused: tuple[Notice, ...] = ()


@attrs.frozen
class DeliveryPlan:
    """How the goods of a cart could be delivered, and how they are going to be.

    Attributes:
        groups: What could travel together, whatever was chosen.
        shipments: What is going to, as it was chosen: what each holds, costs, and when it comes.
        issues: What stands in the way.
    """

    groups: tuple[DeliveryGroup, ...] = ()
    shipments: tuple[ExpectedShipment, ...] = ()
    issues: tuple[Notice, ...] = ()

    def find_groups(self, line: str) -> tuple[DeliveryGroup, ...]:
        """Return the groups that pieces of a line are in; several where they leave from several places."""
        return tuple(group for group in self.groups if line in group.lines)


NO_DELIVERY = DeliveryPlan()


@attrs.frozen(kw_only=True)
class CarriageTerms:
    """By what a plan is made.

    Attributes:
        methods: Those that are for the goods, the channel and the time, by id.
        currency: The channel's.
        time_zone: The channel's.
        optional: Merchants whose goods are delivered without a choice, too, for a fee or for nothing.
        split: What travels together.
        ask: Answers what parcels cost that no rate tells of.
    """

    methods: Mapping[str, DeliveryMethod]
    currency: Currency
    time_zone: str = "UTC"
    optional: frozenset[str] = frozenset()
    split: SplitParcels = split_by_merchant
    ask: AskQuotes = leave_unquoted


def plan_delivery(items: Sequence[ParcelItem], terms: CarriageTerms) -> DeliveryPlan:
    """Return how goods could be delivered, and how they are going to be.

    Args:
        items: What travels.
        terms: By what.
    """
    if not terms.methods and all(item.choice is None for item in items):
        return NO_DELIVERY
    planner = _Planner(terms, {})
    open_groups = _split(terms, [attrs.evolve(item, choice=None) for item in items])
    issues = [found for item in items for found in planner.check_choice(item)]
    troubled = {issue.line for issue in issues}
    chosen = [planner.move(item) for item in items if item.choice is not None and item.line not in troubled]
    parcels = _split(terms, chosen)
    queries = {query.key: query for query in planner.list_queries(open_groups, parcels)}
    if queries:
        planner = attrs.evolve(planner, quotes=terms.ask(tuple(queries.values())))
    groups = tuple(planner.offer(group) for group in open_groups)
    shipments: list[ExpectedShipment] = []
    for parcel in parcels:
        made = planner.ship(parcel, str(len(shipments) + 1))
        if isinstance(made, Notice):
            issues += [made.at_line(line) for line in _list_lines(parcel)]
        else:
            shipments.append(made)
    return DeliveryPlan(groups, tuple(shipments), tuple(dict.fromkeys(issues)))


def _split(terms: CarriageTerms, items: Sequence[ParcelItem]) -> list[tuple[ParcelItem, ...]]:
    """Return what travels together; what a policy puts together and the buyer wants apart is parted."""
    found: list[tuple[ParcelItem, ...]] = []
    for group in terms.split(items):
        parts: dict[object, list[ParcelItem]] = {}
        for item in group:
            key = None if item.choice is None else (item.choice.method, item.choice.point)
            parts.setdefault((item.destination, key), []).append(item)
        found += map(tuple, parts.values())
    return found


def _list_lines(items: Iterable[ParcelItem]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(item.line for item in items))


@attrs.frozen
class _Planner:
    """Prices groups and parcels by the terms, and by what was quoted."""

    terms: CarriageTerms
    quotes: AnsweredQuotes

    def list_carriers(self, items: Sequence[ParcelItem]) -> Iterator[DeliveryMethod]:
        """Yield the methods that are for goods of all of these merchants."""
        merchants = {item.merchant for item in items}
        yield from (one for one in self.terms.methods.values() if all(map(one.carries, merchants)))

    def check_choice(self, item: ParcelItem) -> Iterator[Notice]:
        """Yield what is wrong with the choice for an item, or that there is none and has to be."""
        if item.choice is None:
            if item.merchant not in self.terms.optional and any(self.list_carriers([item])):
                message, remedy = "nobody said how it is delivered", "choose one of the methods that are offered for it"
                yield Notice("delivery-not-chosen", "", message, remedy=remedy).at_line(item.line)
            return
        name, point = item.choice.method, item.choice.point
        method = self.terms.methods.get(name)
        operands = {"method": name}
        if method is None or not method.carries(item.merchant):
            message, remedy = f"there is no delivery method {name} for it here", "choose one that is offered for it"
            yield Notice("delivery-unknown", "", message, remedy=remedy, operands=operands).at_line(item.line)
        elif (method.find_point(point) is None) if method.points else bool(point):
            message = f"{method.name} has no pick-up point {point}" if point else f"{method.name} needs a pick-up point"
            points = ", ".join(one.id for one in method.points[:_MOST_TOLD]) or "none"
            remedy = f"choose its point: {points}"
            told = {**operands, "point": point}
            yield Notice("point-unknown", "", message, remedy=remedy, operands=told).at_line(item.line)

    def move(self, item: ParcelItem) -> ParcelItem:
        """Return an item as it goes to the point where it is fetched, if it is."""
        point = None if item.choice is None else self.terms.methods[item.choice.method].find_point(item.choice.point)
        return item if point is None else attrs.evolve(item, destination=point.address)

    def list_queries(
        self, groups: Iterable[tuple[ParcelItem, ...]], parcels: Iterable[tuple[ParcelItem, ...]]
    ) -> Iterator[ParcelQuery]:
        """Yield what the gateway is asked."""
        for group in groups:
            for method in self.list_carriers(group):
                if method.is_quoted:
                    yield from (to_query(method, variant) for variant, _ in _list_variants(method, group))
        for parcel in parcels:
            method = self._find_chosen(parcel)
            if method.is_quoted:
                yield to_query(method, parcel)

    def offer(self, group: tuple[ParcelItem, ...]) -> DeliveryGroup:
        """Return how a group could be delivered."""
        options: list[DeliveryOption] = []
        refused: list[Notice] = []
        for method in self.list_carriers(group):
            for variant, points in _list_variants(method, group):
                found = self._find_price(method, variant)
                if isinstance(found, Notice):
                    refused.append(found)
                else:
                    options.append(
                        DeliveryOption(method.id, method.name, found.cost, arrival=found.arrival, points=points)
                    )
        options.sort(key=lambda one: (one.cost.minor, one.method, one.points))
        return DeliveryGroup(_list_lines(group), tuple(options), tuple(dict.fromkeys(refused)))

    def ship(self, parcel: tuple[ParcelItem, ...], key: str) -> ExpectedShipment | Notice:
        """Return a parcel as it is going to travel, or why it is not."""
        method, choice = self._find_chosen(parcel), parcel[0].choice
        found = self._find_price(method, parcel)
        if isinstance(found, Notice):
            return found
        costs = apportion_cost(method, parcel, found.cost)
        return ExpectedShipment(
            key=key,
            method=method.id,
            name=method.name,
            point="" if choice is None else choice.point,
            location=parcel[0].location,
            arrival=found.arrival,
            contents=tuple(
                ExpectedPieces(item.line, item.merchant, item.quantity, cost=cost)
                for item, cost in zip(parcel, costs, strict=True)
            ),
        )

    def _find_chosen(self, parcel: tuple[ParcelItem, ...]) -> DeliveryMethod:
        (method,) = {item.choice.method for item in parcel if item.choice is not None}
        return self.terms.methods[method]

    def _find_price(self, method: DeliveryMethod, items: Sequence[ParcelItem]) -> PricedParcel | Notice:
        terms = self.terms
        return price_parcel(method, items, quotes=self.quotes, currency=terms.currency, time_zone=terms.time_zone)


def _list_variants(
    method: DeliveryMethod, group: tuple[ParcelItem, ...]
) -> Iterator[tuple[tuple[ParcelItem, ...], tuple[str, ...]]]:
    """Yield a group as a method could carry it: to a pick-up, once for each point that makes a difference."""
    if not method.points:
        yield group, ()
        return
    is_alike = not method.is_quoted and not any(rate.areas for rate in method.rates)
    for point in method.points[:1] if is_alike else method.points:
        named = tuple(one.id for one in method.points) if is_alike else (point.id,)
        yield tuple(attrs.evolve(item, destination=point.address) for item in group), named


_MOST_TOLD = 20
"""Points that a remedy names."""
