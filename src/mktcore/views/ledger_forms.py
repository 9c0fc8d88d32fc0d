"""The books as people are shown them: amounts stand as their account tells them, above zero on the side it grows on."""

from collections.abc import Callable, Iterable
from typing import Any

from mktcore.access import Permission
from mktcore.access.unit_checks import check_part
from mktcore.caller_scope import Party, Scope
from mktcore.ledger import Account, Funds
from mktcore.ledger.chart import Side
from mktcore.ledger.entry import Entry
from mktcore.ledger.funds import Shortfall
from mktcore.ledger.hold import Hold
from mktcore.ledger.transaction import Leg, PostedTransaction
from mktcore.ledger.trial_balance import TrialBalance, TrialRow
from mktcore.money import Money
from mktcore.persistence import NotFound
from mktcore.views.form import Form, field, maybe
from mktcore.views.plain_fields import find_label, plain_fields
from mktcore.views.shapes import INSTANT, MONEY, TEXT, Listed, Mapped

__all__ = ["ENTRY", "FUNDS", "HOLD", "POSTED_TRANSACTION", "SHORTFALL", "TRIAL_BALANCE"]

_SIDE = find_label(Side)


def _tell(leg: Entry | Leg) -> Money:
    return leg.account.to_balance(leg.amount.minor)


def _find_side(leg: Entry | Leg) -> Side:
    return Side.DEBIT if leg.amount.minor > 0 else Side.CREDIT


def _show_seen(name: str, find_accounts: Callable[[Any], Iterable[Account]]) -> Callable[[Any, Scope], Any]:
    """Return what shows a value of the books to those for whom one of its accounts exists."""

    def show(value: Any, scope: Scope) -> Any:
        caller = scope.caller
        check_part(caller, Permission.FINANCE)
        accounts = tuple(find_accounts(value))
        if not any(account.is_seen_by(caller) for account in accounts):
            raise NotFound(name, getattr(value, "id", "") or str(accounts[0]))
        return value

    return show


def _show_operators(value: Any, scope: Scope) -> Any:
    """Return what only the operator sees: legs of several parties."""
    check_part(scope.caller, Permission.FINANCE)
    if scope.caller.party is not Party.OPERATOR:
        raise NotFound("transaction", value.transaction.key)
    return value


ACCOUNT = Form(
    "Account",
    Account,
    (
        field("owner", TEXT, "Whose it is: operator, merchant:ID or buyer:ID."),
        field("name", TEXT, "Which of the chart."),
        field("currency", TEXT, "Of its amounts.", read="currency.code"),
    ),
    about="One account of the books.",
)
FUNDS = Form(
    "Funds",
    Funds,
    (
        field("account", ACCOUNT, "Which."),
        *plain_fields(Funds, "balance", "held", "limit"),
        maybe("available", MONEY, "What may still be taken; absent where nothing limits it."),
    ),
    show=_show_seen("account", lambda funds: [funds.account]),
)
_ROW = Form(
    "TrialRow",
    TrialRow,
    (
        field("name", TEXT, "Of the chart."),
        field("balance", MONEY, "The sum of its accounts, above zero on the side on which they grow."),
        field("debit", MONEY, "What stands on the debit side."),
        field("credit", MONEY, "What stands on the credit side."),
    ),
    about="All accounts of one name and currency together.",
)


def _show_figures(value: Any, scope: Scope) -> Any:
    check_part(scope.caller, Permission.FINANCE)
    return value


TRIAL_BALANCE = Form(
    "TrialBalance",
    TrialBalance,
    (
        field("rows", Listed(_ROW), "By name and currency."),
        field(
            "differences",
            Mapped(MONEY),
            "Debits less credits by currency; the operator's are zero.",
            read=lambda balance: {str(key): value for key, value in balance.differences.items()},
        ),
    ),
    # It is added up of the caller's own accounts, and names none of them.
    show=_show_figures,
)
SHORTFALL = Form(
    "Shortfall",
    Shortfall,
    (
        field("account", ACCOUNT, "Which account lacks it."),
        *plain_fields(Shortfall, "available", "asked"),
        field("missing", MONEY, "How much it lacks."),
    ),
    show=_show_seen("account", lambda shortfall: [shortfall.account]),
)
HOLD = Form(
    "Hold",
    Hold,
    (
        field("id", TEXT, "Its id."),
        field("debit", ACCOUNT, "The account that it would be debited to."),
        field("credit", ACCOUNT, "The account that it would be credited to."),
        *plain_fields(Hold, "amount", "expires_at", "state", "settled"),
    ),
    show=_show_seen("hold", lambda hold: [hold.debit, hold.credit]),
)
_LEG = Form(
    "Leg",
    Leg,
    (
        field("account", ACCOUNT, "Which."),
        field("amount", MONEY, "As the account tells it.", read=_tell),
        field("side", _SIDE, "Where it stands.", read=_find_side),
    ),
    about="One amount of a transaction.",
)
POSTED_TRANSACTION = Form(
    "PostedTransaction",
    PostedTransaction,
    (
        field("key", TEXT, "Under which it was posted.", read="transaction.key"),
        field("kind", TEXT, "What it is.", read="transaction.kind"),
        field("cause", TEXT, "What caused it.", read="transaction.cause"),
        field("total", MONEY, "The sum of its debits, and of its credits.", read="transaction.total"),
        field("legs", Listed(_LEG), "What it moves.", read="transaction.legs"),
        field("linked", Listed(TEXT), "Keys of the transactions that it belongs with.", read="transaction.linked"),
        field("effective_at", INSTANT, "From when on it counts.", read="transaction.effective_at"),
        field("posted_at", INSTANT, "When it was posted."),
    ),
    show=_show_operators,
)
ENTRY = Form(
    "Entry",
    Entry,
    (
        field("id", TEXT, "Its id."),
        field("account", ACCOUNT, "Which."),
        field("amount", MONEY, "As the account tells it.", read=_tell),
        field("side", _SIDE, "Where it stands.", read=_find_side),
        field("transaction", TEXT, "Key of the transaction that it is of."),
        *plain_fields(Entry, "kind", "cause", "effective_at", "posted_at"),
    ),
    about="One line of an account.",
    show=_show_seen("entry", lambda entry: [entry.account]),
)
