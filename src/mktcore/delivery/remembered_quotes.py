"""Answers of carriers for one placement: asked once, before its transaction, and answered from memory within it."""

from collections.abc import Sequence

import attrs

from mktcore.delivery.ports import AnsweredQuotes, AskQuotes, ParcelQuery, QuoteAnswer
from mktcore.gateways import Unknown

__all__ = ["RememberedQuotes"]


@attrs.frozen
class RememberedQuotes:
    """What was answered, by the key of its query.

    Attributes:
        asked: Who is asked.
    """

    asked: AskQuotes
    _answers: dict[str, QuoteAnswer] = attrs.field(init=False, factory=dict, repr=False)

    def ask(self, queries: Sequence[ParcelQuery], /) -> AnsweredQuotes:
        """Ask, and remember what is answered."""
        found = self.asked(queries)
        self._answers.update(found)
        return found

    def answer(self, queries: Sequence[ParcelQuery], /) -> AnsweredQuotes:
        """Return what was answered; a parcel that came to be another one since has no answer, and nobody is asked."""
        changed = Unknown("the parcel changed since it was asked about")
        return {query.key: self._answers.get(query.key, changed) for query in queries}
