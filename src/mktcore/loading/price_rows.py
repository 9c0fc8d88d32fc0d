"""Reading price schedules and assignments: one row for each break, one for each assignment."""

from collections.abc import Callable
from datetime import date, time, timedelta
from typing import Protocol, TypeVar

import attrs

from mktcore.loading.csv_rows import Row
from mktcore.loading.market_files import SETTINGS, MarketFiles, RecordOwner
from mktcore.loading.row_fields import RowFields
from mktcore.money import Currency, Money
from mktcore.money.errors import shorten
from mktcore.periods import ALWAYS, Period
from mktcore.pricing import Assignment, PriceBreak, PriceSchedule, Recurrence

__all__ = ["Names", "PriceRows", "keep_owner", "read_window"]

T = TypeVar("T")


class Names(Protocol):
    """What reading a row needs of the folder's other rows."""

    @property
    def files(self) -> MarketFiles:
        """Where what was read is kept."""
        ...

    def key(self, fields: RowFields, column: str, kind: str) -> str:
        """Return the id of the record that a row defines."""
        ...

    def once(self, fields: RowFields, kind: str, key: str, column: str) -> None:
        """Note a row that says something again."""
        ...

    def refer(self, fields: RowFields, column: str, kind: str) -> str:
        """Return the id of a record that the folder or the store must define."""
        ...

    def refer_optional(self, fields: RowFields, column: str, kind: str) -> str:
        """Return such an id, or nothing."""
        ...


@attrs.frozen
class _Draft:
    """A schedule of which the first row was read; breaks follow."""

    fields: RowFields
    merchant: str | None
    breaks: dict[int, PriceBreak] = attrs.field(factory=dict)
    faulty: list[str] = attrs.field(factory=list)


@attrs.frozen
class PriceRows:
    """Reads the rows of price schedules and of their assignments.

    Attributes:
        names: What else the folder defines.
        currency: The marketplace's currency.
        drafts: The schedules read so far, by id.
    """

    names: Names
    currency: Currency
    drafts: dict[str, _Draft] = attrs.field(factory=dict)

    def read_schedule(self, fields: RowFields) -> None:
        """Read a row of `price_schedules.csv`: a break, and in a schedule's first row everything else."""
        name = fields.name("schedule", "price schedule")
        draft = self.drafts.get(name)
        if draft is None:
            name = self.names.key(fields, "schedule", "price schedule")
            merchant = self.names.refer_optional(fields, "merchant", "merchant") or None
            draft = self.drafts[name] = _Draft(fields, merchant)
        else:
            self._check_settings(fields, draft.fields)
        quantity, price = fields.whole("quantity", "1"), fields.money("price", self.currency)
        sale = fields.money("sale_price", self.currency) if fields.read("sale_price") else None
        if name and quantity in draft.breaks:
            fields.fault("quantity", f"{name} has a break from {quantity} already", "remove one of the rows")
        entry = fields.join(("quantity", "price", "sale_price"), lambda: self._to_break(quantity, price, sale))
        if entry is not None:
            draft.breaks[quantity] = entry
        if not fields.is_sound():
            draft.faulty.append(name)

    def _to_break(self, quantity: int, price: Money | None, sale: Money | None) -> PriceBreak:
        # A faulty price was noted, and keeps the row from being built.
        return PriceBreak(quantity, Money.zero(self.currency) if price is None else price, sale)

    def _check_settings(self, fields: RowFields, first: RowFields) -> None:
        for column in SETTINGS:
            text = fields.read(column)
            if text and text != first.read(column):
                line = first.row.line
                fields.fault(column, f"the schedule's first row, in line {line}, says otherwise", "leave it empty here")

    def finish_schedules(self) -> None:
        """Read what the first rows say of whole schedules, and build those whose rows are all sound."""
        for name, draft in self.drafts.items():
            made = self._build(name, draft)
            if made is not None:
                self.names.files.schedules[name] = made
                keep_owner(self.names.files, draft.fields.row, "price schedule", name, made.owner)

    def _build(self, name: str, draft: _Draft) -> PriceSchedule | None:
        fields = draft.fields
        per, minimum = fields.whole("per", "1"), fields.whole("minimum", "1")
        maximum = fields.whole("maximum") if fields.read("maximum") else None
        is_restricted, is_cumulative = fields.flag("restricted"), fields.flag("cumulative")
        valid, sale = (read_window(fields, f"{kind}_from", f"{kind}_until") for kind in ("valid", "sale"))
        recurs = self._read_recurrence(fields)
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
            ),
            "schedule",
        )

    def _read_recurrence(self, fields: RowFields) -> Recurrence | None:
        rule = fields.read("recurs")
        if not rule:
            return None
        first = _read_local(fields, "first_day", date.fromisoformat, "write 2026-12-31")
        opens = _read_local(fields, "opens", time.fromisoformat, "write 18:00")
        lasts, zone = timedelta(minutes=fields.whole("minutes")), fields.read("time_zone", "UTC")
        if first is None or opens is None:
            return None
        return fields.join(
            ("first_day", "opens", "minutes", "time_zone", "recurs"),
            lambda: Recurrence(rule, first, opens, lasts=lasts, time_zone=zone),
        )

    def read_assignment(self, fields: RowFields) -> None:
        """Read a row of `price_assignments.csv`."""
        key, sku = self.names.key(fields, "assignment", "price assignment"), self.names.refer(fields, "sku", "SKU")
        schedule = self.names.refer(fields, "schedule", "price schedule")
        merchant = self.names.refer_optional(fields, "merchant", "merchant") or None
        offer = self.names.refer_optional(fields, "offer", "offer") or None
        user, group, buyer = (
            fields.name(kind, kind) if fields.read(kind) else None for kind in ("user", "group", "buyer")
        )
        channel = fields.text("channel") or None
        made = fields.build(
            lambda: Assignment(
                key, sku, schedule, merchant=merchant, user=user, group=group, buyer=buyer, offer=offer, channel=channel
            ),
            "group",
        )
        if made is not None:
            self.names.files.assignments[key] = made
            keep_owner(self.names.files, fields.row, "price assignment", key, merchant)


def keep_owner(files: MarketFiles, row: Row, kind: str, key: str, owner: str | None) -> None:
    """Note whose record a row defines, for a look at whose the store says it is."""
    files.owners.append(RecordOwner(kind, key, owner, row.file, row.line))


def read_window(fields: RowFields, start_column: str, end_column: str) -> Period:
    """Return the period of two columns; always, when they are faulty or empty."""
    start, end = fields.instant(start_column), fields.instant(end_column)
    if start is None and end is None:
        return ALWAYS
    return fields.join((start_column, end_column), lambda: Period(start, end)) or ALWAYS


def _read_local(fields: RowFields, column: str, parse: Callable[[str], T], remedy: str) -> T | None:
    """Return a day, or a time of day, on the local clock."""
    text = fields.read(column)
    try:
        return parse(text)
    except ValueError:
        fields.fault(column, f"{shorten(text)} is not what a recurring window needs", remedy)
        return None
