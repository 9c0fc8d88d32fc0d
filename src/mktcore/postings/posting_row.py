"""Rows of the posting table: which accounts an event debits and credits, in symbols, and what they come to. Pure."""

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from hashlib import blake2b

import attrs

from mktcore.errors import InvalidValue
from mktcore.ledger import CHART, Account, Hold, Leg, Transaction
from mktcore.ledger.transaction import MAX_KEY_LENGTH
from mktcore.money import Money
from mktcore.persistence import Party, Scope
from mktcore.postings.merchant_position import MerchantPosition

__all__ = ["Occasion", "PostingParties", "Row", "RowPart"]

_NAMES = {one.code: one.name for one in CHART.values()}
_TERM = re.compile(r"([+-]?)([A-Za-z]'?)")
_LANDINGS = {"take": "pending", "give": "pending", "give-available": "available"}
"""Words that stand for several accounts of a merchant, by what it has: `MerchantPosition`; where a rest lands."""
SOURCES = ("clearing", "prepaid", "buyer_credit", "buyer_debt")
"""What `source` may stand for: where the buyer's money comes from, and where it goes back to."""


@attrs.frozen
class Occasion:
    """Why something is posted.

    Attributes:
        key: What makes it one; the keys of its transactions begin with it, so the same occasion is posted once.
        at: When it counts, UTC.
        cause: Id of what it follows from, such as the order.
    """

    key: str
    at: datetime
    cause: str

    def name_key(self, event: str) -> str:
        """Return the key of a transaction: a digest takes the place of one that would be too long."""
        key = f"{self.key}/{event}"
        if len(key) <= MAX_KEY_LENGTH:
            return key
        return f"{blake2b(self.key.encode(), digest_size=20).hexdigest()}/{event}"


@attrs.frozen
class PostingParties:
    """Whose accounts an event moves, beside the marketplace's own.

    Attributes:
        merchant: The merchant's position; None where no merchant's money moves.
        buyer: The buyer's id; None where no buyer's money moves.
        source: The name of the account that `source` stands for, and of whom: the buyer's, or the clearing account.
    """

    merchant: MerchantPosition | None = None
    buyer: str | None = None
    source: str = "clearing"

    def get_account(self, name: str, amount: Money) -> Account:
        """Return the account of this name of the party that owns such accounts.

        Raises:
            InvalidValue: No such party takes part.
        """
        party = CHART[name].party
        if party is Party.OPERATOR:
            return Account(Account.OPERATOR, name, amount.currency)
        id_ = self.buyer if party is Party.BUYER else self._name_merchant()
        if id_ is None:
            raise InvalidValue("PostingParties", str(party), None, f"whose {name} it is")
        return Account(str(Scope(party, id_)), name, amount.currency)

    def _name_merchant(self) -> str | None:
        return None if self.merchant is None else self.merchant.merchant


@attrs.frozen
class RowPart:
    """One entry of a row: an account or a word for some, and an amount in symbols.

    >>> RowPart.parse("give P+B-T").terms
    ((1, 'P'), (1, 'B'), (-1, 'T'))

    Attributes:
        word: The code of an account of the chart, `source`, `take` or `give`.
        terms: Signs and symbols.
    """

    word: str
    terms: tuple[tuple[int, str], ...]

    @classmethod
    def parse(cls, text: str) -> "RowPart":
        """Read an entry of the table."""
        word, amount = text.split()
        return cls(word, tuple((-1 if sign == "-" else 1, symbol) for sign, symbol in _TERM.findall(amount)))

    def compute(self, amounts: Mapping[str, Money]) -> Money:
        """Return its amount, by the amounts of the symbols."""
        return Money.sum([amounts[symbol] * sign for sign, symbol in self.terms])

    def spread(self, amount: Money, parties: PostingParties) -> dict[str, int]:
        """Return what of its amount goes to which accounts, by name: below zero where it is on the other side."""
        if self.word == "source":
            return {parties.source: amount.minor}
        if self.word not in _LANDINGS:
            return {_NAMES[self.word]: amount.minor}
        if parties.merchant is None:
            raise InvalidValue("PostingParties", "merchant", None, f"whose accounts to {self.word}")
        # Taking less than nothing is giving, and the other way round.
        takes = (self.word == "take") is (amount.minor > 0)
        if takes:
            parts = parties.merchant.take(abs(amount.minor))
        else:
            parts = parties.merchant.give(abs(amount.minor), into=_LANDINGS[self.word])
        return {name: part if amount.minor > 0 else -part for name, part in parts.items()}


def _parse_all(text: str) -> tuple[RowPart, ...]:
    return tuple(RowPart.parse(part) for part in text.split(", "))


@attrs.frozen
class Row:
    """An event of the posting table, with what it debits and credits.

    Whatever the amounts, debits equal credits: symbol by symbol the two sides are the same.

    Attributes:
        event: Its name, the kind of its transactions.
        debits: What it debits, as `"OF P+S, PR B"`.
        credits: What it credits.
        title: What happens, for people.
        is_hold: It only sets aside.
    """

    event: str
    debits: tuple[RowPart, ...] = attrs.field(converter=_parse_all)
    credits: tuple[RowPart, ...] = attrs.field(converter=_parse_all)
    title: str = attrs.field(kw_only=True)
    is_hold: bool = attrs.field(default=False, kw_only=True)

    def fill(
        self, occasion: Occasion, amounts: Mapping[str, Money], parties: PostingParties
    ) -> tuple[Transaction, ...]:
        """Return the transaction that the row comes to; none where nothing moves.

        Args:
            occasion: Why it is posted.
            amounts: By symbol, all of one currency. One below zero stands on the other side.
            parties: Whose accounts are moved.
        """
        legs = [
            *self._list_legs(self.debits, amounts, parties),
            *self._list_legs(self.credits, amounts, parties, sign=-1),
        ]
        if not legs:
            return ()
        key = occasion.name_key(self.event)
        return (Transaction(key, self.event, legs, effective_at=occasion.at, cause=occasion.cause),)

    def set_aside(
        self, occasion: Occasion, amount: Money, parties: PostingParties, *, expires_at: datetime | None
    ) -> tuple[Hold, ...]:
        """Return the hold that the row comes to."""
        [debit] = self._list_legs(self.debits, {"x": amount}, parties)
        [credit] = self._list_legs(self.credits, {"x": amount}, parties)
        hold = Hold(occasion.name_key(self.event), debit.account, credit.account, amount=amount, expires_at=expires_at)
        return (hold,)

    @staticmethod
    def _list_legs(
        parts: tuple[RowPart, ...], amounts: Mapping[str, Money], parties: PostingParties, *, sign: int = 1
    ) -> Iterator[Leg]:
        for part in parts:
            amount = part.compute(amounts)
            for name, minor in part.spread(amount, parties).items():
                if minor:
                    yield Leg(parties.get_account(name, amount), Money.from_minor(minor * sign, amount.currency))
