"""Reading one row's fields into values, noting what is wrong with each."""

import re
from collections.abc import Callable, Iterable
from datetime import datetime
from decimal import Decimal
from typing import TypeVar
from zoneinfo import ZoneInfo

import attrs

from mktcore.errors import MktcoreError
from mktcore.goods.measure import is_ambiguous_number
from mktcore.ids import MAX_ID_LENGTH, InvalidId, check_id
from mktcore.loading.csv_rows import CsvRow
from mktcore.loading.load_faults import LoadFaults
from mktcore.loading.written_instants import find_zone, read_written_instant
from mktcore.money import Currency, Money, UnknownCurrency
from mktcore.money.errors import shorten
from mktcore.periods import ALWAYS, Period
from mktcore.pricing.price_schedule import MAX_PRICE_DIGITS

__all__ = ["RowFields"]

T = TypeVar("T")
MAX_TEXT = 1_000
_WHOLE = re.compile(r"[0-9]{1,12}")
_FRACTION = re.compile(r"[0-9]{1,3}(\.[0-9]{1,12})?")
_DECIMAL = re.compile(r"[0-9]{1,12}(\.[0-9]{1,12})?")


@attrs.define
class RowFields:
    """The fields of one row.

    Each reader notes what is wrong with its own column and returns an empty value then, so that a row reports every
    faulty column at once; a column has one fault, the first.

    Attributes:
        row: The row.
        faults: Where faults go.
        zone: On whose clocks its dates and times are; None where nobody told.
        failed: Columns with a fault.
    """

    row: CsvRow
    faults: LoadFaults
    zone: ZoneInfo | None = None
    failed: set[str] = attrs.field(factory=set)

    @property
    def zone_name(self) -> str:
        """On whose clocks windows and calendars are where a row does not say: those that were told, else UTC."""
        return "UTC" if self.zone is None else self.zone.key

    def is_sound(self, *columns: str) -> bool:
        """Tell whether these columns (every column when none is named) were not faulty so far."""
        return self.failed.isdisjoint(columns) if columns else not self.failed

    def fault(self, column: str, reason: str, remedy: str = "") -> None:
        """Note a fault of this row, unless the column has one."""
        if column not in self.failed:
            self.failed.add(column)
            self.faults.add(self.row.file, self.row.line, reason, column=column, remedy=remedy)

    def read(self, column: str, default: str = "", longest: int = MAX_TEXT) -> str:
        """Return what stands in a column, without surrounding blanks."""
        text = self.row.texts.get(column, "").strip() or default
        if len(text) > longest:
            self.fault(column, f"{len(text)} characters", f"{longest} at most")
        return text

    def text(self, column: str, default: str = "", longest: int = MAX_TEXT) -> str:
        """Return a free text, as it is written: also one that begins with the sign of a list, or of a formula."""
        return self.read(column, default, longest)

    def title(self, column: str, kind: str) -> str:
        """Return a free text that is not empty."""
        text = self.text(column)
        return text or self._required(column, f"give the name of a {kind}")

    def name(self, column: str, kind: str, longest: int = MAX_ID_LENGTH) -> str:
        """Return an id; a fault when it is empty or no id."""
        text = self._required(column, f"give the id of a {kind}")
        if not text or column in self.failed:
            return text
        try:
            check_id(kind, text)
        except InvalidId as error:
            self.fault(column, error.describe(), error.remedy)
        if len(text) > longest:
            self.fault(column, f"{len(text)} characters", f"the id of a {kind} has {longest} at most")
        return text

    def whole(self, column: str, default: str = "") -> int:
        """Return a whole number from 0 to 999,999,999,999."""
        return int(self._match(column, _WHOLE, "a whole number, zero or more, such as 12", default=default) or 0)

    def flag(self, column: str) -> bool:
        """Return yes or no; no, when the column is empty."""
        return self.choice(column, ("no", "yes"), "no") == "yes"

    def optional_flag(self, column: str) -> bool | None:
        """Return yes or no; None, when the column is empty or not there."""
        return self.flag(column) if self.read(column) else None

    def choice(self, column: str, values: Iterable[str], default: str = "") -> str:
        """Return one of some words; the default, or nothing, after a fault."""
        text = self.read(column, default) if default else self._required(column)
        known = tuple(values)
        if text and text not in known:
            self.fault(column, f"{shorten(text)} is none of {', '.join(known)}", f"one of {', '.join(known)}")
            return default
        return text

    def ids(self, column: str, kind: str) -> tuple[str, ...]:
        """Return the ids that a column lists, separated by semicolons."""
        found = tuple(part.strip() for part in self.read(column).split(";") if part.strip())
        for name in found:
            try:
                check_id(kind, name)
            except InvalidId as error:
                self.fault(column, error.describe(), error.remedy)
        return found

    def texts(self, column: str) -> tuple[str, ...]:
        """Return the free texts that a column lists, separated by semicolons."""
        return tuple(part.strip() for part in self.text(column).split(";") if part.strip())

    def fraction(self, column: str, *, below: bool = False) -> Decimal:
        """Return a fraction such as 0.19; 19 is refused, and the remedy says so. So is 1 when it is to be below."""
        value = Decimal(self._match(column, _FRACTION, "a fraction, such as 0.19") or 0)
        if value > 1 or (below and value == 1):
            excess = "is more than the whole" if value > 1 else "is the whole"
            self.fault(column, f"{value} {excess}", f"{value} % is {value / 100}; write {value / 100}")
        return value

    def decimal(self, column: str) -> Decimal:
        """Return a number of zero or more with at most 12 digits on either side of the point; none that may be two."""
        text = self._match(column, _DECIMAL, "a number, zero or more, such as 0.35") or "0"
        if is_ambiguous_number(text):
            reason = f"{text} may mean {text.replace('.', '')} or {text}"
            self.fault(column, reason, f"write {text}0, or {text.replace('.', '')}")
        return Decimal(text)

    def money(self, column: str, currency: Currency) -> Money | None:
        """Return an amount of zero or more in major units, or None after a fault."""
        text = self._required(column)
        if not self.is_sound(column):
            return None
        amount = self._guard(column, lambda: Money.of(text, currency))
        if amount is not None and amount.is_negative():
            self.fault(column, f"{amount} is negative", "zero or more")
        if amount is not None and amount.minor >= 10**MAX_PRICE_DIGITS:
            self.fault(column, f"{shorten(text)} has more than {MAX_PRICE_DIGITS} digits", "check the amount")
        return amount

    def optional_money(self, column: str, currency: Currency) -> Money | None:
        """Return such an amount; None when the column is empty, or after a fault."""
        return self.money(column, currency) if self.read(column) else None

    def optional_whole(self, column: str) -> int | None:
        """Return a whole number; None when the column is empty."""
        return self.whole(column) if self.read(column) else None

    def check_currency(self, column: str, expected: Currency) -> None:
        """Note a currency that is not the marketplace's; an empty field is."""
        code = self.read(column, expected.code)
        if code == expected.code:
            return
        try:
            reason, remedy = (
                f"{Currency.of(code)} is not {expected}",
                f"this marketplace sells in {expected}: convert first",
            )
        except UnknownCurrency as error:
            reason, remedy = error.describe(), f"this marketplace sells in {expected}"
        self.fault(column, reason, remedy)

    def instant(self, column: str, *, is_end: bool = False) -> datetime | None:
        """Return a field's instant, as `read_written_instant`, or None; a row's own `time_zone` goes first."""
        text = self.read(column)
        if not text:
            return None
        named = self.row.texts.get("time_zone", "").strip()
        return self._guard(column, lambda: read_written_instant(text, find_zone(named) or self.zone, is_end=is_end))

    def window(self, start_column: str, end_column: str) -> Period:
        """Return the period of two columns; always, when they are faulty or empty."""
        start, end = self.instant(start_column), self.instant(end_column, is_end=True)
        if start is None and end is None:
            return ALWAYS
        return self.join((start_column, end_column), lambda: Period(start, end)) or ALWAYS

    def build(self, make: Callable[[], T], column: str = "") -> T | None:
        """Build a value from sound fields; None when a field was faulty, or when the value refuses them."""
        return self._guard(column, make) if self.is_sound() else None

    def join(self, columns: tuple[str, ...], make: Callable[[], T]) -> T | None:
        """Build a value from these columns alone, whatever is wrong elsewhere; the last takes the blame."""
        return self._guard(columns[-1], make) if self.is_sound(*columns) else None

    def _required(self, column: str, remedy: str = "") -> str:
        text = self.read(column)
        if not text:
            if column in self.row.texts:
                self.fault(column, "it is empty", remedy)
            else:
                self.failed.add(column)  # the header's fault, noted once
        return text

    def _match(self, column: str, pattern: re.Pattern[str], remedy: str, *, default: str = "") -> str | None:
        text = self.read(column, default) if default else self._required(column)
        if not text or pattern.fullmatch(text):
            return text
        self.fault(column, f"{shorten(text)} is not {remedy}", f"write {remedy}")
        return None

    def _guard(self, column: str, make: Callable[[], T]) -> T | None:
        try:
            return make()
        except MktcoreError as error:
            self.fault(column, error.describe(), error.remedy)
            return None
