"""Storing rows of a merchant's feed: each that is sound, whatever the others are, in one transaction."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

import attrs

from mktcore.catalog import SKUS
from mktcore.catalog.store_changes import Signature
from mktcore.errors import MktcoreError
from mktcore.feeds.feed_chunk import FeedProblem, FeedRow, RowFate, RowOutcome
from mktcore.loading.csv_rows import CsvRow
from mktcore.loading.files import FILES
from mktcore.loading.files.offers import OFFERS_FILE, count_stock
from mktcore.loading.folder_reader import FolderReader
from mktcore.loading.folder_records import FolderContents
from mktcore.loading.load_faults import LoadFaults
from mktcore.loading.merchant_feeds.accept_feed import name_offer
from mktcore.loading.merge_prices import price_offers
from mktcore.loading.record_writer import Outcome, RecordWriter
from mktcore.loading.row_fields import RowFields
from mktcore.loading.stored_references import check_stored_references
from mktcore.loading.whole_feed import let_return
from mktcore.money import Currency
from mktcore.offers import OFFERS
from mktcore.offers.events import OfferChanged
from mktcore.offers.offer import to_sold_key
from mktcore.offers.price_guards.hold_prices import PriceHolder, stop_selling
from mktcore.parties.selling_rights.rights import SELLING_RIGHTS, find_rule
from mktcore.persistence import Scope
from mktcore.stock import MarketUnit

__all__ = ["RowStorage", "store_rows"]

_FINDERS = {definition.word: definition.find for file in FILES for definition in file.defines}
_FATES = (
    (Outcome.HELD, RowFate.HELD),
    (Outcome.ADDED, RowFate.ADDED),
    (Outcome.CHANGED, RowFate.CHANGED),
    (Outcome.UNCHANGED, RowFate.UNCHANGED),
)
"""What is told of a row whose offer, price and stock came to different ends: the first of these."""


_UNTOLD = FeedProblem("", "more is wrong with rows beside it than can be told", "mend those, and send it again")


@attrs.frozen(kw_only=True)
class RowStorage:
    """How rows are read and stored.

    Attributes:
        merchant: Whose they are, whatever they say.
        currency: The marketplace's.
        holder: Holds prices that guards do not let pass.
        most: How many offers of a SKU a merchant may have.
        keeps_empty: An empty cell tells nothing.
        zone: On whose clocks dates are; None where nobody told.
        now: The instant, UTC.
    """

    merchant: str
    currency: Currency
    holder: PriceHolder
    most: int
    keeps_empty: bool
    zone: ZoneInfo | None
    now: datetime


def store_rows(unit: MarketUnit, rows: Sequence[FeedRow], how: RowStorage) -> tuple[RowOutcome, ...]:
    """Store what can be stored of rows, and return what became of each, in their order.

    Args:
        unit: Under the operator's authority; the caller commits it.
        rows: What a merchant sent.
        how: How they are read and stored.
    """
    problems: dict[int, list[FeedProblem]] = {}
    contents = FolderContents()
    sound = list(rows)
    # A row that falls may take with it what others rest on, such as a part of a kit: they are looked at again.
    while sound:
        contents, faults = _read(unit, sound, how)
        if not faults:
            break
        for line, found in faults.items():
            problems.setdefault(line, []).extend(found)
        sound = [row for row in sound if row.line not in faults]
    fates = _write(unit, contents, how) if sound else {}
    return tuple(_tell(row, problems.get(row.line, []), fates) for row in rows)


def _tell(row: FeedRow, problems: Sequence[FeedProblem], fates: Mapping[str, RowFate]) -> RowOutcome:
    offer = name_offer(row)
    fate = None if problems else fates.get(offer)
    if fate is None:
        fate, problems = RowFate.REFUSED, problems or [_UNTOLD]
    return RowOutcome(row.line, offer[:200], fate, problems=tuple(problems))


def _read(
    unit: MarketUnit, rows: Sequence[FeedRow], how: RowStorage
) -> tuple[FolderContents, dict[int, list[FeedProblem]]]:
    """Return what rows say with their prices laid over the stored ones, or what is wrong with which."""
    faults = LoadFaults()
    contents = _read_rows(rows, faults, how)
    check_stored_references(unit, contents.references.values(), _FINDERS, faults=faults)
    if OFFERS_FILE.check is not None:
        OFFERS_FILE.check(unit, contents, faults)
    _check_sellable(unit, contents, rows, how=how, faults=faults)
    found = _group(faults)
    if not found:
        priced = price_offers(unit, contents, how.currency, faults=faults)
        if not faults.problems:
            return priced, {}
        # These name no row: each is asked by itself.
        found = _find_unpriceable(unit, rows, how)
    return contents, found


def _read_rows(rows: Iterable[FeedRow], faults: LoadFaults, how: RowStorage) -> FolderContents:
    reader = FolderReader(how.currency)
    reader.contents.names.add(OFFERS_FILE.name)
    read = [_to_row(row, how) for row in rows]
    OFFERS_FILE.read((RowFields(row, faults, how.zone) for row in read), reader)
    return reader.contents


def _to_row(row: FeedRow, how: RowStorage) -> CsvRow:
    cells = {**row.cells, "merchant": how.merchant}
    # A folder tells of a column that is missing once, by its header; here each row has columns of its own.
    texts = {**dict.fromkeys(OFFERS_FILE.columns.required, ""), **cells}
    made = CsvRow(OFFERS_FILE.name, row.line, texts, told=frozenset(cells))
    return made.keep_empty(OFFERS_FILE.columns) if how.keeps_empty else made


def _group(faults: LoadFaults) -> dict[int, list[FeedProblem]]:
    found: dict[int, list[FeedProblem]] = {}
    for one in faults.problems:
        line, column = one.operands["line"], one.operands["column"]
        assert isinstance(line, int), "faults say where they are"  # noqa: S101 - for the type checker
        found.setdefault(line, []).append(FeedProblem(str(column), one.message, one.remedy))
    return found


def _find_unpriceable(unit: MarketUnit, rows: Iterable[FeedRow], how: RowStorage) -> dict[int, list[FeedProblem]]:
    found: dict[int, list[FeedProblem]] = {}
    for row in rows:
        faults = LoadFaults()
        try:
            price_offers(unit, _read_rows([row], faults, how), how.currency, faults=faults)
        except MktcoreError as error:
            found[row.line] = [FeedProblem("price", error.describe(), error.remedy)]
        for problems in _group(faults).values():
            found.setdefault(row.line, []).extend(problems)
    return found


def _check_sellable(
    unit: MarketUnit, contents: FolderContents, rows: Iterable[FeedRow], *, how: RowStorage, faults: LoadFaults
) -> None:
    """Note new offers of what the merchant may not sell, and those beyond the number of offers of a SKU."""
    told = contents.records(OFFERS)
    lines = {name_offer(row): row.line for row in rows}
    stored = unit.repository(OFFERS).find_many(told)
    fresh = [one for id_, one in told.items() if id_ not in stored or stored[id_].sku != one.sku]
    skus = unit.repository(SKUS).find_many({one.sku for one in fresh})
    owned = {id_ for id_, sku in skus.items() if sku.owner not in {None, how.merchant}}
    rights = unit.repository(SELLING_RIGHTS).find_many(owned) if owned else {}
    made: Counter[str] = Counter()
    for one in fresh:
        if one.sku in owned and find_rule(rights.get(one.sku), how.merchant) is None:
            # As one that is not there: nobody learns what others have.
            reason, remedy = f"there is no SKU {one.sku}", "define it, or correct the name"
            faults.add(OFFERS_FILE.name, lines[one.id], reason, column="sku", remedy=remedy)
            continue
        sold = to_sold_key(one.merchant, one.sku)
        if sold not in made:
            made[sold] = unit.repository(OFFERS).count({"sold": sold})
        made[sold] += 1
        if made[sold] > how.most:
            reason = f"{how.merchant} has {how.most} offers of {one.sku}, as many as it may"
            faults.add(OFFERS_FILE.name, lines[one.id], reason, column="offer", remedy="use one that is there")


def _write(unit: MarketUnit, contents: FolderContents, how: RowStorage) -> dict[str, RowFate]:
    """Store what rows say, and return what became of each offer."""
    writer = RecordWriter(
        unit=unit,
        signature=Signature(Scope.operator(), how.now, "a merchant's feed"),
        progress=lambda _done, _total: None,
        total=contents.count(),
        keeps_outcomes=True,
        holder=how.holder,
    )
    if OFFERS_FILE.write is not None:
        OFFERS_FILE.write(writer, contents)
    let_return(unit, contents.records(OFFERS))
    stop_selling(unit, writer.held, now=how.now)
    # Last, as sales wait for the locks on stock items.
    count_stock(writer, contents)
    outcomes: dict[str, set[Outcome]] = {}
    for one in writer.outcomes:
        outcomes.setdefault(one.id, set()).add(one.outcome)
    fates = {
        id_: next(fate for outcome, fate in _FATES if outcome in found or outcome is Outcome.UNCHANGED)
        for id_, found in outcomes.items()
    }
    # An offer that is there is no new one, though its first price, or its first count, is new.
    known = {one.id: one.outcome for one in writer.outcomes if one.kind == OFFERS.name}
    fates = {
        id_: RowFate.CHANGED if fate is RowFate.ADDED and known.get(id_) is not Outcome.ADDED else fate
        for id_, fate in fates.items()
    }
    changed = [id_ for id_, fate in fates.items() if fate is not RowFate.UNCHANGED]
    stored = unit.repository(OFFERS).find_many(changed)
    unit.publish([OfferChanged.of(one, how.now) for one in stored.values()])
    return fates
