"""The first tables: stock, reservations, counters, idempotency records, events, inbox."""

from typing import Any

import sqlalchemy as sa
from alembic import op

from mktcore.sql.migrations import check_names
from mktcore.sql.types import Instant, SortedText

__all__ = ["branch_labels", "depends_on", "down_revision", "downgrade", "revision", "upgrade"]

revision = "mktcore_0001"
down_revision = None
branch_labels = ("mktcore",)
depends_on = None

_LIVE = sa.text("state = 'live'")
_PENDING = sa.text("published < last")


def upgrade() -> None:
    """Make the tables.

    Raises:
        TableTaken: Something bears one of their names; nothing was changed.
    """
    # Not every database takes DDL back, so what the next revision needs is looked at here too.
    check_names(op.get_bind())
    op.create_table(
        "mktcore_stock",
        sa.Column("item", SortedText, primary_key=True),
        sa.Column("merchant", SortedText, nullable=False),
        sa.Column("on_hand", sa.BigInteger, sa.CheckConstraint("on_hand >= 0"), nullable=False),
        sa.Column("reserved", sa.BigInteger, sa.CheckConstraint("reserved >= 0"), nullable=False),
        sa.Column("backorder", sa.BigInteger, sa.CheckConstraint("backorder >= 0"), nullable=False),
    )
    op.create_index("ix_mktcore_stock_merchant", "mktcore_stock", ["merchant"])
    op.create_table(
        "mktcore_reservation",
        sa.Column("id", SortedText, primary_key=True),
        sa.Column("item", SortedText, nullable=False),
        sa.Column("merchant", SortedText, nullable=False),
        sa.Column("quantity", sa.BigInteger, nullable=False),
        sa.Column("consumed", sa.BigInteger, nullable=False),
        sa.Column("given_back", sa.BigInteger, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("expires_at", Instant),
        sa.CheckConstraint("0 <= consumed AND 0 <= given_back AND consumed + given_back <= quantity"),
    )
    partial: dict[str, Any] = {"sqlite_where": _LIVE, "postgresql_where": _LIVE}
    op.create_index("mktcore_reservation_live", "mktcore_reservation", ["item"], **partial)
    op.create_index("mktcore_reservation_due", "mktcore_reservation", ["expires_at", "id"], **partial)
    op.create_table(
        "mktcore_counter",
        sa.Column("name", SortedText, primary_key=True),
        sa.Column("claimed", sa.BigInteger, sa.CheckConstraint("claimed >= 0"), nullable=False),
    )
    op.create_table(
        "mktcore_record",
        sa.Column("owner", SortedText, primary_key=True),
        sa.Column("key", SortedText, primary_key=True),
        sa.Column("operation", sa.Text, nullable=False),
        sa.Column("request", sa.Text, nullable=False),
        sa.Column("result", sa.Text),
        sa.Column("at", Instant, nullable=False),
    )
    _create_event_tables()


def _create_event_tables() -> None:
    op.create_table(
        "mktcore_stream",
        sa.Column("kind", SortedText, primary_key=True),
        sa.Column("subject", SortedText, primary_key=True),
        sa.Column("last", sa.BigInteger, nullable=False),
        sa.Column("published", sa.BigInteger, nullable=False),
        sa.Column("ready_at", Instant, nullable=False),
        sa.Column("claim", sa.Text, nullable=False),
    )
    partial: dict[str, Any] = {"sqlite_where": _PENDING, "postgresql_where": _PENDING}
    op.create_index("mktcore_stream_pending", "mktcore_stream", ["ready_at"], **partial)
    op.create_table(
        "mktcore_event",
        sa.Column("kind", SortedText, primary_key=True),
        sa.Column("subject", SortedText, primary_key=True),
        sa.Column("sequence", sa.BigInteger, primary_key=True),
        sa.Column("at", Instant, nullable=False),
        sa.Column("merchant", SortedText),
        sa.Column("buyer", SortedText),
        sa.Column("type", sa.Text, nullable=False),
        sa.Column("document", sa.Text, nullable=False),
    )
    op.create_index("ix_mktcore_event_at", "mktcore_event", ["at"])
    op.create_table(
        "mktcore_inbox",
        sa.Column("consumer", SortedText, primary_key=True),
        sa.Column("event", SortedText, primary_key=True),
    )


def downgrade() -> None:
    """Drop the tables, with everything in them."""
    for name in ("inbox", "event", "stream", "record", "counter", "reservation", "stock"):
        op.drop_table(f"mktcore_{name}")
