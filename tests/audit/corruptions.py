"""Corruptions of a store, generated: every record deleted and doubled, every leaf of it and every column changed.

Each is one change behind the back of all use cases, in memory in the store's own tables, in SQL by a statement, and it
is undone afterwards. What it is named by, `merchant_order document.lines[].quantity`, is the same on all stores.
"""

import copy
import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from datetime import MAXYEAR, datetime, timedelta
from enum import Enum
from functools import partial
from typing import Any

import attrs
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from mktcore.adapters.memory import MemoryStore
from mktcore.ledger.entry import to_entry_id, to_transaction_key
from mktcore.marketplace import Marketplace
from mktcore.money import Currency
from mktcore.sql import SqlStore
from mktcore.sql.packed_text import unpack_text
from mktcore.wire import Codec

__all__ = ["Corruption", "find_missed", "is_tried", "list_corruptions"]

SAMPLES = 2
"""Records of a table that are deleted and doubled; of each other change there is one."""
OTHERS = {"acme": "bolt", "bolt": "acme", "buyer-1": "buyer-2", "buyer-2": "buyer-1", "operator": "buyer:buyer-1"}
"""What is changed into something that is there, too."""
DOCUMENTS = ("document", "request", "result")
KEYS = {
    "stock": ("item",),
    "reservation": ("id",),
    "counter": ("name",),
    "record": ("owner", "key"),
    "stream": ("kind", "subject"),
    "subscriber": ("name",),
    "position": ("subscriber", "kind", "subject"),
    "event": ("kind", "subject", "sequence"),
    "inbox": ("consumer", "event"),
    "mark": ("kind", "ends", "starts", "id", "text"),
    "ledger_transaction": ("key",),
    "ledger_account": ("account",),
    "ledger_delta": ("account", "key"),
    "marketplace_order_sku": ("id", "sku"),
    "merchant_order_sku": ("id", "sku"),
    "offer_part": ("id", "part"),
}
_LAST_ENTRY = 998


@attrs.frozen
class Corruption:
    """One change.

    Attributes:
        name: What is changed: the table, and the part of it, without the marks of lists.
        where: Which record.
        apply: Makes the change for as long as the block lasts.
    """

    name: str
    where: str
    apply: Callable[[], Any]


def find_missed(market: Marketplace, corruptions: Iterable[Corruption]) -> set[str]:
    """Return the names of those that are not found; every one is undone."""
    missed = set()
    for one in corruptions:
        # What the database refuses, nobody has to find.
        with suppress(IntegrityError), one.apply():
            if not market.verify():
                missed.add(one.name)
    return missed


def is_tried(store: Any, corruption: Corruption) -> bool:
    """Tell whether a change is tried on a store: leaves of documents are compared by one code, so in memory only."""
    name = corruption.name
    return isinstance(store, MemoryStore) or not any(f" {one}." in name for one in DOCUMENTS)


def list_corruptions(store: Any) -> list[Corruption]:
    """Return the corruptions of everything that a store holds now."""
    found = _corrupt_memory(store) if isinstance(store, MemoryStore) else _corrupt_sql(store)
    by_name: dict[str, list[Corruption]] = defaultdict(list)
    for listed in found:
        one = attrs.evolve(listed, name=listed.name.replace("[]", ""))
        if len(by_name[one.name]) < (SAMPLES if one.name.endswith((" deleted", " doubled")) else 1):
            by_name[one.name].append(one)
    return [one for same in by_name.values() for one in same]


