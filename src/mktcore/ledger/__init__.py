"""The ledger: double-entry books of who owes whom. It knows parties by their names, and nothing of orders."""

from mktcore.ledger.account import Account
from mktcore.ledger.chart import CHART, AccountType, Guard, Side
from mktcore.ledger.entry import Entry
from mktcore.ledger.errors import HoldEnded, HoldExceeded, TransactionConflict
from mktcore.ledger.funds import Funds, Shortfall
from mktcore.ledger.hold import Hold, HoldState
from mktcore.ledger.ports import Ledger, LedgerUnit
from mktcore.ledger.transaction import Leg, PostedTransaction, Transaction
from mktcore.ledger.trial_balance import TrialBalance

__all__ = [
    "CHART",
    "Account",
    "AccountType",
    "Entry",
    "Funds",
    "Guard",
    "Hold",
    "HoldEnded",
    "HoldExceeded",
    "HoldState",
    "Ledger",
    "LedgerUnit",
    "Leg",
    "PostedTransaction",
    "Shortfall",
    "Side",
    "Transaction",
    "TransactionConflict",
    "TrialBalance",
]
