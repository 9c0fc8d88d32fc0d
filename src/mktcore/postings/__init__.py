"""Postings: what each event of the business moves in the ledger. Pure functions, one for each row of one table.

`POSTING_TABLE` declares the rows. The functions of the rows stand in `sale_postings`, `refund_postings`,
`payout_postings`, `buyer_postings` and `currency_exchange`; `order_postings` composes them for what an order does.
"""

from mktcore.postings.earned_share import Progress, find_standing
from mktcore.postings.line_funds import FundedPieces, Pool, to_charge_key
from mktcore.postings.merchant_position import MerchantPosition
from mktcore.postings.order_funds import ORDER_FUNDS, OrderFunds, PieceCounts
from mktcore.postings.order_postings import SaleBooks, post_order_event, post_placement
from mktcore.postings.posting_row import Occasion, PostingParties, Row
from mktcore.postings.posting_table import POSTING_TABLE
from mktcore.postings.sale_figures import SaleFigures, find_figures, find_progress

__all__ = [
    "ORDER_FUNDS",
    "POSTING_TABLE",
    "FundedPieces",
    "MerchantPosition",
    "Occasion",
    "OrderFunds",
    "PieceCounts",
    "Pool",
    "PostingParties",
    "Progress",
    "Row",
    "SaleBooks",
    "SaleFigures",
    "find_figures",
    "find_progress",
    "find_standing",
    "post_order_event",
    "post_placement",
    "to_charge_key",
]
