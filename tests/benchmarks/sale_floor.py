"""A sale by hand, beside the library's: the rows that a placement or an event writes, decoded, encoded, committed.

It is recorded and not designed: what one placement, and one event on it, left in the tables is read from them, and
written again under other ids by the driver alone, with the documents decoded and encoded by `json`, the cart priced in
whole cents. It knows no rule, guards nothing but the keys, and reads once. It is a floor, not a way to sell.
"""

import json
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from contextlib import nullcontext
from typing import Any

import attrs
from sqlalchemy import Connection, MetaData, Table
from sqlalchemy.engine import URL

__all__ = ["Floor", "Writes", "record_rows", "subtract_rows"]

Rows = Mapping[str, Mapping[tuple[Any, ...], Mapping[str, Any]]]
"""By table and primary key."""


def record_rows(connection: Connection, metadata: MetaData) -> Rows:
    """Return all that the tables hold, as the driver has it."""
    found = {}
    for table in metadata.tables.values():
        rows = connection.exec_driver_sql(f"SELECT * FROM {table.name}").mappings()  # noqa: S608 - our own names
        keys = [column.name for column in table.primary_key.columns]
        found[table.name] = {tuple(row[key] for key in keys): dict(row) for row in rows}
    return found


@attrs.frozen
class Writes:
    """What was written: rows that are new, and rows that changed, by table."""

    added: Mapping[str, Sequence[Mapping[str, Any]]]
    changed: Mapping[str, Mapping[tuple[Any, ...], Mapping[str, Any]]]

    def count(self) -> int:
        """Return how many rows were written."""
        return sum(map(len, self.added.values())) + sum(map(len, self.changed.values()))


def subtract_rows(after: Rows, before: Rows) -> Writes:
    """Return what was written in between."""
    return Writes(
        {name: [row for key, row in rows.items() if key not in before[name]] for name, rows in after.items()},
        {
            name: {key: row for key, row in rows.items() if before[name].get(key, row) != row}
            for name, rows in after.items()
        },
    )


