"""Receiving what merchants send: one item or many, again when it changed, and the end of one."""

from collections.abc import Callable, Sequence
from typing import TypeVar

import attrs

from mktcore.access import Permission, check_permission
from mktcore.catalog.store_changes import Signature
from mktcore.errors import MktcoreError
from mktcore.merchant_items.check_item import ItemRefused
from mktcore.merchant_items.decide_item import receive_item
from mktcore.merchant_items.drop_faulty_fields import sift_item
from mktcore.merchant_items.item_policy import ItemPolicy, find_policies
from mktcore.merchant_items.merchant_item import MERCHANT_ITEMS, ItemState, MerchantItem, ReceivedItem, to_record_id
from mktcore.merchant_items.ports import EndBinding
from mktcore.merchant_items.store_items import ItemReception, store_received, store_removed
from mktcore.merchant_items.use_cases.row_outcomes import ItemOutcome, check_row_count
from mktcore.money import Currency
from mktcore.notice import Notice
from mktcore.parties import MERCHANTS, Activity
from mktcore.parties.onboarding.check_merchant_activity import check_caller
from mktcore.persistence import NotFound, Retryable, Scope, UniqueViolation, WritingUnit
from mktcore.runtime import Runtime
from mktcore.telemetry import watched

__all__ = ["ReceiveItems"]

MAX_RECEIVED = 500
"""Items in one call: what one transaction stores before others wait for it."""
R = TypeVar("R")


