"""The tables of the ledger."""

from collections.abc import Callable
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, Column, Index, Integer, Table, Text

from mktcore.sql.types import Instant, SortedText

__all__ = ["build_ledger_tables"]

BuildTable = Callable[..., Table]
BuildIndex = Callable[..., Index]


def build_ledger_tables(build: BuildTable, index: BuildIndex) -> dict[str, Any]:
    """Return the tables of the ledger by their names in `SystemTables`.

    An account's balance is its row and the sum of its deltas: what raises a balance adds a delta and waits for nobody,
    so that an account which all sales pass through is no bottleneck; only who takes from it locks its row. Amounts are
    minor units, debits positive.

    Args:
        build: Makes a table of a name and its parts.
        index: Makes an index of a table's name, its own name, and columns.
    """
    return {
        "ledger_transactions": _build_transactions(build, index),
        "ledger_entries": _build_entries(build, index),
        "ledger_accounts": _build_accounts(build),
        "ledger_deltas": _build_deltas(build),
        "ledger_holds": _build_holds(build, index),
    }


def _build_transactions(build: BuildTable, index: BuildIndex) -> Table:
    # positional: a table is its name, its columns, and its indexes
    return build(
        "ledger_transaction",
        Column("key", SortedText, primary_key=True),
        Column("kind", Text, nullable=False),
        Column("cause", SortedText, nullable=False),
        Column("legs", Integer, nullable=False),
        Column("linked", Text, nullable=False),
        Column("effective_at", Instant, nullable=False),
        Column("posted_at", Instant, nullable=False),
        index("ledger_transaction", "cause", "cause", "key"),
    )


def _build_entries(build: BuildTable, index: BuildIndex) -> Table:
    # positional: a table is its name, its columns, and its indexes
    return build(
        "ledger_entry",
        Column("id", SortedText, primary_key=True),
        Column("account", SortedText, nullable=False),
        Column("owner", SortedText, nullable=False),
        Column("amount", BigInteger, CheckConstraint("amount <> 0"), nullable=False),
        Column("kind", SortedText, nullable=False),
        Column("cause", SortedText, nullable=False),
        Column("effective_at", Instant, nullable=False),
        Column("posted_at", Instant, nullable=False),
        index("ledger_entry", "account", "account", "effective_at", "id"),
        index("ledger_entry", "owner", "owner", "effective_at", "id"),
    )


def _build_accounts(build: BuildTable) -> Table:
    # positional: a table is its name, its columns, and its indexes
    return build(
        "ledger_account",
        Column("account", SortedText, primary_key=True),
        Column("balance", BigInteger, nullable=False),
        Column("held", BigInteger, CheckConstraint("held >= 0"), nullable=False),
        Column("allowance", BigInteger, nullable=False),
    )


def _build_deltas(build: BuildTable) -> Table:
    # positional: a table is its name, its columns, and its indexes
    return build(
        "ledger_delta",
        Column("account", SortedText, primary_key=True),
        Column("key", SortedText, primary_key=True),
        Column("amount", BigInteger, nullable=False),
    )


def _build_holds(build: BuildTable, index: BuildIndex) -> Table:
    # positional: a table is its name, its columns, and its indexes
    return build(
        "ledger_hold",
        Column("id", SortedText, primary_key=True),
        Column("debit", SortedText, nullable=False),
        Column("credit", SortedText, nullable=False),
        Column("amount", BigInteger, CheckConstraint("amount > 0"), nullable=False),
        Column("settled", BigInteger),
        Column("state", Text, nullable=False),
        Column("expires_at", Instant),
        CheckConstraint("settled <= amount"),
        index("ledger_hold", "due", "expires_at", "id", where="state = 'live'"),
    )
