"""What the ledger is told and tells, where documents hold it; the books themselves have tables of their own."""

from mktcore.ledger.account import Account
from mktcore.ledger.entry import Entry
from mktcore.ledger.funds import Shortfall
from mktcore.ledger.hold import Hold
from mktcore.ledger.transaction import Leg, PostedTransaction, Transaction
from mktcore.persistence.stored import Stored

__all__ = ["STORED"]

STORED = (
    Stored("ledger.account", 1, Account),
    Stored("ledger.leg", 1, Leg),
    Stored("ledger.transaction", 1, Transaction),
    Stored("ledger.posted-transaction", 1, PostedTransaction),
    Stored("ledger.entry", 1, Entry),
    Stored("ledger.hold", 1, Hold),
    Stored("ledger.shortfall", 1, Shortfall),
)
