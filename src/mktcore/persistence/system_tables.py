"""The names of what every store keeps beside its repositories."""

__all__ = ["SYSTEM_TABLES"]

_LEDGER_TABLES = {"ledger_transaction", "ledger_entry", "ledger_account", "ledger_delta", "ledger_hold"}
SYSTEM_TABLES = frozenset(
    {
        "stock",
        "reservation",
        "counter",
        "record",
        "stream",
        "subscriber",
        "position",
        "event",
        "inbox",
        "layout",
        "mark",
    }
    | _LEDGER_TABLES
)
"""What every store keeps beside its repositories; no kind bears such a name."""
