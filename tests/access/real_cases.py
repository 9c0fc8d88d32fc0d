"""The cells of the ownership matrix, tried on the kinds that ship; shipments are no kind of their own yet."""

from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from itertools import count
from typing import Any

import attrs

from access.access_cases import Path, Store
from mktcore.access.ownership_matrix import Asker, Owned, RecordAction, list_access
from mktcore.catalog import CATALOGS, PRODUCTS, SKUS, SPECS, Catalog, Choice, Product, Sku, Spec
from mktcore.catalog.assortment import CATALOG_PRODUCTS, CatalogProduct
from mktcore.money import Money
from mktcore.persistence import Kind, NotFound, Scope
from mktcore.pricing import ASSIGNMENTS, PRICE_SCHEDULES, Assignment, PriceBreak, PriceSchedule
from mktcore.promotions import PROMOTIONS, PercentOff, Promotion
from mktcore.totals import Option

PATHS = tuple(path for path in Path if path is not Path.EVENT)
"""Who hears of an event is tried with the sample kinds: it is a matter of the event, not of the record's kind."""
_numbers = count(1)
_PRICE = (PriceBreak(1, Money.of("9.00", "EUR")),)


@attrs.frozen
class Sample:
    """How to make a record of a kind, with a mark that only this one carries, and how to read it.

    Attributes:
        kind: The kind.
        make: From its id, its owner, the id of what it belongs to, and the mark.
        read: The mark.
        parent: The column that names what it belongs to: its owner, or a record of the kind it is part of.
    """

    kind: Kind[Any]
    make: Callable[[str, str, str, str], Any]
    read: Callable[[Any], str]
    parent: str = "owner"


def _make_schedule(name: str, owner: str, _: str, mark: str) -> PriceSchedule:
    return PriceSchedule(name, owner, _PRICE, options=(Option(mark, mark_up=Money.of("1.00", "EUR")),))


WHOLES: Mapping[Owned, Sample] = {
    Owned.PRICE_SCHEDULE: Sample(PRICE_SCHEDULES, _make_schedule, lambda found: str(found.options[0].key)),
    Owned.PROMOTION: Sample(
        PROMOTIONS,
        lambda name, owner, _, mark: Promotion(name, PercentOff(Decimal("0.1")), owner, title=mark),
        lambda found: str(found.title),
    ),
    Owned.CATALOG: Sample(
        CATALOGS, lambda name, owner, _, mark: Catalog(name, mark, owner), lambda found: str(found.name)
    ),
    Owned.PRODUCT: Sample(
        PRODUCTS, lambda name, owner, _, mark: Product(name, mark, owner), lambda found: str(found.name)
    ),
    Owned.SPEC: Sample(
        SPECS,
        lambda name, owner, _, mark: Spec(name, mark, [Choice("red")], owner=owner),
        lambda found: str(found.name),
    ),
}
PARTS: Mapping[Owned, Sample] = {
    Owned.PRICE_SCHEDULE: Sample(
        ASSIGNMENTS,
        lambda name, owner, parent, mark: Assignment(name, "camera", parent, merchant=owner, channel=mark),
        lambda found: str(found.channel),
        "schedule",
    ),
    Owned.CATALOG: Sample(
        CATALOG_PRODUCTS,
        lambda name, owner, parent, mark: CatalogProduct(name, parent, mark, owner=owner),
        lambda found: str(found.product),
        "catalog",
    ),
    Owned.PRODUCT: Sample(
        SKUS,
        lambda name, owner, parent, mark: Sku(name, mark, product=parent, owner=owner),
        lambda found: str(found.name),
        "product",
    ),
}
"""What belongs to a record, tried on the path to children."""
ASSIGNED = (Owned.PRICE_SCHEDULE, Owned.CATALOG)
"""Writing a part of these is assigning; the others are assigned by a change of something else."""
ONLY_BY_USE_CASES = (Owned.PRICE_SCHEDULE,)
"""Use cases write these for their owner, and ask the guards of prices: a unit of the owner's own writes none."""
REAL_KINDS = tuple(sample.kind for samples in (WHOLES, PARTS) for sample in samples.values())


@attrs.frozen
class RealCase:
    """May this asker do this with a record of a kind that ships, seen on this path?"""

    subject: Owned
    action: RecordAction
    asker: Asker
    path: Path
    allowed: bool

    def __str__(self) -> str:
        return f"{self.subject}-{self.action}-{self.asker}-{self.path}".replace(" ", "-")

    @property
    def sample(self) -> Sample:
        is_part = self.action is RecordAction.ASSIGN or self.path is Path.CHILD
        return PARTS[self.subject] if is_part and self.subject in PARTS else WHOLES[self.subject]

    @property
    def kind(self) -> Kind[Any]:
        return self.sample.kind


def list_real_cases() -> Iterator[RealCase]:
    """Yield every cell of these subjects with every path."""
    for subject, action, asker, allowed in list_access():
        for path in PATHS:
            if subject in WHOLES and (action is not RecordAction.ASSIGN or subject in ASSIGNED):
                is_kept = subject in ONLY_BY_USE_CASES and asker is Asker.OWNER and action is not RecordAction.READ
                yield RealCase(subject, action, asker, path, allowed and not is_kept)


