"""Asking carriers: one batch for each merchant, at once where an executor is given, each with its own deadline."""

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor
from datetime import timedelta
from typing import Protocol, TypeVar

import attrs

from mktcore.delivery.ports import AnsweredQuotes, ParcelQuery, QuoteAnswer, ShippingGateway, ShippingQuote
from mktcore.gateways import Declined, Succeeded, Unknown
from mktcore.money import Currency

__all__ = ["AskCarriers", "WaitFor"]

R = TypeVar("R")
QUOTE_DEADLINE = timedelta(seconds=2.5)
"""As long as a buyer waits for a page."""


class WaitFor(Protocol):
    """Waits for a call until its deadline."""

    def __call__(self, call: Callable[[], R], deadline: timedelta, *, whom: str) -> R:
        """Return what the call returns, or raise what it raises.

        Raises:
            TimeoutError: It was not done in time, and what comes of it is dropped; or who is called is late already.
        """
        ...


@attrs.frozen
class AskCarriers:
    """Asks the shipping gateway, outside of any transaction. Whatever goes wrong is an answer, too.

    Who answers late is without an answer, and nobody else is: every merchant has the whole deadline.

    Attributes:
        gateway: Who is asked.
        currency: In which quotes must be.
        within: Waits for an answer until its deadline.
        deadline: How long each merchant's batch may take.
        executor: Runs the batches at once, in threads; None asks one after the other.
    """

    gateway: ShippingGateway
    currency: Currency
    within: WaitFor = attrs.field(kw_only=True)
    deadline: timedelta = attrs.field(default=QUOTE_DEADLINE, kw_only=True)
    executor: Executor | None = attrs.field(default=None, kw_only=True)

    def __call__(self, queries: Sequence[ParcelQuery], /) -> AnsweredQuotes:
        """Return an answer to every query, by its key."""
        batches: dict[str, dict[str, ParcelQuery]] = {}
        for query in queries:
            batches.setdefault(query.merchant, {})[query.key] = query
        if self.executor is None:
            found = [self._ask(merchant, batch) for merchant, batch in batches.items()]
        else:
            asked = [self.executor.submit(self._ask, merchant, batch) for merchant, batch in batches.items()]
            found = [one.result() for one in asked]
        return {key: answer for answers in found for key, answer in answers.items()}

    def _ask(self, merchant: str, batch: Mapping[str, ParcelQuery]) -> AnsweredQuotes:
        try:
            answers = self.within(
                # A dict while the time runs: a lazy mapping would ask later, when nobody waits any more.
                lambda: dict(self.gateway.quote(merchant, tuple(batch.values()), deadline=self.deadline)),
                self.deadline,
                whom=merchant,
            )
        except TimeoutError:
            return dict.fromkeys(batch, Unknown(f"no answer within {self.deadline.total_seconds():g} s"))
        except Exception as error:  # noqa: BLE001 - a gateway is somebody else's code and may fail in any way
            # Its text is kept out: buyers read this, and it may hold what is the host's own.
            return dict.fromkeys(batch, Unknown(f"the gateway failed: {type(error).__name__}"))
        return {key: self._check(answers.get(key, Unknown("the answer leaves it out"))) for key in batch}

    def _check(self, answer: object) -> QuoteAnswer:
        """Return an answer that is one; whatever else came is none."""
        if isinstance(answer, Declined | Unknown):
            return answer
        if not isinstance(answer, Succeeded) or not isinstance(answer.value, ShippingQuote):
            return Unknown("the answer is no quote")
        amount = answer.value.amount
        if amount.currency != self.currency or amount.is_negative():
            return Unknown(f"the answer is no amount in {self.currency}")
        return answer
