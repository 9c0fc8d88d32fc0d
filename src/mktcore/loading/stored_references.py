"""What a folder says of records that only the store may have, and whether it has them."""

from array import array
from collections.abc import Callable, Iterable, Iterator, Mapping, MutableSequence
from itertools import islice
from typing import Protocol, TypeVar

import attrs

from mktcore.catalog import CATEGORIES, PRODUCTS, SKUS, Category, CategoryTree, Sku
from mktcore.errors import MktcoreError
from mktcore.loading.load_faults import LoadFaults
from mktcore.offers import OFFERS
from mktcore.parties import MERCHANTS
from mktcore.persistence import Repositories
from mktcore.pricing import PRICE_SCHEDULES
from mktcore.stock import StockUnit
from mktcore.taxes import TAX_RULES

__all__ = [
    "Ownership",
    "References",
    "check_ownerships",
    "check_products",
    "check_references",
    "check_tree",
    "split_batches",
]

BATCH = 1_000
T = TypeVar("T")


class _Unit(Repositories, StockUnit, Protocol):
    """What the checks read."""


@attrs.frozen
class References:
    """The rows of one column that name records which no file of the folder defines; the store must have them.

    Ids and lines stand side by side: a feed of a million offers of known SKUs is a million references.
    """

    kind: str
    file: str
    column: str
    ids: list[str] = attrs.field(factory=list)
    lines: MutableSequence[int] = attrs.field(factory=lambda: array("L"))

    def add(self, id: str, line: int) -> None:  # noqa: A002 - the word of the field
        """Note one row."""
        self.ids.append(id)
        self.lines.append(line)


@attrs.frozen
class Ownership:
    """A row of `offers.csv` says whose offer it is; the store must not say otherwise."""

    offer: str
    merchant: str
    line: int


def check_references(unit: Repositories, references: Iterable[References], faults: LoadFaults) -> None:
    """Note each row that names a record which the store does not have either, while its file has room for faults."""
    for column in references:
        find, known = _FINDERS[column.kind], set[str]()
        for rows in split_batches(zip(column.ids, column.lines, strict=True)):
            known |= find(unit, {name for name, _ in rows} - known)
            for name, line in rows:
                if name not in known:
                    reason = f"there is no {column.kind} {name}"
                    faults.add(column.file, line, column.column, reason, "define it, or correct the name")
            if faults.is_full(column.file):
                break


def check_ownerships(unit: _Unit, ownerships: Iterable[Ownership], faults: LoadFaults) -> None:
    """Note each row that gives an offer, or its stock, to another merchant than the store does."""
    for batch in split_batches(ownerships):
        ids = {row.offer for row in batch}
        owners = {item: level.merchant for item, level in unit.stock.find_levels(ids).items()}
        owners |= {id: offer.merchant for id, offer in unit.repository(OFFERS).find_many(ids).items()}  # noqa: A001
        for row in batch:
            owner = owners.get(row.offer, row.merchant)
            if owner != row.merchant:
                reason = f"offer {row.offer} is of merchant {owner}, not {row.merchant}"
                faults.add("offers.csv", row.line, "merchant", reason, f"give the offer of {row.merchant} its own id")


def check_tree(unit: Repositories, categories: Mapping[str, Category], faults: LoadFaults) -> None:
    """Note when the categories of a folder, with those of the store, are no tree."""
    stored = {category.id: category for category in unit.repository(CATEGORIES).stream()} if categories else {}
    try:
        CategoryTree({**stored, **categories}.values())
    except MktcoreError as error:
        faults.add("categories.csv", 0, "parent", error.describe(), error.remedy)


def check_products(unit: Repositories, skus: Iterable[Sku], faults: LoadFaults) -> None:
    """Note each SKU that would become a variant of another party's product."""
    for batch in split_batches(sku for sku in skus if sku.product is not None):
        products = unit.repository(PRODUCTS).find_many({sku.product or "" for sku in batch})
        owners = {id: sku.owner for id, sku in unit.repository(SKUS).find_many([sku.id for sku in batch]).items()}  # noqa: A001 - the word of the field
        for sku in batch:
            product = products.get(sku.product or "")
            if (None if product is None else product.owner) != owners.get(sku.id):
                reason = f"SKU {sku.id} and product {sku.product} have different owners"
                faults.add("skus.csv", 0, "product", reason, "name a product of the SKU's owner")


def split_batches(values: Iterable[T]) -> Iterator[list[T]]:
    """Yield the values in lists of a thousand, which is what a round trip carries."""
    rest = iter(values)
    while batch := list(islice(rest, BATCH)):
        yield batch


def _find_tax_categories(unit: Repositories, categories: Iterable[str]) -> set[str]:
    return {rule.category for rule in unit.repository(TAX_RULES).find_where("category", categories)}


def _find_sku_categories(unit: Repositories, categories: Iterable[str]) -> set[str]:
    skus = unit.repository(SKUS)
    return {category for category in categories if skus.page({"category": category}, limit=1).items}


_FINDERS: Mapping[str, Callable[[Repositories, set[str]], set[str]]] = {
    "merchant": lambda unit, ids: set(unit.repository(MERCHANTS).find_many(ids)),
    "SKU": lambda unit, ids: set(unit.repository(SKUS).find_many(ids)),
    "product": lambda unit, ids: set(unit.repository(PRODUCTS).find_many(ids)),
    "offer": lambda unit, ids: set(unit.repository(OFFERS).find_many(ids)),
    "price schedule": lambda unit, ids: set(unit.repository(PRICE_SCHEDULES).find_many(ids)),
    "tax category": _find_tax_categories,
    "SKU of category": _find_sku_categories,
}
