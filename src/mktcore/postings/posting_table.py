"""The one posting table: every event that moves money, with what it debits and credits.

Accounts stand by their codes (`mktcore.ledger.CHART`). `take` debits what a merchant has (pending, available, reserve,
in this order) and the rest as its debt; `give` settles its debt first. `source` is where the buyer's money comes from.
"""

from collections.abc import Iterator

from mktcore.postings.posting_row import Row, RowPart

__all__ = [
    "ACCOUNT_PAID",
    "AUTHORISATION",
    "BAD_DEBT",
    "BILL_REVERSED",
    "CANCELLATION",
    "CAPTURE",
    "CHARGEBACK",
    "CHARGEBACK_LOST",
    "CHARGEBACK_WON",
    "COMMISSION",
    "COMMISSION_BILLED",
    "DEBT_PAID",
    "DEBT_WRITTEN_OFF",
    "DEPOSIT_APPLIED",
    "DEPOSIT_RETURNED",
    "DEPOSIT_TAKEN",
    "EARNING",
    "ESCROW_FUNDED",
    "ESCROW_REFUNDED",
    "ESCROW_RELEASED",
    "EXCHANGE_BOUGHT",
    "EXCHANGE_SOLD",
    "FEE_PASSED_ON",
    "FORFEIT",
    "GATEWAY_FEE",
    "GOODWILL",
    "OWN_CHARGE_REFUND",
    "PAYOUT_DECLINED",
    "PAYOUT_PAID",
    "PAYOUT_RETURNED",
    "PAYOUT_SENT",
    "POSTING_TABLE",
    "PROMOTION_OWED",
    "REFUND",
    "REFUND_EXECUTED",
    "RELEASE",
    "RESERVE",
    "RESERVE_END",
    "SWEEP",
    "TAX_REMITTED",
    "TOP_UP",
    "WITHDRAWAL",
    "draw_table",
]

SALE = "take R+b-t-c'-v', CI c', VT v', TX t"
"""What a sale that is undone gives back, whoever the money goes to."""

# Each row is read as in the document that it comes from: event, debits, credits.
AUTHORISATION = Row("authorisation", "source x", "OF x", title="money is set aside: a hold", is_hold=True)
CAPTURE = Row("capture", "source x", "OF x", title="the buyer pays")
GATEWAY_FEE = Row("gateway-fee", "GF x", "CL x", title="a payment provider keeps its fee")
FEE_PASSED_ON = Row("gateway-fee-passed-on", "take x", "GF x", title="the merchant bears the provider's fee")
CANCELLATION = Row("cancellation", "OF x", "RD x", title="what was not earned is canceled")
EARNING = Row("earning", "OF P+S+s, PR B", "give P+B-T, TX T, SI S, VT s", title="goods leave, and are earned")
COMMISSION = Row("commission", "take c+v", "CI c, VT v", title="the marketplace takes its commission")
COMMISSION_BILLED = Row("commission-billed", "MR c+v", "CI c, VT v", title="commission, where the merchant is paid")
PROMOTION_OWED = Row("promotion-owed", "PR B", "give-available B", title="our share of a promotion, likewise")
BILL_REVERSED = Row("bill-reversed", "CI c', VT v', MR b", "give-available c'+v', PR b", title="its refund, likewise")
RELEASE = Row("release", "PE x", "AV x", title="what is pending becomes available")
RESERVE = Row("reserve", "AV x", "RS x", title="a part is kept back")
RESERVE_END = Row("reserve-end", "RS x", "AV x", title="what was kept back becomes available")
PAYOUT_SENT = Row("payout-sent", "AV x", "IT x", title="a payout is on its way")
PAYOUT_PAID = Row("payout-paid", "IT x", "BK x", title="it has arrived")
PAYOUT_DECLINED = Row("payout-declined", "IT x", "give-available x", title="it never left")
PAYOUT_RETURNED = Row("payout-returned", "BK x", "give-available x", title="it came back after it had arrived")
SWEEP = Row("sweep", "BK x", "CL x", title="the provider pays out to the bank")
REFUND = Row("refund", SALE, "PR b, RD R", title="a refund is decided, before or after the payout")
OWN_CHARGE_REFUND = Row("own-charge-refund", "SI S, VT s", "RD S+s", title="an own charge is given back")
REFUND_EXECUTED = Row("refund-executed", "RD x", "source x", title="the refund reaches the buyer")
GOODWILL = Row("goodwill", "LO x", "RD x", title="the marketplace gives what nobody owes")
CHARGEBACK = Row("chargeback", "DS x", "CL x", title="the provider takes disputed money back")
CHARGEBACK_LOST = Row("chargeback-lost", SALE, "PR b, DS R", title="a dispute is lost, in whole or in part")
CHARGEBACK_WON = Row("chargeback-won", "CL x", "DS x", title="a dispute is won")
DEBT_PAID = Row("merchant-debt-paid", "BK x", "MR x", title="a merchant pays what it owes")
DEBT_WRITTEN_OFF = Row("merchant-debt-written-off", "LO x", "MR x", title="the marketplace gives up a merchant's debt")
ESCROW_FUNDED = Row("escrow-funded", "CL x", "ES x", title="a buyer funds an escrow")
ESCROW_RELEASED = Row("escrow-released", "ES x", "give-available x", title="it goes to the merchant")
ESCROW_REFUNDED = Row("escrow-refunded", "ES x", "RD x", title="it goes back to the buyer")
DEPOSIT_TAKEN = Row("deposit-taken", "CL x", "DP x", title="a buyer leaves a deposit")
DEPOSIT_APPLIED = Row("deposit-applied", "DP x", "OF x", title="it pays for an order")
DEPOSIT_RETURNED = Row("deposit-returned", "DP x", "RD x", title="it goes back to the buyer")
FORFEIT = Row("forfeit", "DP D", "give-available m, FI D-m-w, VT w", title="a deposit is forfeited")
TOP_UP = Row("top-up", "CL x", "source x", title="a buyer pays in beforehand")
WITHDRAWAL = Row("withdrawal", "PP x", "RD x", title="a buyer takes prepaid money out")
ACCOUNT_PAID = Row("account-paid", "BK x", "AR x", title="goods on account are paid")
BAD_DEBT = Row("bad-debt", "LO x", "AR x", title="goods on account are never paid")
EXCHANGE_SOLD = Row("exchange-sold", "AV n+x", "FX n, SI x", title="an exchange: what is given, and the spread")
EXCHANGE_BOUGHT = Row("exchange-bought", "FX m", "AV m", title="the same exchange: what is got")
TAX_REMITTED = Row("tax-remitted", "TX T, VT v", "BK T+v", title="the authority gets what it is owed")

