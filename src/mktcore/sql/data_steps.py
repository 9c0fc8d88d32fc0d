"""What the migration does to records: an ordered list of steps, each for what one kind changed since release 0.1.0.

A step comes after every table has its name and its columns, and before columns are filled from the records; it runs in
the transaction of the whole migration, under the lock that lets one process migrate. So a step may read, write again,
move and add records as it likes, and one that fails, or is killed, leaves the database as it was.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from functools import partial
from itertools import islice
from typing import Any, TypeVar

import attrs
from sqlalchemy import Connection, Table, bindparam, delete, insert, select, update

from mktcore.adapters.system import SystemClock
from mktcore.offers.refresh.pending_refresh import PENDING_REFRESHES, PendingRefresh, to_refresh_key
from mktcore.orders.history import ORDER_STEPS, split_history
from mktcore.orders.legacy_figures import figure_former
from mktcore.orders.merchant_order import MERCHANT_ORDERS, MerchantOrder
from mktcore.orders.order import MARKETPLACE_ORDERS, MarketplaceOrder, Order
from mktcore.orders.price_approvals.price_approval import (
    PRICE_APPROVALS,
    ApprovalState,
    PriceApproval,
    list_time_outs,
)
from mktcore.persistence import Kind
from mktcore.persistence.kinds import Aggregate
from mktcore.postings import ORDER_FUNDS
from mktcore.pricing import DIVERGENCE_RULES
from mktcore.pricing.price_divergence import DEFAULT_PATIENCE
from mktcore.processes.timeout_repository import TIMEOUTS, StoredTimeOut
from mktcore.sql.column_comparisons import to_stored
from mktcore.sql.record_marks import list_mark_rows
from mktcore.sql.several_value_writes import ValueStatements
from mktcore.sql.store_tables import StoreTables
from mktcore.wire import Codec

__all__ = ["STEPS", "DataStep", "Migrating", "StoredRow", "fill_columns", "fill_marks", "fill_values"]

_BATCH = 1000
O = TypeVar("O", MarketplaceOrder, MerchantOrder)  # noqa: E741 - an order


@attrs.frozen
class StoredRow:
    """A record as it is stored.

    Attributes:
        id: Its id.
        version: How often it was stored.
        type: Tag and version of its type, as of when it was written.
        document: Its fields, as JSON text.
    """

    id: str
    version: int
    type: str
    document: str


@attrs.frozen(eq=False)
class Migrating:
    """The database while it is migrated; every table is there under its new name.

    Attributes:
        connection: In the migration's transaction.
        tables: The tables.
        codec: Reads and writes documents.
    """

    connection: Connection
    tables: StoreTables
    codec: Codec

    def iterate(self, kind: Kind[Any]) -> Iterator[StoredRow]:
        """Yield every record of a kind as it is stored, in the order of ids, a thousand in memory at a time.

        A step may write while it reads; a record that it gives another id is met again when that sorts later.
        """
        table, after = self._get_table(kind), ""
        page = select(table.c.id, table.c.version, table.c.type, table.c.document).order_by(table.c.id).limit(_BATCH)
        # By pages, not by one cursor: what SQLite's cursors see of rows changed under them is undefined.
        while rows := self.connection.execute(page.where(table.c.id > after)).all():
            yield from (StoredRow(*row) for row in rows)
            after = rows[-1].id

    def find(self, kind: Kind[Any], ids: Iterable[str]) -> dict[str, StoredRow]:
        """Return the records of a kind that have these ids, as they are stored."""
        table = self._get_table(kind)
        wanted = select(table.c.id, table.c.version, table.c.type, table.c.document).where(table.c.id.in_(list(ids)))
        return {row.id: StoredRow(*row) for row in self.connection.execute(wanted)}

    def read(self, row: StoredRow) -> Any:
        """Return the record of a row, upgraded to the present version of its type."""
        return self.codec.read_fields(row.type, row.document)

    def write(self, kind: Kind[Any], row: StoredRow, *, old_id: str | None = None) -> None:
        """Write a row again: its document and, where it had another one, its id. Columns are filled later."""
        table = self._get_table(kind)
        statement = update(table).where(table.c.id == (old_id or row.id))
        self.connection.execute(statement.values(attrs.asdict(row)))

    def add(self, kind: Kind[Any], values: Iterable[Aggregate]) -> None:
        """Store records that no earlier release had; each keeps the version it has, 1 where that is 0."""
        rows = [_to_row(kind, attrs.evolve(one, version=max(one.version, 1)), self.codec) for one in values]  # type: ignore[misc]  # kinds are of attrs classes
        if rows:
            self.connection.execute(insert(self._get_table(kind)), rows)

    def _get_table(self, kind: Kind[Any]) -> Table:
        return self.tables.kinds[kind.name]


@attrs.frozen
class DataStep:
    """One change of records.

    Attributes:
        kind: Whose table it changes; the step runs when that one is migrated.
        apply: Does it.
    """

    kind: Kind[Any]
    apply: Callable[[Migrating], None]


def _name_timeouts_by_key(migrating: Migrating) -> None:
    """Time-outs were found by ids that began with the instant they are due; now a column tells it."""
    for row in migrating.iterate(TIMEOUTS):
        stored: StoredTimeOut = migrating.read(row)
        _rename(migrating, TIMEOUTS, row=row, value=attrs.evolve(stored, id=StoredTimeOut.of(stored.timeout).id))


def _name_refreshes_by_item(migrating: Migrating) -> None:
    """Pending refreshes were found by ids that began with their turn; now a column tells it."""
    for row in migrating.iterate(PENDING_REFRESHES):
        pending: PendingRefresh = migrating.read(row)
        named = attrs.evolve(pending, id=to_refresh_key(pending.merchant, pending.item))
        _rename(migrating, PENDING_REFRESHES, row=row, value=named)


def _rename(migrating: Migrating, kind: Kind[Any], row: StoredRow, *, value: Any) -> None:
    # A record met again under its new name stays as it is.
    if value.id != row.id:
        tag, document = migrating.codec.write_fields(value)
        migrating.write(kind, StoredRow(value.id, row.version, type=tag, document=document), old_id=row.id)


def _record_history(kind: Kind[O], migrating: Migrating) -> None:
    """Orders carried their own history and wrote it again with every event; now each step is a record."""
    for row in migrating.iterate(kind):
        order: O = migrating.read(row)
        if order.former_moves:
            kept, steps = split_history(order)
            tag, document = migrating.codec.write_fields(kept)
            migrating.write(kind, StoredRow(row.id, row.version, type=tag, document=document))
            migrating.add(ORDER_STEPS, steps)


def _tell_wholes(migrating: Migrating) -> None:
    """Wholes told no SKUs, and their figures stayed as placed; now these follow what is canceled, at every level."""
    for row in migrating.iterate(MARKETPLACE_ORDERS):
        whole: MarketplaceOrder = migrating.read(row)
        found = migrating.find(MERCHANT_ORDERS, whole.merchant_order_ids)
        parts = tuple(migrating.read(found[id_]) for id_ in whole.merchant_order_ids if id_ in found)
        whole = attrs.evolve(whole, skus=tuple(dict.fromkeys(line.sku for part in parts for line in part.lines)))
        tag, document = migrating.codec.write_fields(whole)
        told = attrs.evolve(row, type=tag, document=document)
        migrating.write(MARKETPLACE_ORDERS, told)
        # Only a whole order has figures; what of one is missing, an audit tells.
        if len(parts) == len(whole.merchant_order_ids):
            _figure_order(migrating, Order(whole, parts), {**found, row.id: told})


def _figure_order(migrating: Migrating, order: Order, rows: Mapping[str, StoredRow]) -> None:
    figured = figure_former(order)
    if figured is None:
        return
    stated, funds = figured
    migrating.add(ORDER_FUNDS, [funds])
    pairs: tuple[tuple[Kind[Any], Any], ...] = (
        (MARKETPLACE_ORDERS, stated.marketplace_order),
        *((MERCHANT_ORDERS, part) for part in stated.merchant_orders),
    )
    for kind, one in pairs:
        tag, document = migrating.codec.write_fields(one)
        migrating.write(kind, attrs.evolve(rows[one.id], type=tag, document=document))


def _limit_waiting(migrating: Migrating) -> None:
    """Price approvals waited for ever, and held goods and price; now they lapse when the rule's time is up.

    Their time counts from the migration on: counted from when they were opened, nobody could answer any more.
    """
    now = SystemClock().now()
    for row in migrating.iterate(PRICE_APPROVALS):
        approval: PriceApproval = migrating.read(row)
        if approval.state is not ApprovalState.WAITING or approval.answer_by is not None:
            continue
        rule = migrating.find(DIVERGENCE_RULES, [approval.merchant]).get(approval.merchant)
        patience = DEFAULT_PATIENCE if rule is None else migrating.read(rule).answer_within
        limited = attrs.evolve(approval, answer_by=now + patience)
        tag, document = migrating.codec.write_fields(limited)
        migrating.write(PRICE_APPROVALS, attrs.evolve(row, type=tag, document=document))
        migrating.add(TIMEOUTS, map(StoredTimeOut.of, list_time_outs(limited)))


STEPS: tuple[DataStep, ...] = (
    # Before histories are taken out of the documents: figures come of them.
    DataStep(MARKETPLACE_ORDERS, _tell_wholes),
    DataStep(MARKETPLACE_ORDERS, partial(_record_history, MARKETPLACE_ORDERS)),
    DataStep(MERCHANT_ORDERS, partial(_record_history, MERCHANT_ORDERS)),
    DataStep(TIMEOUTS, _name_timeouts_by_key),
    DataStep(PENDING_REFRESHES, _name_refreshes_by_item),
    # After time-outs have the ids that new ones have.
    DataStep(PRICE_APPROVALS, _limit_waiting),
)
"""In this order; a step that needs what another one made comes after it."""


def fill_columns(migrating: Migrating, kind: Kind[Any]) -> None:
    """Compute every column of a kind's records anew."""
    table = migrating.tables.kinds[kind.name]
    statement = update(table).where(table.c.id == bindparam("old_id"))
    statement = statement.values({name: bindparam(f"new_{name}") for name in kind.readers})
    batch: list[dict[str, Any]] = []
    for row in migrating.iterate(kind):
        columns = kind.read_columns(migrating.read(row))
        stored = {f"new_{name}": to_stored(kind, name, value) for name, value in columns.items()}
        batch.append({"old_id": row.id, **stored})
        if len(batch) == _BATCH:
            migrating.connection.execute(statement, batch)
            batch = []
    if batch:
        migrating.connection.execute(statement, batch)


