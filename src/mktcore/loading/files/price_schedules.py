"""`price_schedules.csv`: one row for each break of a schedule; its first row says the rest of it."""

import re
from collections.abc import Callable, Iterable
from datetime import date, time, timedelta
from typing import TypeVar

import attrs

from mktcore.loading.csv_rows import Columns
from mktcore.loading.file_declaration import Definition, MarketFile, find_stored
from mktcore.loading.folder_reader import FolderReader
from mktcore.loading.row_fields import RowFields
from mktcore.money import Currency, Money
from mktcore.money.errors import shorten
from mktcore.pricing import PRICE_SCHEDULES, PriceBreak, PriceSchedule, Recurrence

__all__ = ["PRICE_SCHEDULES_FILE"]

T = TypeVar("T")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_TIME = re.compile(r"[0-9]{2}:[0-9]{2}(?::[0-9]{2})?")
_SETTINGS = (
    "merchant",
    "per",
    *("valid_from", "valid_until", "sale_from", "sale_until"),
    *("minimum", "maximum", "restricted", "cumulative", "includes_tax"),
    *("recurs", "first_day", "opens", "minutes", "time_zone"),
)
"""The columns that speak of a whole schedule."""


@attrs.frozen
class _Draft:
    """A schedule of which the first row was read; breaks follow."""

    fields: RowFields
    merchant: str | None
    breaks: dict[int, PriceBreak] = attrs.field(factory=dict)
    faulty: list[str] = attrs.field(factory=list)


def _read_schedules(rows: Iterable[RowFields], reader: FolderReader) -> None:
    """Read the breaks of every schedule, then what the first rows say of the whole, and build the sound ones."""
    drafts: dict[str, _Draft] = {}
    for fields in rows:
        _read_row(fields, reader, drafts)
    for name, draft in drafts.items():
        made = _build(name, draft)
        if made is not None:
            reader.contents.keep(PRICE_SCHEDULES, made)
            reader.own(draft.fields, PRICE_SCHEDULES, name, word="price schedule", owner=made.owner)


def _read_row(fields: RowFields, reader: FolderReader, drafts: dict[str, _Draft]) -> None:
    """Read a break, and from a schedule's first row whose it is."""
    name = fields.name("schedule", "price schedule")
    draft = drafts.get(name)
    if draft is None:
        name = reader.key(fields, "schedule", "price schedule")
        merchant = reader.refer_optional(fields, "merchant", "merchant") or None
        draft = drafts[name] = _Draft(fields, merchant)
    else:
        _check_settings(fields, draft.fields)
    quantity, price = fields.whole("quantity", "1"), fields.money("price", reader.currency)
    sale = fields.optional_money("sale_price", reader.currency)
    if name and quantity in draft.breaks:
        fields.fault("quantity", f"{name} has a break from {quantity} already", "remove one of the rows")
    entry = fields.join(
        ("quantity", "price", "sale_price"), lambda: PriceBreak(quantity, _or_zero(price, reader.currency), sale)
    )
    if entry is not None:
        draft.breaks[quantity] = entry
    if not fields.is_sound():
        draft.faulty.append(name)


def _or_zero(price: Money | None, currency: Currency) -> Money:
    # A faulty price was noted, and keeps the row from being built.
    return Money.zero(currency) if price is None else price


def _check_settings(fields: RowFields, first: RowFields) -> None:
    for column in _SETTINGS:
        text = fields.read(column)
        if text and text != first.read(column):
            line = first.row.line
            fields.fault(column, f"the schedule's first row, in line {line}, says otherwise", "leave it empty here")


def _build(name: str, draft: _Draft) -> PriceSchedule | None:
    # The settings are read even when a break is faulty, so that their own faults are told in the same go.
    fields = draft.fields
    per, minimum = fields.whole("per", "1"), fields.whole("minimum", "1")
    maximum = fields.optional_whole("maximum")
    is_restricted, is_cumulative = fields.flag("restricted"), fields.flag("cumulative")
    includes_tax = fields.optional_flag("includes_tax")
    valid, sale = (fields.window(f"{kind}_from", f"{kind}_until") for kind in ("valid", "sale"))
    recurs = _read_recurrence(fields)
    if draft.faulty:
        return None
    return fields.build(
        lambda: PriceSchedule(
            name,
            draft.merchant,
            draft.breaks.values(),
            valid=valid,
            per=per,
            sale=sale,
            recurs=recurs,
            minimum=minimum,
            maximum=maximum,
            restricted=is_restricted,
            cumulative=is_cumulative,
            includes_tax=includes_tax,
        ),
        "schedule",
    )


def _read_recurrence(fields: RowFields) -> Recurrence | None:
    rule = fields.read("recurs")
    if not rule:
        return None
    first = _read_local(fields, "first_day", form=_DAY, parse=date.fromisoformat, remedy="write 2026-12-31")
    opens = _read_local(fields, "opens", form=_TIME, parse=time.fromisoformat, remedy="write 18:00")
    lasts, zone = timedelta(minutes=fields.whole("minutes")), fields.read("time_zone", fields.zone_name)
    if first is None or opens is None:
        return None
    return fields.join(
        ("first_day", "opens", "minutes", "time_zone", "recurs"),
        lambda: Recurrence(rule, first, opens, lasts=lasts, time_zone=zone),
    )


def _read_local(
    fields: RowFields, column: str, *, form: re.Pattern[str], parse: Callable[[str], T], remedy: str
) -> T | None:
    """Return a day, or a time of day, on the local clock."""
    text = fields.read(column)
    try:
        # Python reads weeks, and hours alone, too; files have one form of each.
        if form.fullmatch(text):
            return parse(text)
    except ValueError:
        pass
    fields.fault(column, f"{shorten(text)} is not what a recurring window needs", remedy)
    return None


PRICE_SCHEDULES_FILE = MarketFile(
    name="price_schedules.csv",
    columns=Columns(("schedule", "price"), ("quantity", "sale_price", *_SETTINGS)),
    read=_read_schedules,
    defines=(Definition("price schedule", find_stored(PRICE_SCHEDULES)),),
    # They are stored with those of offers, before the offers: see `offers.csv`.
)