POSTING_TABLE: tuple[Row, ...] = (
    AUTHORISATION,
    CAPTURE,
    GATEWAY_FEE,
    FEE_PASSED_ON,
    CANCELLATION,
    EARNING,
    COMMISSION,
    COMMISSION_BILLED,
    PROMOTION_OWED,
    BILL_REVERSED,
    RELEASE,
    RESERVE,
    RESERVE_END,
    PAYOUT_SENT,
    PAYOUT_PAID,
    PAYOUT_DECLINED,
    PAYOUT_RETURNED,
    SWEEP,
    REFUND,
    OWN_CHARGE_REFUND,
    REFUND_EXECUTED,
    GOODWILL,
    CHARGEBACK,
    CHARGEBACK_LOST,
    CHARGEBACK_WON,
    DEBT_PAID,
    DEBT_WRITTEN_OFF,
    ESCROW_FUNDED,
    ESCROW_RELEASED,
    ESCROW_REFUNDED,
    DEPOSIT_TAKEN,
    DEPOSIT_APPLIED,
    DEPOSIT_RETURNED,
    FORFEIT,
    TOP_UP,
    WITHDRAWAL,
    ACCOUNT_PAID,
    BAD_DEBT,
    EXCHANGE_SOLD,
    EXCHANGE_BOUGHT,
    TAX_REMITTED,
)
"""All of it, in order."""


def draw_table() -> str:
    """Return the table as the documents show it."""
    lines = ["| event | debit | credit | what happens |", "|---|---|---|---|"]
    lines += [f"| `{row.event}` | {_tell(row.debits)} | {_tell(row.credits)} | {row.title} |" for row in POSTING_TABLE]
    return "\n".join(lines) + "\n"


def _tell(parts: tuple[RowPart, ...]) -> str:
    return ", ".join(f"{part.word} {''.join(_tell_terms(part))}" for part in parts)


def _tell_terms(part: RowPart) -> Iterator[str]:
    for place, (sign, symbol) in enumerate(part.terms):
        yield ("" if not place else " + " if sign > 0 else " - ") + symbol