def fill_values(migrating: Migrating, kind: Kind[Any], name: str) -> None:
    """Write the rows of a column of several values anew, for every record."""
    is_postgresql = migrating.connection.dialect.name == "postgresql"
    statements = ValueStatements(kind, name, migrating.tables.values[kind.name, name], is_postgresql=is_postgresql)
    migrating.connection.execute(delete(statements.table))
    rows = iter(migrating.iterate(kind))
    while batch := [migrating.read(row) for row in islice(rows, _BATCH)]:
        for call in statements.put(batch):
            migrating.connection.execute(call.statement, call.parameters)


def fill_marks(migrating: Migrating, kind: Kind[Any]) -> None:
    """Compute the marks of a kind's records anew."""
    table, batch = migrating.tables.system.marks, list[dict[str, Any]]()
    migrating.connection.execute(delete(table).where(table.c.kind == kind.name))
    ends = _find_ends(migrating, kind)
    for row in migrating.iterate(kind):
        batch += list_mark_rows(kind, [migrating.read(row)], ends)
        if len(batch) >= _BATCH:
            migrating.connection.execute(insert(table), batch)
            batch = []
    if batch:
        migrating.connection.execute(insert(table), batch)


def _find_ends(migrating: Migrating, kind: Kind[Any]) -> dict[str, datetime]:
    """Return when the records end that those of a kind may name, by id."""
    lasting = kind.lasting
    table = None if lasting is None else migrating.tables.kinds.get(lasting.kind)
    if lasting is None or table is None:
        return {}
    ends = table.c[lasting.ends]
    found = migrating.connection.execute(select(table.c.id, ends.label("ends")).where(ends.is_not(None)))
    return {row.id: row.ends for row in found}


def _to_row(kind: Kind[Any], value: Any, codec: Codec) -> dict[str, Any]:
    tag, document = codec.write_fields(value)
    columns = {name: to_stored(kind, name, found) for name, found in kind.read_columns(value).items()}
    return {"id": value.id, "version": value.version, "type": tag, "document": document, **columns}
