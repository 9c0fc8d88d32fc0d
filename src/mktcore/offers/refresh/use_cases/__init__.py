"""Keeping offers fresh: noting what merchants say has changed, and asking them for it."""

from mktcore.offers.refresh.use_cases.fetch_answers import FetchAnswers, NoMerchantGateway
from mktcore.offers.refresh.use_cases.notifications import ChangedItem, NotBound, NoteChanges, NotedItem

__all__ = ["ChangedItem", "FetchAnswers", "NoMerchantGateway", "NotBound", "NoteChanges", "NotedItem"]
