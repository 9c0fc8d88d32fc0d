"""Reading one row's fields into values, noting what is wrong with each."""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import TypeVar

import attrs

from mktcore.errors import MktcoreError
from mktcore.ids import check_id
from mktcore.loading.faults import Faults
from mktcore.loading.reading import Row
from mktcore.money import Currency, Money, UnknownCurrency
from mktcore.money.errors import shorten

__all__ = ["Fields"]

T = TypeVar("T")
MAX_TEXT = 1_000
_WHOLE = re.compile(r"[0-9]{1,12}")
_FRACTION = re.compile(r"[0-9]{1,3}(\.[0-9]{1,12})?")


@attrs.frozen
class Fields:
    """The fields of one row. Each reader returns None after noting a fault, so that one row reports all of its own."""

    row: Row
    faults: Faults
    failed: list[str] = attrs.field(factory=list)

    def is_sound(self) -> bool:
        """Tell whether no field was faulty so far."""
        return not self.failed

    def fault(self, column: str, reason: str, remedy: str = "") -> None:
        """Note a fault of this row."""
        self.failed.append(column)
        self.faults.add(self.row.file, self.row.line, column, reason, remedy)

    def text(self, column: str, default: str = "") -> str:
        """Return the text of a column, without surrounding blanks."""
        text = self.row.texts.get(column, "").strip() or default
        if len(text) > MAX_TEXT:
            self.fault(column, f"{len(text)} characters", f"{MAX_TEXT} at most")
        elif text.startswith(("=", "@")):
            self.fault(column, f"{shorten(text)} would run as a formula in a spreadsheet", "remove the first sign")
        return text

    def name(self, column: str, kind: str, default: str = "") -> str:
        """Return an id; a fault when it is empty or no id."""
        text = self.text(column, default)
        if not text:
            if column in self.row.texts:
                self.fault(column, "it is empty", f"give the id of a {kind}")
            else:
                self.failed.append(column)  # the header's fault, noted once
            return text
        return self._guard(column, lambda: check_id(kind, text)) or text

    def optional_name(self, column: str, kind: str) -> str | None:
        """Return an id, or None when the field is empty."""
        return self.name(column, kind) if self.text(column) else None

    def whole(self, column: str, default: str = "") -> int:
        """Return a whole number from 0 to 999,999,999,999."""
        return int(self._match(column, default, _WHOLE, "a whole number, zero or more, such as 12") or 0)

    def fraction(self, column: str) -> Decimal:
        """Return a fraction such as 0.19; 19 is refused, and the remedy says so."""
        value = Decimal(self._match(column, "", _FRACTION, "a fraction, such as 0.19") or 0)
        if value > 1:
            self.fault(column, f"{value} is more than the whole", f"19 % is 0.19; write {value / 100}")
        return value

    def money(self, column: str, currency: Currency | None) -> Money | None:
        """Return an amount of zero or more in major units; None also when the row's currency is not known."""
        text = self._required(column)
        if not text or currency is None:
            return None
        amount = self._guard(column, lambda: Money.of(text, currency))
        if amount is not None and amount.is_negative():
            self.fault(column, f"{amount} is negative", "zero or more")
        return amount

    def currency(self, column: str, expected: Currency) -> Currency | None:
        """Return the currency of the row, which is the marketplace's."""
        code = self.text(column, expected.code)
        try:
            currency = Currency.of(code)
        except UnknownCurrency as error:
            self.fault(column, error.describe(), f"this marketplace sells in {expected.code}")
            return None
        if currency != expected:
            self.fault(column, f"{currency} is not {expected}", f"this marketplace sells in {expected}: convert first")
            return None
        return currency

    def instant(self, column: str) -> datetime | None:
        """Return an ISO 8601 instant with its offset, or None when the field is empty; a date is its start in UTC."""
        text = self.text(column)
        if not text:
            return None
        try:
            value = datetime.fromisoformat(text[:40])
        except ValueError:
            self.fault(column, f"{shorten(text)} is no date", "write 2026-12-31 or 2026-12-31T18:00:00+01:00")
            return None
        if value.tzinfo is None and len(text) > len("2026-12-31"):
            self.fault(column, f"{shorten(text)} has no time zone", "add one: 2026-12-31T18:00:00Z")
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)

    def build(self, make: Callable[[], T]) -> T | None:
        """Build a value from sound fields; None when a field was faulty or the value refuses them."""
        return self._guard("", make) if self.is_sound() else None

    def _required(self, column: str, default: str = "") -> str:
        text = self.text(column, default)
        if not text:
            if column in self.row.texts:
                self.fault(column, "it is empty")
            else:
                self.failed.append(column)
        return text

    def _match(self, column: str, default: str, pattern: re.Pattern[str], remedy: str) -> str | None:
        text = self._required(column, default)
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
