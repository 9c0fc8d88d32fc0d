"""Keeping offers fresh: what merchants say has changed is fetched from them, and stored."""

from mktcore.offers.refresh.apply_answer import AnswerOutcome, apply_answer
from mktcore.offers.refresh.last_answer import FRESHNESS, Freshness, Unavailability
from mktcore.offers.refresh.pending_refresh import PENDING_REFRESHES, PendingRefresh
from mktcore.offers.refresh.ports import ItemAnswer, ItemTerms, MerchantGateway
from mktcore.offers.refresh.refresh_policy import RefreshPolicy, RefreshReport
from mktcore.offers.refresh.use_cases.fetch_answers import FetchAnswers, NoMerchantGateway
from mktcore.offers.refresh.use_cases.notifications import ChangedItem, NotBound, NoteChanges, NotedItem

__all__ = [
    "FRESHNESS",
    "PENDING_REFRESHES",
    "AnswerOutcome",
    "ChangedItem",
    "FetchAnswers",
    "Freshness",
    "ItemAnswer",
    "ItemTerms",
    "MerchantGateway",
    "NoMerchantGateway",
    "NotBound",
    "NoteChanges",
    "NotedItem",
    "PendingRefresh",
    "RefreshPolicy",
    "RefreshReport",
    "Unavailability",
    "apply_answer",
]