class Floor:
    """One connection to the library's own tables."""

    def __init__(self, url: URL, metadata: MetaData) -> None:
        """Connect past SQLAlchemy."""
        self._tables: Mapping[str, Table] = metadata.tables
        self._is_postgresql = url.get_backend_name() == "postgresql"
        if self._is_postgresql:
            import psycopg  # noqa: PLC0415 - only where PostgreSQL is measured

            plain = url.set(drivername="postgresql").render_as_string(hide_password=False)
            self._connection: Any = psycopg.connect(plain, autocommit=True, prepare_threshold=0)
            self._mark = "%s"
        else:
            self._connection = sqlite3.connect(url.database or "", isolation_level=None, timeout=30)
            self._connection.execute("PRAGMA synchronous=FULL")
            self._mark = "?"

    def read(self, table: str, column: str, values: Sequence[str]) -> list[Any]:
        """Return the decoded documents of rows that have one of some values in a column."""
        rows = self._select("document", table, column, values)
        return [json.loads(document) for (document,) in rows]

    def price(self, lines: Sequence[tuple[str, int]]) -> int:
        """Return what a cart of SKUs and quantities costs in cents, from the rows that say it, least prices first."""
        skus = [sku for sku, _ in lines]
        with self._connection.pipeline() if self._is_postgresql else nullcontext():
            goods = {one["id"]: one for one in self.read("mktcore_sku", "id", skus)}
            offers = self.read("mktcore_offer", "sku", skus)
            names = [one["schedule"] for one in offers]
            schedules = {one["id"]: one for one in self.read("mktcore_price_schedule", "id", names)}
            self._select("item, on_hand, reserved", "mktcore_stock", "item", [one["id"] for one in offers])
            taxes = self.read("mktcore_tax_rule", "category", list({one["tax_category"] for one in goods.values()}))
            fees = self.read("mktcore_shipping_fee", "id", list({one["merchant"] for one in offers}))
        freight = sum(int(one["amount"]["minor"]) for one in fees)
        return freight + _add_up(lines, goods, offers, schedules=schedules, taxes=taxes)

    def write(self, writes: Writes, names: Mapping[str, str]) -> None:
        """Write rows again under other names, each document decoded and encoded, in one durable transaction."""
        added, changed = self._rename(writes, names)
        with self._connection.pipeline() if self._is_postgresql else nullcontext():
            self._connection.execute("BEGIN" if self._is_postgresql else "BEGIN IMMEDIATE")
            cursor = self._connection.cursor()
            for statement, rows in (*added, *changed):
                cursor.executemany(statement, rows)
            self._connection.execute("COMMIT")

    def close(self) -> None:
        """Disconnect."""
        self._connection.close()

    def _select(self, what: str, table: str, column: str, values: Sequence[str]) -> list[Any]:
        if self._is_postgresql:
            statement = f"SELECT {what} FROM {table} WHERE {column} = ANY(%s)"  # noqa: S608 - our own names
            return list(self._connection.execute(statement, (list(values),)).fetchall())
        statement = f"SELECT {what} FROM {table} WHERE {column} IN (SELECT value FROM json_each(?))"  # noqa: S608
        return list(self._connection.execute(statement, (json.dumps(list(values)),)).fetchall())

    def _rename(self, writes: Writes, names: Mapping[str, str]) -> tuple[list[Any], list[Any]]:
        added = []
        for table, rows in writes.added.items():
            if rows:
                columns = ", ".join(rows[0])
                marks = ", ".join([self._mark] * len(rows[0]))
                statement = f"INSERT INTO {table} ({columns}) VALUES ({marks}) ON CONFLICT DO NOTHING"  # noqa: S608
                added.append((statement, [_rename_row(row, names) for row in rows]))
        changed = []
        for table, found in writes.changed.items():
            if found:
                keys = [column.name for column in self._tables[table].primary_key.columns]
                row = next(iter(found.values()))
                values = ", ".join(f"{name} = {self._mark}" for name in row)
                match = " AND ".join(f"{name} = {self._mark}" for name in keys)
                statement = f"UPDATE {table} SET {values} WHERE {match}"  # noqa: S608 - our own names
                renamed = [(*_rename_row(one, names), *_rename_texts(key, names)) for key, one in found.items()]
                changed.append((statement, renamed))
        return added, changed


def _add_up(
    lines: Iterable[tuple[str, int]],
    goods: Mapping[str, Any],
    offers: Iterable[Any],
    *,
    schedules: Mapping[str, Any],
    taxes: Iterable[Any],
) -> int:
    rates = {one["category"]: round(float(one["rate"]) * 10_000) for one in taxes}
    total = 0
    cheapest = dict[str, int]()
    for offer in offers:
        price = int(schedules[offer["schedule"]]["breaks"][0]["unit_price"]["minor"])
        cheapest[offer["sku"]] = min(price, cheapest.get(offer["sku"], price))
    for sku, quantity in lines:
        net = cheapest[sku] * quantity
        total += net + (net * rates.get(goods[sku]["tax_category"], 0) + 5_000) // 10_000
    return total


def _rename_row(row: Mapping[str, Any], names: Mapping[str, str]) -> tuple[Any, ...]:
    values = dict(row)
    if isinstance(values.get("document"), str):
        values["document"] = json.dumps(json.loads(values["document"]), separators=(",", ":"), ensure_ascii=False)
    if isinstance(values.get("number"), str):
        values["number"] = next(iter(names.values()))  # it is nobody else's
    return _rename_texts(values.values(), names)


def _rename_texts(values: Iterable[Any], names: Mapping[str, str]) -> tuple[Any, ...]:
    renamed = []
    for value in values:
        for old, new in names.items() if isinstance(value, str) else ():
            value = value.replace(old, new)  # noqa: PLW2901 - one name after the other
        renamed.append(value)
    return tuple(renamed)