def change_leaves(document: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Yield the document with one leaf, or one length, changed, and which."""
    if isinstance(document, dict):
        for name, value in document.items():
            step = name if name.isidentifier() or name.startswith("$") else "*"
            for where, changed in change_leaves(value, f"{path}.{step}"):
                yield where, {**document, name: changed}
    elif isinstance(document, list):
        if document:
            yield f"{path}[] lost", document[:-1]
            yield f"{path}[] doubled", [*document, copy.deepcopy(document[-1])]
        for place, value in enumerate(document):
            for where, changed in change_leaves(value, f"{path}[]"):
                yield where, [*document[:place], changed, *document[place + 1 :]]
    elif document is not None:
        yield path, change_value(document)


def _move(instant: datetime) -> datetime:
    # No day comes after the last one, which stands for the end of what never ends.
    return instant + timedelta(days=-1 if instant.year == MAXYEAR else 1)


def change_value(value: Any) -> Any:
    """Return another value of the same sort."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return value + 1
    if isinstance(value, datetime):
        return _move(value)
    if not isinstance(value, str):
        return value
    try:
        return _move(datetime.fromisoformat(value)).isoformat().replace("+00:00", "Z")
    except ValueError:
        return OTHERS.get(value, f"{value}1" if value[-1:].isdigit() else f"{value}x")


def _corrupt_sql(store: SqlStore) -> Iterator[Corruption]:
    prefix = store._tables.naming.prefix
    for name, table in store._tables.iterate():
        if name == "layout":
            continue
        keys = KEYS.get(name, ("id",))
        with store.engine.connect() as connection:
            rows = [dict(row._mapping) for row in connection.execute(text(f"SELECT * FROM {prefix}{name}"))]  # noqa: S608 - our own names
        rows.sort(key=lambda row: [row[key] for key in keys])
        for row in rows:
            change = _SqlChange(store, f"{prefix}{name}", keys, row)
            where = "/".join(str(row[key]) for key in keys)
            yield Corruption(f"{name} deleted", where, change.delete)
            if name != "subscriber":
                yield Corruption(f"{name} doubled", where, change.double)
            for column in table.columns:
                for leaf, values in _change_column(row, column.name):
                    yield Corruption(f"{name} {leaf}", where, partial(change.set, values))


def _change_column(row: dict[str, Any], column: str) -> Iterator[tuple[str, dict[str, Any]]]:
    value = row[column]
    if column in DOCUMENTS and value is not None:
        for path, changed in change_leaves(json.loads(unpack_text(value, max_bytes=2**24))):
            yield f"{column}{path}", {column: json.dumps(changed)}
        yield f"{column} unreadable", {column: "{}"}
    elif value is not None:
        yield column, {column: change_value(value)}
    elif column in {"merchant", "buyer"}:
        yield column, {column: "bolt"}


@attrs.frozen
class _SqlChange:
    store: SqlStore
    table: str
    keys: tuple[str, ...]
    row: dict[str, Any]

    def _write(self, *, remove: dict[str, Any] | None = None, insert: dict[str, Any] | None = None) -> None:
        """Remove a row and insert another, or neither: some changes the database itself refuses."""
        with self.store.engine.begin() as connection:
            if remove is not None:
                mine = " AND ".join(f'"{key}" = :{key}' for key in self.keys)
                keys = {key: remove[key] for key in self.keys}
                connection.execute(text(f"DELETE FROM {self.table} WHERE {mine}"), keys)  # noqa: S608 - our own names
            if insert is not None:
                names = ", ".join(f'"{name}"' for name in insert)
                values = ", ".join(f":{name}" for name in insert)
                connection.execute(text(f"INSERT INTO {self.table} ({names}) VALUES ({values})"), insert)  # noqa: S608 - as above

    @contextmanager
    def delete(self) -> Iterator[None]:
        self._write(remove=self.row)
        yield
        self._write(insert=self.row)

    @contextmanager
    def double(self) -> Iterator[None]:
        last = self.keys[-1]
        table = self.table.removeprefix("mktcore_")
        other = {**self.row, last: 999 if last == "sequence" else _copy_key(table, self.row[last])}
        if other.get("item") and self.table.endswith("_offer"):
            other["item"] += "-copy"
        if "cart" in other:
            other["cart"] += "-copy"
        self._write(insert=other)
        yield
        self._write(remove=other)

    @contextmanager
    def set(self, values: dict[str, Any]) -> Iterator[None]:
        changed = {**self.row, **values}
        self._write(remove=self.row, insert=changed)
        yield
        self._write(remove=changed, insert=self.row)


def _corrupt_memory(store: MemoryStore) -> Iterator[Corruption]:
    codec = Codec()
    for name, table in store._state.tables.items():
        short = name.removeprefix("mktcore_")
        for key in list(table._keys):
            value = table.find_latest(key)[0]
            change = _MemoryChange(store, name, key, value)
            yield Corruption(f"{short} deleted", key, partial(change.set, key, None))
            if short == "subscriber":
                continue
            yield Corruption(f"{short} doubled", key, partial(change.double, _copy_key(short, key)))
            for leaf, changed in _change_stored(codec, short, value):
                yield Corruption(f"{short} {leaf}", key, partial(change.set, key, changed))


def _copy_key(table: str, key: str) -> str:
    """Return another key that a row might have: the next of many, where rows are numbered."""
    if table == "event":
        return f"{key.rpartition('/')[0]}/{999:012}"
    return to_entry_id(to_transaction_key(key), _LAST_ENTRY) if table == "ledger_entry" else f"{key}-copy"


def _change_stored(codec: Codec, name: str, value: Any) -> Iterator[tuple[str, Any]]:
    if name == "counter":
        yield "claimed", value + 1
    elif name == "event":
        for path, event in _change_document(codec, value.event):
            yield f"document{path}", attrs.evolve(value, event=event)
    elif name == "record":
        yield from _change_answer(codec, value)
    elif name in {"stock", "reservation", "stream", "position"} or name.startswith("ledger"):
        yield from ((path.removeprefix("."), changed) for path, changed in change_parts(value))
    elif name != "inbox":
        for path, changed in _change_document(codec, value):
            yield f"document{path}", changed


def _change_answer(codec: Codec, record: Any) -> Iterator[tuple[str, Any]]:
    yield "operation", attrs.evolve(record, operation="")
    for path, request in change_leaves(dict(record.request)):
        yield f"request{path}", attrs.evolve(record, request=request)
    for path, result in _change_document(codec, record.result):
        yield f"result{path}", attrs.evolve(record, result=result)


def change_parts(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Yield a value in Python with one part changed, where it is still one, and which."""
    if isinstance(value, Currency):
        return  # what is kept of it is its code, and a code says all of it
    if attrs.has(type(value)):
        for field in attrs.fields(type(value)):
            yield from _change_field(value, field, f"{path}.{field.name}")
    elif isinstance(value, tuple):
        if value:
            yield f"{path}[] lost", value[:-1]
        for place, one in enumerate(value):
            for where, changed in change_parts(one, f"{path}[]"):
                yield where, (*value[:place], changed, *value[place + 1 :])
    elif isinstance(value, Enum):
        members = list(type(value))
        yield path, members[(members.index(value) + 1) % len(members)]
    elif value is not None and change_value(value) != value:
        yield path, change_value(value)


def _change_field(value: Any, field: Any, path: str) -> Iterator[tuple[str, Any]]:
    if not field.init or field.name == "subscriber":
        return
    for where, changed in change_parts(getattr(value, field.name), path):
        with suppress(Exception):  # whatever the value's own checks raise
            yield where, attrs.evolve(value, **{field.alias or field.name: changed})


def _change_document(codec: Codec, value: Any) -> Iterator[tuple[str, Any]]:
    """Yield the value with one leaf changed, where that is still a value: memory holds nothing else."""
    tag, document = codec.write_fields(value)
    for path, changed in change_leaves(json.loads(document)):
        try:
            yield path, codec.read_fields(tag, json.dumps(changed))
        except Exception:  # noqa: BLE001, S112 - whatever the value's own checks raise
            continue


@attrs.frozen
class _MemoryChange:
    store: MemoryStore
    table: str
    key: str
    value: Any

    @contextmanager
    def set(self, key: str, value: Any) -> Iterator[None]:
        self._write(key, value)
        yield
        self._write(key, self.value if key == self.key else None)

    def _write(self, key: str, value: Any) -> None:
        table = self.store._state.tables[self.table]
        self.store._state.apply({self.table: {key: table.read(value)}})

    def double(self, key: str) -> Any:
        value = self.value
        if attrs.has(type(value)) and any(field.name == "id" for field in attrs.fields(type(value))):
            value = attrs.evolve(value, id=key)
        return self.set(key, value)