# Without slots, because `MerchantItems` is made of several classes like this one, each with the same fields.
@watched
@attrs.frozen(slots=False)
class ReceiveItems:
    """What merchants send.

    Attributes:
        runtime: Where items are kept, and what time it is.
        currency: The marketplace's.
        end_binding: Told, in the same transaction, of the merchant and item whose binding ends.
    """

    runtime: Runtime[WritingUnit]
    currency: Currency = attrs.field(kw_only=True)
    end_binding: EndBinding | None = attrs.field(default=None, kw_only=True)

    def receive(self, item: MerchantItem, *, scope: Scope) -> ReceivedItem:
        """Take an item that a merchant sends, anew or again; sending the same again changes nothing.

        A field that cannot be read does not keep the item out: see `sift_item`, and `ReceivedItem.problems`.

        While nobody decided, it takes the place of what was sent before. A bound item is kept as sent last and told to
        whoever follows its price and stock; its SKU stays as it is. An unbound one is kept, and told to nobody.

        Raises:
            ItemRefused: Its own id cannot be one, or it lacks what the marketplace asks for; everything that is wrong
                with it is told at once.
            ItemDenied: It was denied, and is sent changed.
            NotFound: The caller is another merchant, or there is no such merchant.
            PermissionDenied, ActivityRefused: The caller may not send items.
        """
        check_permission(scope, Permission.CATALOG)

        def write(unit: WritingUnit) -> ReceivedItem:
            policy = self._open_for(unit, item.merchant, scope)
            # After the question who sends: a stranger's item is not judged at all.
            sifted = sift_item(item, policy.required, self.currency)
            if sifted.is_refused:
                raise ItemRefused(sifted.problems)
            known = unit.repository(MERCHANT_ITEMS).find(item.id)
            received, reception = receive_item(known, sifted.item, now=self.runtime.now(), problems=sifted.lines)
            [stored] = store_received(unit, [ItemReception(known, received, reception)], self._sign(scope))
            return stored

        return self.runtime.run(scope.to_operator(), lambda unit: _retry_when_raced(unit, write)).view_for(scope)

    def receive_many(self, items: Sequence[MerchantItem], *, scope: Scope) -> tuple[ItemOutcome, ...]:
        """Take up to 500 items at once: each row stands alone, and says what is wrong with it.

        A row whose own id cannot be one, or that lacks what the marketplace asks for, is refused: `received` is None.
        Any other is received without what cannot be kept of it, and `problems` tells what that is.

        Raises:
            TooManyRows: There are more.
            NotFound, PermissionDenied, ActivityRefused: As for `receive`; nothing was taken.
        """
        check_permission(scope, Permission.CATALOG)
        check_row_count(items, MAX_RECEIVED)

        def write(unit: WritingUnit) -> tuple[ItemOutcome, ...]:
            policies = {name: self._open_for(unit, name, scope) for name in {item.merchant for item in items}}
            known = unit.repository(MERCHANT_ITEMS).find_many([item.id for item in items])
            outcomes: list[ItemOutcome] = []
            receptions: list[ItemReception] = []
            seen: set[str] = set()
            for item in items:
                outcome = self._receive_row(item, known.get(item.id), policy=policies[item.merchant], seen=seen)
                outcomes.append(outcome)
                if outcome.received is not None and outcome.reception is not None:
                    receptions.append(ItemReception(known.get(item.id), outcome.received, outcome.reception))
            stored = {one.id: one.view_for(scope) for one in store_received(unit, receptions, self._sign(scope))}
            return tuple(
                attrs.evolve(one, received=stored[one.id]) if one.received is not None else one for one in outcomes
            )

        return self.runtime.run(scope.to_operator(), lambda unit: _retry_when_raced(unit, write))

    def _receive_row(
        self, item: MerchantItem, known: ReceivedItem | None, *, policy: ItemPolicy, seen: set[str]
    ) -> ItemOutcome:
        sifted = sift_item(item, policy.required, self.currency)
        problems, is_refused = sifted.problems, sifted.is_refused
        # The second would be compared with what was stored before the first, and the last of both would win.
        if item.id in seen:
            twice = f"item {item.item_id} is there twice"
            problems += (Notice("catalog.item-twice", "item_id", twice, remedy="send it once"),)
            is_refused = True
        if is_refused:
            return ItemOutcome(item.id, problems=problems)
        seen.add(item.id)
        try:
            received, reception = receive_item(known, sifted.item, now=self.runtime.now(), problems=sifted.lines)
            return ItemOutcome(item.id, received, reception, problems=problems)
        except MktcoreError as error:
            return ItemOutcome(item.id, problems=(error.to_notice(),))

    def remove(self, merchant: str, item_id: str, *, scope: Scope) -> ReceivedItem:
        """Note that a merchant no longer sells an item; a binding ends with it, and its history stays.

        Removing twice is harmless. Sent again, it is received like a new one.

        Raises:
            NotFound: There is no such item, or it is another merchant's.
            PermissionDenied, ActivityRefused: The caller may not.
        """
        check_permission(scope, Permission.CATALOG)

        def write(unit: WritingUnit) -> ReceivedItem:
            self._open_for(unit, merchant, scope)
            known = unit.repository(MERCHANT_ITEMS).get(to_record_id(merchant, item_id))
            if known.state is ItemState.REMOVED:
                return known
            signature = self._sign(scope)
            if self.end_binding is not None:
                self.end_binding(unit, merchant, known.item.item_id, at=signature.at)
            return store_removed(unit, known, signature)

        return self.runtime.run(scope.to_operator(), write).view_for(scope)

    def _open_for(self, unit: WritingUnit, merchant: str, scope: Scope) -> ItemPolicy:
        """Let the merchant and the operator in, while the merchant's life lets it prepare items; return its policy."""
        if not scope.covers(merchant=merchant):
            raise NotFound(MERCHANTS.name, merchant)
        unit.repository(MERCHANTS).get(merchant)
        check_caller(unit, scope, Activity.EDIT, now=self.runtime.now())
        return find_policies(unit, [merchant])[merchant]

    def _sign(self, scope: Scope) -> Signature:
        return Signature(scope, self.runtime.now())


def _retry_when_raced(unit: WritingUnit, write: Callable[[WritingUnit], R]) -> R:
    """Do the work; what another unit added of the items since this one looked is a reason to look again."""
    try:
        return write(unit)
    except UniqueViolation as error:
        # The same item sent twice at once: the second finds the first as known, instead of being refused.
        if error.kind != MERCHANT_ITEMS.name:
            raise
        raise Retryable(error.describe()) from error