def find_real_leak(store: Store, case: RealCase) -> str:
    """Try a case, and return how it ends otherwise than the matrix says; nothing when it ends so."""
    return _Trial(store, case, next(_numbers)).run()


@attrs.frozen
class _Trial:
    store: Store
    case: RealCase
    number: int

    @property
    def owner(self) -> str:
        return f"owner-{self.number}"

    @property
    def scope(self) -> Scope:
        n = self.number
        return {
            Asker.OPERATOR: Scope.operator(),
            Asker.OWNER: Scope.merchant(self.owner),
            Asker.OTHER_MERCHANT: Scope.merchant(f"other-{n}"),
            Asker.RELATED_BUYER: attrs.evolve(Scope.buyer(f"buyer-{n}"), merchants=frozenset({self.owner})),
            Asker.UNRELATED_BUYER: attrs.evolve(Scope.buyer(f"stranger-{n}"), merchants=frozenset({f"other-{n}"})),
        }[self.case.asker]

    def make(self, mark: str, suffix: str = "") -> Any:
        """Return a record of the owner that carries a mark."""
        return self.case.sample.make(f"{self.case.kind.name}-{self.number}{suffix}", self.owner, self.parent, mark)

    def read_mark(self, record: Any) -> str:
        return self.case.sample.read(record)

    @property
    def parent(self) -> str:
        return f"parent-{self.number}"

    def run(self) -> str:
        action, mark = self.case.action, f"mark-{self.number}"
        if action is RecordAction.READ:
            self.put(mark)
            return self.compare(self.is_seen(mark), "seen")
        if action in {RecordAction.CREATE, RecordAction.ASSIGN}:
            self.write(lambda repository: self.add(repository, mark))
            return self.compare(self.is_stored(mark), "created")
        stored = self.put(f"old-{self.number}")
        if action is RecordAction.DELETE:
            self.write(lambda repository: [repository.remove(record) for record in stored])
            return self.compare(not self.is_stored(f"old-{self.number}"), "removed")
        changed = [attrs.evolve(self.make(mark), id=record.id, version=record.version) for record in stored]
        self.write(lambda repository: self.save(repository, changed))
        return self.compare(self.is_stored(mark), "changed")

    def compare(self, happened: object, what: str) -> str:
        return "" if bool(happened) is self.case.allowed else f"{self.case}: {'' if happened else 'not '}{what}"

    def put(self, mark: str) -> list[Any]:
        with self.store.begin(Scope.operator()) as unit:
            repository = unit.repository(self.case.kind)
            stored = [repository.add(self.make(mark, suffix)) for suffix in self.suffixes]
            unit.commit()
        return stored

    @property
    def suffixes(self) -> tuple[str, ...]:
        return ("", "-b") if self.case.path is Path.BULK else ("",)

    def write(self, work: Any) -> None:
        try:
            with self.store.begin(self.scope) as unit:
                work(unit.repository(self.case.kind))
                unit.commit()
        except NotFound as refusal:
            assert self.owner not in str(refusal)  # noqa: PT017 - the refusal itself must tell nothing

    def add(self, repository: Any, mark: str) -> None:
        if self.case.path is Path.BULK:
            repository.add_many([self.make(mark, suffix) for suffix in self.suffixes])
        else:
            repository.add(self.make(mark))

    def save(self, repository: Any, changed: list[Any]) -> None:
        if self.case.path is Path.BULK:
            repository.save_many(changed)
        else:
            repository.save(changed[0])

    def is_stored(self, mark: str) -> bool:
        """Tell whether the operator finds the records, every one with this mark."""
        ids = [self.make(mark, suffix).id for suffix in self.suffixes]
        with self.store.begin(Scope.operator()) as unit:
            found = unit.repository(self.case.kind).find_many(ids)
        return [self.read_mark(record) for record in found.values()] == [mark] * len(ids)

    def is_seen(self, mark: str) -> bool:
        """Tell whether the asker sees, on this path, a record with this mark."""
        ids = [self.make(mark, suffix).id for suffix in self.suffixes]
        with self.store.begin(self.scope) as unit:
            repository = unit.repository(self.case.kind)
            if self.case.path is Path.COUNT:
                whole = repository.count() if self.case.asker is not Asker.OPERATOR else 0
                return repository.count({"owner": self.owner}) + whole > 0
            found = self.find(repository, ids)
        return any(record is not None and self.read_mark(record) == mark for record in found)

    def find(self, repository: Any, ids: list[str]) -> list[Any]:
        if self.case.path is Path.GET:
            return [repository.find(ids[0])]
        if self.case.path is Path.LIST:
            return list(repository.stream())
        if self.case.path is Path.BULK:
            return list(repository.find_many(ids).values())
        if self.case.path is Path.CHILD:
            return list(repository.find_where(*self.find_parent()))
        return list(repository.page({"owner": self.owner}).items)

    def find_parent(self) -> tuple[str, list[str]]:
        column = self.case.sample.parent
        return column, [self.owner if column == "owner" else self.parent]
