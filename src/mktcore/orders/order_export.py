"""Orders as rows of text for other systems: a row for each line, written as they are read, in constant memory."""

import csv
import io
import json
from collections.abc import Iterator, Sequence
from enum import StrEnum

import attrs

from mktcore.money import Money
from mktcore.money.notation import to_text
from mktcore.orders.merchant_order import MerchantOrder
from mktcore.orders.order_line import OrderLine

__all__ = ["COLUMNS", "ExportForm", "OrderRows", "to_cell"]

COLUMNS = (
    *("reference", "number", "order", "merchant_order", "merchant", "buyer", "placed_at", "progress", "stage"),
    *("line", "sku", "title", "quantity", "unit_price", "per", "currency"),
    *("grand_total", "tax_total", "canceled_total", "refund_total", "states"),
)
"""Of a row, in order; new ones are added behind."""
_AMOUNTS = frozenset({"unit_price", "grand_total", "tax_total", "canceled_total", "refund_total"})
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""What a cell begins with that a spreadsheet computes, and that may send what stands beside it to anybody."""
Cell = str | int | dict[str, int]


class ExportForm(StrEnum):
    """How rows are written."""

    CSV = "csv"
    """With a header, quoted where needed, safe to open in a spreadsheet."""
    JSON = "json"
    """An object on each line, with the texts as they are."""


@attrs.frozen
class OrderRows:
    """Writes merchant orders as rows.

    Attributes:
        form: How rows are written.
    """

    form: ExportForm

    def begin(self) -> str:
        """Return what stands before all rows."""
        return _to_csv(COLUMNS) if self.form is ExportForm.CSV else ""

    def write(self, order: MerchantOrder) -> Iterator[str]:
        """Yield the rows of an order, each with its end of line."""
        for line in order.lines:
            row = _to_row(order, line)
            if self.form is ExportForm.JSON:
                yield f"{json.dumps(row, ensure_ascii=False)}\n"
            else:
                yield _to_csv([_to_cell(column, row[column]) for column in COLUMNS])


def to_cell(text: str) -> str:
    """Return a text as a cell that no spreadsheet computes: one that begins like a formula gets an apostrophe.

    >>> to_cell("=HYPERLINK(...)"), to_cell("Lens")
    ("'=HYPERLINK(...)", 'Lens')
    """
    # Blanks before it are passed over by some; the apostrophe is shown by none.
    return f"'{text}" if text.lstrip(" ").startswith(_FORMULA) else text


def _to_row(order: MerchantOrder, line: OrderLine) -> dict[str, Cell]:
    states = {state: quantity for state, quantity in order.states.get(line.key, {}).items() if quantity}
    told: dict[str, Cell] = {
        "reference": order.reference,
        "number": order.number,
        "order": order.order,
        "merchant_order": order.id,
        "merchant": order.merchant,
        "buyer": order.buyer,
        "placed_at": order.placed_at.isoformat().replace("+00:00", "Z"),
        "progress": order.progress,
        "stage": order.stage.value,
        "line": line.key,
        "sku": line.sku,
        "title": line.title,
        "quantity": line.quantity,
        "unit_price": _to_amount(line.unit_price),
        "per": line.per,
        "currency": str(line.unit_price.currency),
        "grand_total": _to_amount(line.totals.grand_total),
        "tax_total": _to_amount(line.totals.tax_total),
        "canceled_total": _to_amount(line.totals.canceled_total),
        "refund_total": _to_amount(line.totals.refund_total),
        "states": states,
    }
    return told


def _to_amount(amount: Money) -> str:
    return to_text(amount.minor, amount.currency.digits)


def _to_cell(column: str, cell: Cell) -> str:
    if isinstance(cell, dict):
        return to_cell("; ".join(f"{quantity} {state}" for state, quantity in cell.items()))
    # An amount below zero begins like a formula, and is a number all the same.
    return to_cell(cell) if isinstance(cell, str) and column not in _AMOUNTS else str(cell)


def _to_csv(cells: Sequence[str]) -> str:
    line = io.StringIO()
    csv.writer(line, lineterminator="\n").writerow(cells)
    return line.getvalue()
